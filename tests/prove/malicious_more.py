"""More repositories that end badly: honest mistakes, and what the corpus does not have."""

from collections.abc import Iterator
from pathlib import Path

from tests.prove.malicious_case import PAGE, Case, built, fails, passes, python
from tests.prove.repository import Link


def more(port: int) -> list[Case]:
    """All of them; `port` is the cloud's first one, which a spy would love to know."""
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
    """Too much, in ways that the corpus does not have."""
    short = "yes 'a line like any other' | head -c 400000000"
    yield fails("log-flood-of-short-lines", built(short), "log_limit", "timeout", full_only=True)
    memory = "kept = []\nwhile True: kept.append(bytearray(16 << 20))\n"
    yield fails("memory-bit-by-bit", python(memory), "oom", full_only=True)
    yield fails("kill-all", built("kill -9 -1"), "build_failed", "oom", says="137")
    yield fails("kill-parent", built("kill -9 $PPID; sleep 20"), "build_failed", "oom", says="137")


def outputs() -> Iterator[Case]:
    """Folders that nobody may publish."""
    made = "mkdir out && echo hello > out/index.html && cd out && "
    yield fails(
        "link-to-itself",
        built(made + "ln -s . self"),
        "output_rejected",
        says="self",
        full_only=True,
    )
    yield fails("linked-output", built("ln -s /etc out"), "output_rejected", "output_missing")
    newline = "import os\nos.mkdir('out')\nopen('out/a\\nb.html', 'w').close()\n"
    yield fails("newline-name", python(newline), "output_rejected", says="control", full_only=True)
    alien = "import os\nos.mkdir('out')\nopen(b'out/\\xff\\xfe.html', 'w').close()\n"
    yield fails("alien-name", python(alien), "output_rejected", says="UTF-8", full_only=True)
    yield passes("5000-files", python(many_files(5_000)), full_only=True)
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
    spy = Path(__file__).with_name("malicious_spy.py").read_text()
    spy = spy.replace("PORT = 0", f"PORT = {port}")
    yield passes("spy", {**built(PAGE + "python3 spy.py"), "spy.py": spy})
    holder = "(trap '' TERM; while :; do echo held; sleep 1; done) &\n"
    yield passes("pipe-holder", built(holder + PAGE), full_only=True)
    binary = "head -c 300000 /dev/urandom; printf '\\033[2J\\033]0;owned\\007<script>\\n'\n"
    yield passes("binary-log", built(binary + PAGE))
