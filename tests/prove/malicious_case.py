"""What a hostile repository is, and how the tables write one down."""

from dataclasses import dataclass

from tests.prove.repository import Files

PAGE = "mkdir -p out && echo hello > out/index.html\n"


@dataclass(frozen=True)
class Case:
    """A repository, the state it ends in, the codes it may fail with, a word of the message.

    `log` are words that its log has to hold: how it was told that it cannot have what it wanted.
    """

    name: str
    files: Files
    state: str = "failed"
    codes: tuple[str, ...] = ()
    says: str = ""
    full_only: bool = False
    log: tuple[str, ...] = ()


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


ATTEMPT = '''import ctypes, fcntl, os, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, do):
    """Do it, and say how that went; a result that is not None is a leak."""
    try:
        found = do()
    except Exception as error:
        print("refused", what + ":", type(error).__name__, error)
    else:
        print("LEAK" if found is not None else "nothing from", what, found)
def syscall(number, *values):
    if libc.syscall(number, *values) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "it works"
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as one:
        one.settimeout(2)
        one.connect(address)
        if kind == socket.SOCK_DGRAM:
            one.send(b"x")
            one.recv(1)
    return "it answers"
def proxy(line):
    host = line.split()[1]
    with socket.create_connection(("127.0.0.1", 3128), 3) as one:
        one.sendall((line + " HTTP/1.1\\r\\nHost: " + host + "\\r\\n\\r\\n").encode())
        answer = one.recv(300).decode(errors="replace")
    if " 200 " in answer.split("\\r\\n")[0]:
        return answer
    raise ConnectionRefusedError(answer.split("\\r\\n")[0])
def write(path):
    with open(path, "a") as file:
        file.write("x")
    return "written"
'''
"""What the attempts of a hostile build stand on."""


def attempts(name: str, *code: str, log: tuple[str, ...] = ("refused",)) -> Case:
    """A build that tries what it must not, is refused, says so, and goes live."""
    script = ATTEMPT + "\n".join(code) + "\n"
    files = {**built(PAGE + "python3 -u attempt.py\n"), "attempt.py": script}
    return Case(name, files, "ready", log=log)
