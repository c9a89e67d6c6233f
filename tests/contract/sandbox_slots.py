"""The slots as a process, and the API and the store as far as a build sees them."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapters.local.slots.settings import read

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).with_name("sandbox_programs.py")
MISSING = [tool for tool in ("bwrap", "setpriv") if not shutil.which(tool)]
if os.geteuid() != 0:
    MISSING.append("root")


class FakeApi:
    """The gateway and the object store, as far as a build sees them."""

    def __init__(self) -> None:
        self.results: dict[str, object] = {}
        self.failures: dict[str, dict[str, object]] = {}
        self.runs: list[str] = []
        self.refuse = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status = 200
                if self.path == "/v1/runner/fail" and api.refuse > 0:
                    api.refuse -= 1
                    status = 503
                elif self.path == "/v1/runner/fail":
                    token = self.headers["authorization"].removeprefix("Bearer ")
                    api.failures[token] = json.loads(body)
                elif self.path == "/v1/runner/logs":
                    told = json.loads(body)
                    api.runs.append(told["token"])
                    api.results[told["token"]] = told["result"]
                self.reply(status, b"{}")

            def do_PUT(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.reply(400 if self.headers["authorization"] else 200, b"")

            def reply(self, status: int, content: bytes) -> None:
                head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(content)}\r\n\r\n"
                self.wfile.write(head.encode() + content)

            def log_message(self, *parts: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


class Slots:
    """The process under test."""

    def __init__(self, home: Path, api: FakeApi, **env: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        given = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "PLATFORM_SECRET": "canary",
            "CLOUDDECK_HOME": str(home),
            "CLOUDDECK_SLOTS_PORT": str(self.port),
            "CLOUDDECK_API": api.url,
            "CLOUDDECK_S3": api.url,
            "CLOUDDECK_LOCAL_SECRET": "local-canary",
            "CLOUDDECK_RUNNER": str(PROGRAMS),
            "CLOUDDECK_SLOTS": "2",
            "CLOUDDECK_BUILD_MEMORY_MB": "256",
            "CLOUDDECK_BUILD_DISK_MB": "64",
            "CLOUDDECK_BUILD_PIDS": "64",
            **env,
        }
        self.settings = read(given)
        self.log = home / "slots.log"
        home.mkdir(exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "adapters.local.slots"],
                cwd=REPOSITORY, env=given, stdout=log, stderr=log,
            )  # fmt: skip
        self.numbers = iter(range(10_000))
        wait(lambda: self.process.poll() is not None or self.listening(), 20)
        assert self.process.poll() is None, self.log.read_text()

    def listening(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def call(self, method: str, path: str, body: object = None) -> dict:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(
                method, path, json.dumps(body), {"X-CloudDeck-Secret": "local-canary"}
            )
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def start(self, program: str, seconds: int = 60, *, trusted: bool = False) -> str:
        build = f"bld_{program}_{next(self.numbers)}"
        order = {"build": build, "token": program, "deadline_seconds": seconds, "trusted": trusted}
        self.call("POST", "/builds", order)
        return build

    def finish(self, program: str, seconds: int = 60, *, trusted: bool = False) -> float:
        begun = time.monotonic()
        build = self.start(program, seconds, trusted=trusted)
        wait(lambda: self.call("GET", f"/builds/{build}")["state"] == "gone", seconds + 15)
        return time.monotonic() - begun

    def events(self, name: str) -> list[dict]:
        lines = [json.loads(x) for x in self.log.read_text().splitlines() if x.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def leftovers(self) -> dict[str, list[str]]:
        uids = {str(self.settings.uid(slot)) for slot in range(self.settings.slots + 1)}
        processes = []
        for entry in os.listdir("/proc"):
            try:
                status = Path("/proc", entry, "status").read_text() if entry.isdigit() else ""
            except OSError:
                continue
            owner = status.partition("Uid:\t")[2].split("\t")[0]
            if owner in uids and "State:\tZ" not in status:
                processes.append(entry)
        name = self.settings.instance
        mounted = Path("/proc/self/mountinfo").read_text()
        return {
            "processes": processes,
            "groups": [
                str(p) for p in Path("/sys/fs/cgroup").glob(f"*/**/{name}*/*") if p.is_dir()
            ],
            "mounts": [line for line in mounted.splitlines() if name in line],
            "files": [str(p) for p in Path("/run", name).glob("slot-*")],
        }

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


def wait(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def begin(tmp_path: Path, api: FakeApi) -> Iterator[Callable[..., Slots]]:
    begun: list[Slots] = []

    def start(**env: str) -> Slots:
        begun.append(Slots(tmp_path / "home", api, **env))
        return begun[-1]

    yield start
    for process in begun:
        process.end()


@pytest.fixture(scope="module")
def slots(tmp_path_factory: pytest.TempPathFactory, api: FakeApi) -> Iterator[Slots]:
    process = Slots(tmp_path_factory.mktemp("cloud"), api)
    yield process
    process.end()
