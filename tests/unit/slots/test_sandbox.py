"""How a build is started, as data."""

from adapters.local.slots import sandbox

TOOLS = sandbox.Tools(
    bwrap="/usr/bin/bwrap",
    setpriv="/usr/bin/setpriv",
    disable_userns=True,
    python="/opt/py/bin/python3.11",
    prefixes=(("/run/x/tool-0", "/opt/py"),),
    links=(("usr/bin", "/bin"), ("usr/lib", "/lib")),
)
PLACE = sandbox.Place(
    runner="/run/x/runner.pyz",
    socket="/run/x/slot-0/proxy.sock",
    etc="/run/x/slot-0/etc",
    disk_bytes=1024,
    build="/run/x/slot-0/disk/build",
    tmp="/run/x/slot-0/disk/tmp",
    home="/run/x/slot-0/disk/home",
)
FDS = sandbox.Descriptors(arguments=5, seccomp=6)


def pairs(argv: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    return [(argv[i + 1], argv[i + 2]) for i, word in enumerate(argv) if word == option]


def test_groups_come_first_then_the_uid_then_the_sandbox() -> None:
    who = sandbox.Identity(uid=700001, group_files=("/cg/memory/cgroup.procs",))
    argv = sandbox.sandboxed(TOOLS, PLACE, who, FDS)
    assert argv[:6] == (
        "/bin/sh", "-c", sandbox.LAUNCH, "launch", "/cg/memory/cgroup.procs", "--",
    )  # fmt: skip
    assert argv[6:13] == (
        "/usr/bin/setpriv", "--reuid", "700001", "--regid", "700001", "--clear-groups",
        "--no-new-privs",
    )  # fmt: skip
    assert argv[13:18] == ("/usr/bin/bwrap", "--args", "5", "--seccomp", "6")
    assert argv[-4:] == ("--", "/opt/py/bin/python3.11", "-I", sandbox.RUNNER)


def test_the_isolation_is_complete() -> None:
    argv = sandbox.sandboxed(TOOLS, PLACE, sandbox.Identity(uid=1), FDS)
    for option in (
        "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent",
        "--new-session",
    ):  # fmt: skip
        assert option in argv
    assert "--share-net" not in argv
    assert argv[argv.index("--cap-drop") + 1] == "ALL"
    assert [word for i, word in enumerate(argv) if argv[i - 1] == "--remount-ro"] == ["/dev", "/"]


def test_only_the_workspace_is_writable() -> None:
    argv = sandbox.sandboxed(TOOLS, PLACE, sandbox.Identity(uid=1), FDS)
    assert {target for _, target in pairs(argv, "--bind")} == {"/build", "/tmp", "/home/build"}
    assert ("/run/x/tool-0", "/opt/py") in pairs(argv, "--ro-bind")
    assert (PLACE.socket, sandbox.SOCKET) in pairs(argv, "--ro-bind")
    assert argv.index("--bind") < len(argv) - 1 - argv[::-1].index("--remount-ro")


def test_without_root_the_sandbox_makes_its_own_disks() -> None:
    place = sandbox.Place(runner="r", socket="", etc="e", disk_bytes=77)
    argv = sandbox.sandboxed(TOOLS, place, sandbox.Identity(), sandbox.Descriptors(5, None))
    assert "/usr/bin/setpriv" not in argv
    assert "--seccomp" not in argv
    assert sandbox.SOCKET not in argv
    sized = [argv[i + 1 : i + 4] for i, word in enumerate(argv) if word == "--size"]
    assert ("77", "--tmpfs", "/build") in sized


def test_the_token_is_only_in_the_private_arguments() -> None:
    env = sandbox.environment(
        {"CLOUDDECK_BUILD_TOKEN": "tok_secret"}, TOOLS, sandboxed=True, home=sandbox.HOME
    )
    argv = sandbox.sandboxed(TOOLS, PLACE, sandbox.Identity(uid=1), FDS)
    assert not any("tok_secret" in word for word in argv)
    private = sandbox.private_arguments(env)
    assert private[0] == "--clearenv"
    assert "tok_secret" in private
    assert set(private[1::3]) == {"--setenv"}


def test_the_environment_says_where_things_are() -> None:
    env = sandbox.environment({}, TOOLS, sandboxed=True, home="/home/build")
    assert env["PATH"].startswith("/opt/py/bin:")
    assert env["CLOUDDECK_PROXY_SOCKET"] == sandbox.SOCKET
    assert env["PIP_CONFIG_FILE"] == "/dev/null"
    assert "CLOUDDECK_PROXY_SOCKET" not in sandbox.environment(
        {}, TOOLS, sandboxed=False, home="/h"
    )


def test_a_plain_process() -> None:
    argv = sandbox.plain("/py", "/r.pyz", ("/cg",))
    assert argv == ("/bin/sh", "-c", sandbox.LAUNCH, "launch", "/cg", "--", "/py", "-I", "/r.pyz")
