"""What runs in the sandbox instead of the runner: the build token names the function."""

import contextlib
import ctypes
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

WORK = Path(os.environ.get("CLOUDDECK_WORKSPACE", "/build"))
API = os.environ.get("CLOUDDECK_API", "")


def talk(message: str) -> str:
    """Sends raw bytes to the proxy and returns the first line of the answer."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ["CLOUDDECK_PROXY_SOCKET"])
        line.sendall(message.encode())
        return line.recv(65536).decode(errors="replace").split("\r\n")[0]


def send(result: object) -> None:
    """Hands a result to the test through the API."""
    body = json.dumps({"token": os.environ["CLOUDDECK_BUILD_TOKEN"], "result": result})
    if "CLOUDDECK_PROXY_SOCKET" not in os.environ:
        import urllib.request

        urllib.request.urlopen(f"{API}/v1/runner/logs", body.encode(), timeout=5).close()
        return
    length = f"Content-Length: {len(body)}"
    answer = talk(f"POST {API}/v1/runner/logs HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n{body}")
    assert " 200 " in answer, answer


def failing(attempt) -> str:
    try:
        attempt()
    except OSError as fault:
        return type(fault).__name__ if fault.errno is None else os.strerror(fault.errno)
    return "allowed"


def quick() -> None:
    pass


def told() -> None:
    send("ran")


def identity() -> None:
    status = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines()
        if ":\t" in line
    )  # fmt: skip
    environments = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                environments[entry] = Path("/proc", entry, "environ").read_text()
            except OSError:
                environments[entry] = ""
    send(
        {
            "uid": os.getuid(),
            "gids": os.getgroups(),
            "caps": status["CapEff"],
            "new_privileges": status["NoNewPrivs"],
            "seccomp": status["Seccomp"],
            "pids": len(environments),
            "cmdlines": [Path("/proc", e, "cmdline").read_text() for e in environments],
            "env": sorted(os.environ),
            "secrets": sum("canary" in text for text in environments.values()),
            "work": sorted(os.listdir(WORK)),
            "hostname": socket.gethostname(),
            "node": subprocess.run(
                ["node", "-e", "console.log(6*7)"], capture_output=True, text=True, check=False
            ).stdout.strip(),
            "git": subprocess.run(
                ["git", "--version"], capture_output=True, text=True, check=False
            ).returncode,
            "threads": subprocess.run(
                [sys.executable, "-c", "import multiprocessing as m; m.Lock(); print('ok')"],
                capture_output=True, text=True, check=False,
            ).stdout.strip(),
        }
    )  # fmt: skip


def boundaries() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    writes = {
        path: failing(lambda path=path: Path(path, "probe").write_bytes(b"x"))
        for path in (
            "/",
            "/usr",
            "/usr/bin",
            "/etc",
            "/dev",
            "/opt",
            "/run",
            "/run/clouddeck",
            "/home",
        )
    }
    reads = {
        path: failing(
            lambda path=path: os.listdir(path) if path.endswith("/") else Path(path).read_bytes()
        )
        for path in (
            "/etc/shadow",
            "/root/.ssh/",
            "/proc/kcore",
            "/sys/",
            "/var/",
            "/srv/",
            "/mnt/",
        )
    }
    calls = {
        "mount": libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        "unshare": libc.unshare(0x10000000),
        "ptrace": libc.ptrace(0, 0, 0, 0),
        "io_uring": libc.syscall(425, 1, None),
        "bpf": libc.syscall(321, 0, None, 0),
        "keyctl": libc.syscall(250, 0, 0),
        "setuid": libc.setuid(0),
        "hostname": libc.sethostname(b"x", 1),
        "device": libc.mknod(b"/build/dev", 0o60666, 0x800),
    }
    sockets = {
        str(family): failing(lambda family=family: socket.socket(family, socket.SOCK_STREAM))
        for family in (40, 17, 38)
    }
    others = {
        "core_pattern": failing(lambda: Path("/proc/sys/kernel/core_pattern").write_text("|/x")),
        "sysrq": failing(lambda: Path("/proc/sysrq-trigger").write_text("b")),
        "kill_host": failing(lambda: os.kill(int(os.environ.get("HOST_PID", "99999")), 0)),
    }
    send({"writes": writes, "reads": reads, "calls": calls, "sockets": sockets, "others": others})


def network() -> None:
    port = int(API.rpartition(":")[2])
    targets = [("127.0.0.1", port), ("::1", port), ("169.254.169.254", 80), ("10.0.0.1", 80),
               ("1.1.1.1", 443), ("192.168.0.1", 80), ("fd00:ec2::254", 80)]  # fmt: skip
    answers = {
        host: failing(lambda host=host, at=at: socket.create_connection((host, at), 1))
        for host, at in targets
    }
    answers["dns"] = failing(lambda: socket.getaddrinfo("example.org", 80))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    answers["udp"] = failing(lambda: udp.sendto(b"x", ("8.8.8.8", 53)))
    send(answers)


def proxy() -> None:
    store = API
    signed = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=K%2F20260101%2Fr%2Fs3%2Faws4_request&X-Amz-Signature=a"
    )
    secret = "Authorization: AWS4-HMAC-SHA256 Credential=a\r\n"
    end = f"Host: x\r\n{secret}Content-Length: 0\r\n\r\n"
    port = int(API.rpartition(":")[2])
    send(
        {
            "put": talk(f"PUT {store}/clouddeck-sites/key?{signed} HTTP/1.1\r\n{end}"),
            "claim": talk(f"POST {API}/v1/runner/claim HTTP/1.1\r\n{end}"),
            "unsigned": talk(f"PUT {store}/clouddeck-sites/key HTTP/1.1\r\n{end}"),
            "reset": talk(f"POST {store}/_ministack/reset HTTP/1.1\r\n{end}"),
            "projects": talk(f"POST {API}/v1/projects HTTP/1.1\r\n{end}"),
            "connect_loopback": talk(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n"),
            "connect_name": talk("CONNECT localhost:443 HTTP/1.1\r\n\r\n"),
            "connect_unlisted": talk("CONNECT example.org:443 HTTP/1.1\r\n\r\n"),
            "metadata": talk("GET http://169.254.169.254/latest/ HTTP/1.1\r\n\r\n"),
        }
    )


def uploads() -> None:
    """Two thousand small uploads on one connection."""
    signed = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=K%2F20260101%2Fr%2Fs3%2Faws4_request&X-Amz-Signature=a"
    )
    store = API
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ["CLOUDDECK_PROXY_SOCKET"])
        file = line.makefile("rb")
        begun = time.perf_counter()
        for number in range(1000):
            line.sendall(
                f"PUT {store}/clouddeck-sites/k{number}?{signed} HTTP/1.1\r\nHost: x\r\n"
                f"Content-Length: 2\r\n\r\nok".encode()
            )
            length = 0
            while (header := file.readline()) not in (b"\r\n", b""):
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            file.read(length)
        send(1000 / (time.perf_counter() - begun))


def fork_bomb() -> None:
    while True:
        with contextlib.suppress(OSError):
            os.fork()


def shell_bomb() -> None:
    subprocess.run(["/bin/sh", "-c", "b() { b | b & }; b; sleep 60"], check=False)
    sys.exit(1)


def hungry() -> None:
    block = bytearray(1 << 30)
    block[::4096] = b"x" * len(block[::4096])
    time.sleep(30)


def hungry_children() -> None:
    for _ in range(8):
        if os.fork() == 0:
            block = mmap.mmap(-1, 128 << 20)
            for at in range(0, len(block), 4096):
                block[at] = 1
            time.sleep(30)
    time.sleep(30)


def fill_disk() -> None:
    written = 0
    try:
        for number in range(100):
            with open(WORK / f"f{number}", "wb") as file:
                for _ in range(10):
                    written += file.write(bytes(1 << 20))
                    file.flush()
    except OSError as fault:
        Path("/dev/shm/x").write_bytes(b"x")
        print(f"wrote {written}: {fault}", flush=True)
        send(written)
        sys.exit(1)


def fill_inodes() -> None:
    count = 0
    try:
        while count < 1_000_000:
            (WORK / f"i{count}").touch()
            count += 1
    except OSError:
        (WORK / "i0").unlink()
        send(count)
        sys.exit(1)


def daemons() -> None:
    for _ in range(10):
        if os.fork() == 0:
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            if os.fork() == 0:
                while True:
                    time.sleep(60)
            os._exit(0)
    time.sleep(0.2)
    send("daemons are up")


def daemons_and_stay() -> None:
    daemons()
    time.sleep(120)


def deep_tree() -> None:
    for _ in range(5000):
        os.mkdir("d")
        os.chdir("d")
    os.chmod(".", 0)
    (WORK / "locked").mkdir(0)
    send("made")


def sleep() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    send("sleeping")
    time.sleep(300)


def crash() -> None:
    sys.exit("the runner fell over")


def flood() -> None:
    while True:
        os.write(1, b"y" * 65536)


if __name__ == "__main__":
    globals()[os.environ["CLOUDDECK_BUILD_TOKEN"]]()
