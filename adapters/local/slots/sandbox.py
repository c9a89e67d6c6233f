"""Decides how a build process is started: nothing here touches the machine.

The result is data: an argument list that may be shown in a process list, and a private list that
bubblewrap reads from a file descriptor, because the environment in it carries the build token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

BUILD = "/build"
HOME = "/home/build"
SOCKET = "/run/clouddeck/proxy.sock"
RUNNER = "/opt/clouddeck/runner.pyz"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
SHARED_MEMORY_BYTES = 64 * 1024 * 1024

# The launcher enters the control groups before anything else runs: no fork can slip out between
# start and move. Core dumps would be written into the workspace, so there are none. When the whole
# machine runs out of memory, builds are what the kernel ends first.
LAUNCH = (
    "ulimit -c 0; { echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null; "
    'while [ "$1" != -- ]; do echo 0 > "$1" || exit 97; shift; done; shift; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Tools:
    """What this machine offers for sandboxes; an empty path is a tool that is missing."""

    bwrap: str
    setpriv: str
    disable_userns: bool
    python: str
    prefixes: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one build lives on the host.

    `build`, `tmp` and `home` are host folders; None means memory disks made by the sandbox itself,
    each at most `disk_bytes`.
    """

    runner: str
    socket: str
    etc: str
    disk_bytes: int
    build: str | None = None
    tmp: str | None = None
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the build is outside: a uid of its own, or None for the user of this process."""

    uid: int | None = None
    group_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Numbers of the open files that bubblewrap inherits."""

    arguments: int
    seccomp: int | None


def sandboxed(
    tools: Tools, place: Place, identity: Identity, descriptors: Descriptors
) -> tuple[str, ...]:
    """The start of a build inside bubblewrap, after dropping to the slot's own uid."""
    argv = [*launcher(identity.group_files)]
    if identity.uid is not None:
        uid = str(identity.uid)
        argv += [tools.setpriv, "--reuid", uid, "--regid", uid, "--clear-groups"]
        argv += ["--no-new-privs"]
    argv += [tools.bwrap, "--args", str(descriptors.arguments)]
    if descriptors.seccomp is not None:
        argv += ["--seccomp", str(descriptors.seccomp)]
    argv += [*_root(tools), *_etc(place), *_devices(), *_writable(place), *_isolation(tools)]
    return (*argv, "--", tools.python, "-I", RUNNER)


def private_arguments(env: Mapping[str, str]) -> tuple[str, ...]:
    """What bubblewrap reads from its arguments descriptor: the environment and nothing else."""
    private = ["--clearenv"]
    for name, value in sorted(env.items()):
        private += ["--setenv", name, value]
    return tuple(private)


def plain(python: str, runner: str, group_files: tuple[str, ...]) -> tuple[str, ...]:
    """The start of a trusted build as an ordinary process: no sandbox."""
    return (*launcher(group_files), python, "-I", runner)


def replaced(place: Place, program: str) -> Place:
    """The same place with another program where the runner stands."""
    return replace(place, runner=program)


def without_socket(place: Place) -> Place:
    """The same place with no way out at all."""
    return replace(place, socket="")


def launcher(group_files: tuple[str, ...]) -> tuple[str, ...]:
    """A shell that enters the control groups (paths of `cgroup.procs`) and becomes the rest."""
    return ("/bin/sh", "-c", LAUNCH, "launch", *group_files, "--")


def environment(
    given: Mapping[str, str], tools: Tools, *, sandboxed: bool, home: str
) -> dict[str, str]:
    """The whole environment of a build: what the order gives plus what any tool needs."""
    folders = [str(Path(tools.python).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    folders += [f"{target}/bin" for _, target in tools.prefixes]
    env = {
        "PATH": ":".join(dict.fromkeys(folders)),
        "HOME": home,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **given,
    }
    if sandboxed:
        env |= {"TMPDIR": "/tmp", "CLOUDDECK_PROXY_SOCKET": SOCKET}  # noqa: S108  # inside the sandbox
    if Path(CA_BUNDLE).exists():
        for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
            env.setdefault(name, CA_BUNDLE)
    return env


def _root(tools: Tools) -> list[str]:
    arguments = ["--ro-bind", "/usr", "/usr"]
    for target, link in tools.links:
        arguments += ["--symlink", target, link]
    for source, target in tools.prefixes:
        arguments += ["--ro-bind", source, target]
    return arguments


def _etc(place: Place) -> list[str]:
    arguments: list[str] = []
    for name in ("passwd", "group", "hosts", "nsswitch.conf"):
        arguments += ["--ro-bind", f"{place.etc}/{name}", f"/etc/{name}"]
    for path in ("/etc/ssl", "/etc/pki", "/etc/alternatives", "/etc/ld.so.cache"):
        arguments += ["--ro-bind-try", path, path]
    return arguments


def _devices() -> list[str]:
    """/proc and /dev; /dev is writable memory by default, so it is sealed after /dev/shm."""
    shared = ["--size", str(SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm"]  # noqa: S108  # inside the sandbox
    return ["--proc", "/proc", "--dev", "/dev", *shared, "--remount-ro", "/dev"]


def _writable(place: Place) -> list[str]:
    arguments: list[str] = []
    for source, target in ((place.build, BUILD), (place.tmp, "/tmp"), (place.home, HOME)):  # noqa: S108  # inside the sandbox
        if source is None:
            arguments += ["--size", str(place.disk_bytes), "--tmpfs", target]
        else:
            arguments += ["--bind", source, target]
    arguments += ["--ro-bind", place.runner, RUNNER]
    if place.socket:
        arguments += ["--ro-bind", place.socket, SOCKET]
    return [*arguments, "--remount-ro", "/", "--chdir", BUILD]


def _isolation(tools: Tools) -> list[str]:
    # Without --as-pid-1 a process of bubblewrap's stays inside, with the build token in its memory,
    # which the build may read because it has the same user.
    arguments = ["--unshare-all", "--unshare-user", "--as-pid-1"]
    if tools.disable_userns:
        arguments += ["--disable-userns"]
    arguments += ["--hostname", "build", "--die-with-parent", "--new-session"]
    return [*arguments, "--cap-drop", "ALL"]
