"""Repositories that want to do harm, and how each of them has to end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.prove.repository import Files, Link

PAGE = "mkdir -p out && echo hello > out/index.html\n"


@dataclass(frozen=True)
class Case:
    """A repository, the state it ends in, the codes it may fail with, a word of the message."""

    name: str
    files: Files
    state: str = "failed"
    codes: tuple[str, ...] = ()
    says: str = ""
    full_only: bool = False


def built(script: str, output: str = "out", command: str = "sh build.sh", **more: str) -> Files:
    """A repository without packages, built by a script."""
    config = f"[build]\ncommand = '{command}'\noutput = '{output}'\n"
    return {"clouddeck.toml": config, "build.sh": script, **more}


def python(script: str, before: str = "") -> Files:
    """The same, built by a program in Python."""
    files = {"clouddeck.toml": "[build]\ncommand = 'sh build.sh'\noutput = 'out'\n"}
    return {**files, "build.sh": f"{before}exec python3 build.py\n", "build.py": script}


def fails(name: str, files: Files, *codes: str, says: str = "", full_only: bool = False) -> Case:
    """A repository that has to fail."""
    return Case(name, files, "failed", codes, says, full_only)


def passes(name: str, files: Files, full_only: bool = False) -> Case:
    """A repository that wants harm, achieves none, and goes live."""
    return Case(name, files, "ready", full_only=full_only)


def cases(port: int) -> list[Case]:
    """The whole table; `port` is the cloud's first one, which a spy would love to know."""
    return [*mistakes(), *resources(), *outputs(), *sources(), *escapes(port)]


def mistakes() -> Iterator[Case]:
    """What honest people do wrong."""
    yield fails("build-error", built("echo broken >&2; exit 3"), "build_failed", says="code 3")
    yield fails("not-a-command", built("no-such-tool"), "build_failed", says="127")
    yield fails("no-output", built("true"), "output_missing")
    yield fails("empty-output", built("mkdir out"), "output_missing", "output_rejected")
    yield fails("empty-tree", {}, "framework_unknown", says="index.html")
    yield fails(
        "bad-toml", {"clouddeck.toml": "[build\ncommand = 1"}, "config_invalid", says="toml:1:"
    )
    yield fails("wrong-type", {"clouddeck.toml": "[build]\ncommand = 1\n"}, "config_invalid")
    yield fails("bad-package", {"package.json": "{,}"}, "config_invalid", says="package.json:1:")
    yield fails("output-up", built(PAGE, "../.."), "path_outside_root", says="inside")
    yield fails("output-root", built(PAGE, "/etc"), "path_outside_root", says="inside")
    toml = "a" + ".a" * 5000 + " = 1\n"
    yield fails("toml-bomb", {"clouddeck.toml": toml}, "config_too_complex")


def resources() -> Iterator[Case]:
    """Too much of everything: each has to be named for what it was."""
    line = "head -c 1000000000 /dev/zero | tr '\\0' x\n"
    yield passes("line-of-1-gb", built(line + PAGE))
    flood = "yes $(head -c 2000 /dev/zero | tr '\\0' y) | head -c 400000000"
    yield fails("log-flood", built(flood), "log_limit")
    short = "yes 'a line like any other' | head -c 400000000"
    yield fails("log-flood-of-short-lines", built(short), "log_limit", "timeout", full_only=True)
    forks = "import os\nwhile True:\n    try:\n        os.fork()\n"
    forks += "    except OSError:\n        pass\n"
    yield fails("fork-bomb", python(forks), "pids_limit")
    bomb = "bomb() { bomb | bomb & }; bomb; sleep 3\n"  # this kind starves by itself
    yield fails("shell-bomb", built(bomb), "pids_limit", "output_missing")
    threads = "import threading, time\nwhile True:\n"
    threads += "    threading.Thread(target=time.sleep, args=(60,)).start()\n"
    yield fails("thread-bomb", python(threads), "pids_limit", full_only=True)
    memory = "kept = []\nwhile True: kept.append(bytearray(16 << 20))\n"
    yield fails("memory-bomb", python(memory), "oom")
    many = "import os, time\nfor _ in range(8):\n    if not os.fork():\n"
    many += "        kept = bytearray(200 << 20)\n        time.sleep(25)\n"
    many += "time.sleep(25)\n"
    yield fails("memory-bomb-of-8", python(many), "oom")
    yield fails("endless", built("while :; do sleep 1; done"), "timeout")
    deaf = "trap '' TERM INT HUP; while :; do sleep 1; done"
    yield fails("endless-and-deaf", built(deaf), "timeout", full_only=True)
    yield fails("endless-spin", built("while :; do :; done"), "timeout", full_only=True)
    yield fails("fill-disk", built("mkdir out; cat /dev/zero > out/index.html"), "disk_full")
    inodes = "import os\nos.mkdir('out')\nfor n in range(10**6): open(f'out/{n}', 'w').close()\n"
    yield fails("fill-inodes", python(inodes), "disk_full", "output_rejected", full_only=True)
    yield fails("kill-all", built("kill -9 -1"), "build_failed", "oom", says="137")
    yield fails("kill-parent", built("kill -9 $PPID; sleep 20"), "build_failed", "oom", says="137")


