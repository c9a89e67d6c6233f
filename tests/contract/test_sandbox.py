"""Real builds in real sandboxes: what a hostile one can reach, take, and leave behind."""

import http.client
import json
import os
import shutil
import signal
import socket
import statistics
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
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(bool(MISSING), reason=f"missing here: {', '.join(MISSING)}"),
]


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
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


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


NOTHING = {"processes": [], "groups": [], "mounts": [], "files": []}


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


def test_every_protection_was_tried_and_holds(slots: Slots) -> None:
    status = slots.call("GET", "/status")
    assert status["missing"] == []


def test_identity(slots: Slots, api: FakeApi) -> None:
    slots.finish("identity")
    seen = api.results["identity"]
    assert isinstance(seen, dict)
    assert seen["uid"] in {slots.settings.uid(0), slots.settings.uid(1)}
    assert seen["gids"] == []
    assert int(seen["caps"], 16) == 0
    assert (seen["new_privileges"], seen["seccomp"]) == ("1", "2")
    assert seen["pids"] <= 3
    assert seen["secrets"] == 0
    assert not any("identity" in line for line in seen["cmdlines"])
    assert not {"PLATFORM_SECRET", "CLOUDDECK_LOCAL_SECRET"} & set(seen["env"])
    assert seen["work"] == []
    assert seen["hostname"] == "build"
    assert seen["threads"] == "ok"
    if shutil.which("node"):
        assert seen["node"] == "42"
    if shutil.which("git"):
        assert seen["git"] == 0


def test_boundaries(slots: Slots, api: FakeApi) -> None:
    slots.finish("boundaries")
    seen = api.results["boundaries"]
    assert isinstance(seen, dict)
    assert "allowed" not in {**seen["writes"], **seen["reads"], **seen["others"]}.values(), seen
    assert set(seen["calls"].values()) == {-1}, seen
    assert set(seen["sockets"].values()) == {"Address family not supported by protocol"}


def test_no_network_but_the_proxy(slots: Slots, api: FakeApi) -> None:
    slots.finish("network")
    seen = api.results["network"]
    assert isinstance(seen, dict)
    assert "allowed" not in seen.values(), seen


def test_what_the_proxy_lets_through(slots: Slots, api: FakeApi) -> None:
    slots.finish("proxy")
    seen = api.results["proxy"]
    assert isinstance(seen, dict)
    statuses = {name: line.split(" ")[1] for name, line in seen.items()}
    assert statuses.pop("put") == "200"  # the store answers 400 to an Authorization header
    assert statuses.pop("claim") == "200"
    assert set(statuses.values()) == {"403"}, seen


def test_small_uploads_are_fast(slots: Slots, api: FakeApi) -> None:
    slots.finish("uploads")
    rate = api.results["uploads"]
    print(f"uploads from inside a sandbox: {rate:.0f}/s on one connection")
    assert isinstance(rate, float)
    assert rate > 100


@pytest.mark.parametrize("program", ["fork_bomb", "shell_bomb"])
def test_fork_bombs_are_contained(slots: Slots, api: FakeApi, program: str) -> None:
    build = slots.start(program, 15)
    time.sleep(1)
    begun = time.monotonic()
    slots.finish("told")
    print(f"another build beside {program}: {time.monotonic() - begun:.2f} s")
    assert api.results.pop("told") == "ran"
    wait(lambda: slots.call("GET", f"/builds/{build}")["state"] == "gone", 40)
    wait(lambda: program in api.failures, 5)
    assert api.failures[program]["code"] == "pids_limit"
    assert slots.leftovers() == NOTHING


@pytest.mark.parametrize("program", ["hungry", "hungry_children"])
def test_memory_ends_the_whole_build(slots: Slots, api: FakeApi, program: str) -> None:
    seconds = slots.finish(program)
    wait(lambda: program in api.failures, 5)
    assert api.failures[program]["code"] == "oom"
    assert seconds < 10
    assert slots.leftovers() == NOTHING


def test_the_disk_is_capped(slots: Slots, api: FakeApi) -> None:
    slots.finish("fill_disk")
    wait(lambda: "fill_disk" in api.failures, 5)
    assert api.failures["fill_disk"]["code"] == "disk_full"
    written = api.results["fill_disk"]
    assert isinstance(written, int)
    assert 50 << 20 < written <= 64 << 20
    slots.finish("fill_inodes")
    count = api.results["fill_inodes"]
    assert isinstance(count, int)
    assert count <= slots.settings.limits.inodes
    assert slots.leftovers() == NOTHING


def test_daemons_are_gone_with_their_build(slots: Slots, api: FakeApi) -> None:
    slots.finish("daemons")
    assert api.results["daemons"] == "daemons are up"
    assert slots.leftovers() == NOTHING


