"""Runs inside a build: looks wherever a build must not see anything, and prints what it finds.

Lines that begin with LEAK are findings. Everything readable that might hold a secret is printed as
well: the suite searches the log for what it has planted. Committed into a hostile repository, so
it needs nothing but Python; PORT is replaced by the first port of the cloud.
"""

import glob
import os
import re
import socket
import urllib.request

PORT = 0
PROXY = ("127.0.0.1", 3128)


def look() -> None:
    """Every kind of place, one after another."""
    environments()
    files()
    writes()
    network()
    through_proxy()


def environments() -> None:
    """Our own environment and everybody else's."""
    print(dict(os.environ))
    for path in glob.glob("/proc/[0-9]*/environ"):
        text = content(path)
        print(path, text.replace("\0", " "))
        if "cdr_" in text or "CLOUDDECK_BUILD_TOKEN=" in text:
            print("LEAK build token in", path.split("/")[2] == "self" or path)
        if "AWS_SECRET" in text or "CLOUDDECK_LOCAL_SECRET" in text:
            print("LEAK platform secret in", path)
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        if "adapters.local" in content(path):
            print("LEAK process of the host:", path)
    for path in glob.glob("/proc/[0-9]*/root/"):
        for name in ("keys", "db", "run/cloud.json"):
            if os.path.exists(path + name):
                print("LEAK host root through", path)
    for path in glob.glob("/proc/[0-9]*/mem"):
        if path.split("/")[2] not in {str(os.getpid()), "self"}:
            memory(path)


def memory(path: str) -> None:
    """Every readable page of another process: a build token would begin with cdr_."""
    try:
        with open(path, "rb", 0) as pages:
            for line in content(path.replace("/mem", "/maps")).splitlines():
                first, last = (int(part, 16) for part in line.split()[0].split("-"))
                try:
                    pages.seek(first)
                    found = re.search(rb"cdr_[0-9a-z]{26}_", pages.read(last - first))
                except (OSError, ValueError, OverflowError):
                    continue
                if found:
                    print("LEAK build token in", path)
    except OSError:
        pass


def files() -> None:
    """Homes, keys, credentials, sockets, the host's disks."""
    for pattern in (
        "~/.aws/*",
        "~/.ssh/*",
        "/root/*",
        "/root/.*",
        "/home/*/.*",
        "/home/*/*",
        "/tmp/prove-*/*",
        "/tmp/*",
        "/run/clouddeck*",
        "/run/*",
        "/var/run/docker.sock",
        "/etc/shadow",
        "/host/*",
        "/mnt/*",
    ):
        for path in glob.glob(os.path.expanduser(pattern)):
            print(path, content(path)[:300])
    for folder, _, names in os.walk("/", followlinks=False):
        if folder.startswith(("/proc", "/sys", "/usr", "/build")):
            continue
        for name in names:
            if name in {"owner.json", "installation.json", "credentials", "canary.txt"}:
                print("LEAK", os.path.join(folder, name), content(os.path.join(folder, name)))


def writes() -> None:
    """Anything outside of the workspace."""
    for path in (
        "/x",
        "/usr/x",
        "/etc/x",
        "/bin/x",
        "/opt/x",
        "/opt/clouddeck/runner.pyz",
        "/dev/x",
        "/run/x",
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/hostname",
        "/sys/fs/cgroup/x",
        "/root/x",
        "/lib/x",
    ):
        try:
            with open(path, "a") as file:
                file.write("x")
            print("LEAK wrote", path)
        except OSError:
            pass


def network() -> None:
    """Straight out, past the proxy."""
    targets = [("169.254.169.254", 80), ("1.1.1.1", 443), ("10.0.0.1", 80)]
    targets += [("127.0.0.1", PORT + index) for index in range(5)]
    for target in targets:
        try:
            socket.create_connection(target, 1).close()
            print("LEAK connected to", target)
        except OSError:
            pass
    try:
        socket.socket(40, socket.SOCK_STREAM)
        print("LEAK a vsock socket opens")
    except OSError:
        pass


def through_proxy() -> None:
    """Over the one way out: it must refuse everything but registries, the API and signed URLs."""
    for host in ("169.254.169.254:80", "metadata.google.internal:80", "[::1]:22", "127.0.0.1:22"):
        answer = ask(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n")
        if " 200 " in answer.split("\r\n")[0]:
            print("LEAK the proxy connects to", host)
    for index in (1, 2, 4):
        for name in ("127.0.0.1", "localhost", "0x7f.1", "[::1]", "2130706433"):
            host = f"{name}:{PORT + index}"
            for line in (f"CONNECT {host} HTTP/1.1", f"GET http://{host}/ HTTP/1.1"):
                answer = ask(f"{line}\r\nHost: {host}\r\n\r\n")
                if " 200 " in answer.split("\r\n")[0]:
                    print("LEAK the proxy answers for", line)
    for path in ("/", "/clouddeck-sites", "/clouddeck-sources?list-type=2", "/_ministack/health"):
        host = f"127.0.0.1:{PORT + 3}"
        answer = ask(f"GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
        if " 200 " in answer.split("\r\n")[0]:
            print("LEAK the store answers", path)
    for path in ("/v1/projects", "/v1/me", "/v1/keys"):
        try:
            address = f"http://localhost:{PORT}{path}"
            print("LEAK the API answers", urllib.request.urlopen(address, timeout=3).read()[:80])
        except OSError:
            pass


def ask(request: str) -> str:
    """What the proxy says first."""
    try:
        with socket.create_connection(PROXY, 3) as connection:
            connection.sendall(request.encode())
            return connection.recv(400).decode(errors="replace") + " "
    except OSError:
        return " "


def content(path: str) -> str:
    """A file as text, or nothing."""
    try:
        with open(path, "rb") as file:
            return file.read(20_000).decode(errors="replace")
    except OSError:
        return ""


look()