def outputs() -> Iterator[Case]:
    """Folders that nobody may publish."""
    made = "mkdir out && echo hello > out/index.html && cd out && "
    yield fails("link-out", built(made + "ln -s /etc/passwd p"), "output_rejected", says="link")
    yield fails("link-up", built(made + "ln -s ../../.. up"), "output_rejected", says="link")
    yield fails("link-loop", built(made + "ln -s . self"), "output_rejected", says="self")
    yield fails("link-circle", built(made + "ln -s a b; ln -s b a"), "output_rejected", says="link")
    yield fails("linked-output", built("ln -s /etc out"), "output_rejected", "output_missing")
    yield passes("hard-link", built(made + "ln index.html two; ln /etc/passwd p && echo LEAK; :"))
    yield fails("fifo", built(made + "mkfifo pipe"), "output_rejected", says="FIFO")
    socket = "import os, socket\nos.mkdir('out')\nsocket.socket(socket.AF_UNIX).bind('out/s')\n"
    yield fails("socket", python(socket), "output_rejected", says="socket")
    yield fails("sparse", built(made + "truncate -s 1T big"), "output_rejected", "build_failed")
    newline = "import os\nos.mkdir('out')\nopen('out/a\\nb.html', 'w').close()\n"
    yield fails("newline-name", python(newline), "output_rejected", says="control")
    alien = "import os\nos.mkdir('out')\nopen(b'out/\\xff\\xfe.html', 'w').close()\n"
    yield fails("alien-name", python(alien), "output_rejected", says="UTF-8")
    deep = "import os\nos.mkdir('out')\nos.chdir('out')\n"
    deep += "for _ in range(5000):\n    os.mkdir('d')\n    os.chdir('d')\n"
    yield fails("deep-output", python(deep), "output_rejected", says="deep")
    locked = made + "mkdir shut && echo x > shut/x && chmod 000 shut index.html"
    yield passes("locked", built(locked))
    yield passes("5000-files", python(many_files(5_000)))
    yield passes("20000-files", python(many_files(20_000)), full_only=True)


def many_files(count: int) -> str:
    """A program that writes as many tiny pages."""
    return (
        "import os\nos.mkdir('out')\n"
        f"for n in range({count}): open(f'out/{{n}}.html', 'w').write(str(n))\n"
        "os.rename('out/0.html', 'out/index.html')\n"
    )


def sources() -> Iterator[Case]:
    """Repositories that are bad before anything is built."""
    page = {"index.html": "<h1>page</h1>"}
    yield fails("newline-source", {**page, b"a\nb.html": "x"}, "output_rejected", says="control")
    yield fails("alien-source", {**page, b"\xff.html": "x"}, "output_rejected", "source_failed")
    yield fails("deep-source", {**page, "d/" * 5000 + "x": "x"}, "source_failed", says="deep")
    yield passes("link-source", {**page, "p": Link("/etc/passwd"), "q": Link("../../x")})
    yield fails(
        "linked-config",
        {"clouddeck.toml": Link("/etc/passwd"), "readme": "x"},
        "framework_unknown",
    )
    yield fails("linked-page", {"a.html": "x", "index.html": Link("index.html")}, "output_rejected")


def escapes(port: int) -> Iterator[Case]:
    """Looking, reaching and staying where a build has no business."""
    spy = Path(__file__).with_name("badrepos_spy.py").read_text()
    spy = spy.replace("PORT = 0", f"PORT = {port}")
    yield passes("spy", {**built(PAGE + "python3 spy.py"), "spy.py": spy})
    daemons = "for n in 1 2 3 4 5 6 7 8 9 10; do\n"
    daemons += "  (trap '' TERM HUP INT; setsid sh -c 'trap \"\" TERM HUP; sleep 600; :' &)\ndone\n"
    yield passes("daemons", built(daemons + PAGE))
    holder = "(trap '' TERM; while :; do echo held; sleep 1; done) &\n"
    yield passes("pipe-holder", built(holder + PAGE))
    binary = "head -c 300000 /dev/urandom; printf '\\033[2J\\033]0;owned\\007<script>\\n'\n"
    yield passes("binary-log", built(binary + PAGE))
    unshare = "for s in 'unshare -Ur id' 'mount -t tmpfs x /mnt' 'mknod out/d b 8 0'; do\n"
    yield passes("mounts", built(PAGE + unshare + "  $s >/dev/null 2>&1 && echo LEAK $s\ndone; :"))