def test_stopping_a_build_ends_all_of_it_without_a_report(slots: Slots, api: FakeApi) -> None:
    api.results.pop("daemons_and_stay", None)
    build = slots.start("daemons_and_stay")
    wait(lambda: "daemons_and_stay" in api.results, 10)
    begun = time.monotonic()
    slots.call("DELETE", f"/builds/{build}")
    wait(lambda: slots.call("GET", f"/builds/{build}")["state"] == "gone", 5)
    assert time.monotonic() - begun < 1
    assert slots.leftovers() == NOTHING
    assert "daemons_and_stay" not in api.failures


def test_the_deadline(slots: Slots, api: FakeApi) -> None:
    assert 2 <= slots.finish("sleep", 2) < 4
    wait(lambda: "sleep" in api.failures, 5)
    assert api.failures.pop("sleep")["code"] == "timeout"


def test_a_hostile_tree_disappears(slots: Slots, api: FakeApi) -> None:
    assert slots.finish("deep_tree") < 10
    assert api.results["deep_tree"] == "made"
    assert slots.leftovers() == NOTHING


def test_endless_output_and_a_crash(slots: Slots, api: FakeApi) -> None:
    slots.finish("flood", 2)
    wait(lambda: "flood" in api.failures, 5)
    assert api.failures["flood"]["code"] == "timeout"
    api.refuse = 2
    slots.finish("crash")
    wait(lambda: "crash" in api.failures, 10)
    assert api.failures["crash"]["code"] == "internal"
    assert "fell over" in str(api.failures["crash"]["hint"])
    assert api.failures["crash"]["exit_code"] == 1


def test_an_order_is_carried_out_once(slots: Slots, api: FakeApi) -> None:
    api.runs.clear()
    order = {"build": "bld_once", "token": "told", "deadline_seconds": 9, "trusted": False}
    for _ in range(5):
        slots.call("POST", "/builds", order)
    wait(lambda: slots.call("GET", "/builds/bld_once")["state"] == "gone", 10)
    assert slots.call("POST", "/builds", order)["state"] == "gone"
    assert api.runs == ["told"]


def test_start_times(slots: Slots) -> None:
    before = len(slots.events("build_ended"))
    took = [slots.finish("quick") for _ in range(30)]
    ended = slots.events("build_ended")[before:]
    for name in ("start_ms", "run_ms", "clean_ms"):
        values = sorted(event[name] for event in ended)
        print(f"{name}: p50 {statistics.median(values)}, max {values[-1]}")
    print(f"order to gone: p50 {statistics.median(took) * 1000:.0f} ms")
    assert slots.leftovers() == NOTHING


@pytest.mark.parametrize("janitor_too", [False, True])
def test_kill_nine(begin: Callable[..., Slots], api: FakeApi, janitor_too: bool) -> None:
    slots = begin()
    api.results.pop("daemons_and_stay", None)
    slots.start("daemons_and_stay")
    slots.start("sleep")
    wait(lambda: "daemons_and_stay" in api.results, 10)
    assert len(slots.leftovers()["processes"]) > 12
    if janitor_too:
        pid = slots.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
    slots.process.kill()
    slots.process.wait()
    begun = time.monotonic()
    wait(lambda: not slots.leftovers()["processes"], 5)
    print(f"kill -9 to no process: {(time.monotonic() - begun) * 1000:.0f} ms")
    again = begin() if janitor_too else None
    wait(lambda: slots.leftovers() == NOTHING, 5)
    if again:
        again.end()
    wait(lambda: not Path("/run", slots.settings.instance).exists(), 5)
    assert not list(Path("/sys/fs/cgroup").glob(f"*/**/{slots.settings.instance}"))


def test_sigterm_reports_what_it_stops(begin: Callable[..., Slots], api: FakeApi) -> None:
    slots = begin(CLOUDDECK_SLOTS="1")
    api.results.pop("sleep", None)
    slots.start("sleep")
    slots.start("told")
    wait(lambda: "sleep" in api.results, 10)
    begun = time.monotonic()
    slots.process.terminate()
    assert slots.process.wait(10) == 0
    assert time.monotonic() - begun < 3
    assert api.failures.pop("sleep")["code"] == "runner_lost"
    assert api.failures.pop("told")["code"] == "runner_lost"
    assert slots.leftovers() == NOTHING


def test_without_bubblewrap(begin: Callable[..., Slots], api: FakeApi) -> None:
    slots = begin(PATH="/nonexistent")
    assert slots.call("GET", "/status")["protections"] == []
    slots.finish("quick", trusted=False)
    wait(lambda: "quick" in api.failures, 5)
    assert "cannot isolate untrusted builds" in str(api.failures.pop("quick")["message"])
    api.results.pop("daemons", None)
    slots.finish("daemons", trusted=True)
    assert api.results["daemons"] == "daemons are up"
    assert slots.events("build_without_sandbox")
    assert slots.leftovers() == NOTHING
    assert not [e for e in os.listdir("/proc") if e.isdigit() and marked(e, slots)]


def marked(entry: str, slots: Slots) -> bool:
    try:
        return slots.settings.instance in Path("/proc", entry, "environ").read_text()
    except OSError:
        return False
