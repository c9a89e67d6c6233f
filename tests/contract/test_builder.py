"""What every Builder promises: CodeBuild, the slots and their control API, the fake."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

from adapters.local.slots.server import parse_order
from chalicelib.clouds.aws import builder as aws_builder
from chalicelib.clouds.aws.builder import CodeBuild, order_of
from chalicelib.clouds.local import builder as local_builder
from chalicelib.clouds.local.builder import LocalBuilder
from chalicelib.core.config import Settings
from chalicelib.ports import Builder, BuildOrder, Over
from tests.contract.sandbox_slots import FakeApi, Slots
from tests.fakes import FakeBuilder
from tests.fakes.codebuild import FakeCodeBuild

SECRET = "a secret"
NUMBERS = count()
RUNNER = """
import json, os, socket, time
token = os.environ["CLOUDDECK_BUILD_TOKEN"]
body = json.dumps({"token": token, "result": "ran"})
with socket.socket(socket.AF_UNIX) as line:
    line.connect(os.environ["CLOUDDECK_PROXY_SOCKET"])
    head = f"POST {os.environ['CLOUDDECK_API']}/v1/runner/logs HTTP/1.1\\r\\nHost: x\\r\\n"
    line.sendall(f"{head}Content-Length: {len(body)}\\r\\n\\r\\n{body}".encode())
    assert b" 200 " in line.recv(65536)
time.sleep(300 if token.startswith("long") else 0)
"""
"""Says its token, and stays when that is long."""


class ControlServer:
    """The control API with nothing behind it: `runs` are the builds that started, in order."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.orders: dict[str, BuildOrder] = {}
        self.stopped: set[str] = set()
        self.troubles: list[str | int] = []
        self.calls = 0
        self.state = "queued"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(lambda: outer.submit(self.path, body))

            def do_DELETE(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                self.answer(lambda: outer.remove(self.path))

            def answer(self, act: Callable[[], int]) -> None:
                outer.calls += 1
                trouble = outer.troubles.pop(0) if outer.troubles else None
                if self.headers["X-CloudDeck-Secret"] != SECRET:
                    status = 401
                elif isinstance(trouble, int):
                    status = trouble
                elif trouble == "unheard":
                    self.close_connection = True
                    return
                else:
                    status = act()
                if trouble == "lost":
                    self.close_connection = True
                    return
                content = json.dumps({"state": outer.state}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def submit(self, path: str, body: bytes) -> int:
        if path != "/builds":
            return 404
        try:
            told = parse_order(body)
        except ValueError:
            return 400
        if told.build not in self.orders and told.build not in self.stopped:
            self.runs.append(told.build)
            order = BuildOrder(told.build, told.token, told.deadline_seconds, told.trusted)
            self.orders[told.build] = order
        return 202

    def remove(self, path: str) -> int:
        self.stopped.add(path.removeprefix("/builds/"))
        return 200

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Rig:
    """The port, which builds were started, in order, and whether a build was ended."""

    builder: Builder
    started: Callable[[], list[str]]
    ended: Callable[[str], bool]

    def order(self, *, long: bool = False) -> BuildOrder:
        number = f"{next(NUMBERS):04}"
        token = f"{'long' if long else 'short'}-{number}"
        return BuildOrder(f"bld_contract_{number}-1", token, 60, False)


def soon(look: Callable[[], bool], seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while not look():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def control():
    server = ControlServer()
    yield server
    server.close()


@pytest.fixture
def fake():
    builder = FakeBuilder()
    return Rig(builder, lambda: list(builder.orders), builder.stopped.__contains__)


@pytest.fixture
def http(control):
    builder = LocalBuilder(control.port, SECRET)
    return Rig(builder, lambda: control.runs, control.stopped.__contains__)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slots")
    runner = folder / "runner.py"
    runner.write_text(RUNNER)
    api = FakeApi()
    slots = Slots(folder / "home", api, CLOUDDECK_RUNNER=str(runner))
    yield slots, api
    slots.end()
    api.server.shutdown()
    api.server.server_close()


@pytest.fixture
def slots(sandbox):
    """The real process, whose runners say their token."""
    process, api = sandbox
    api.runs.clear()

    def started() -> list[str]:
        return [f"bld_contract_{token.partition('-')[2]}-1" for token in api.runs]

    def ended(build: str) -> bool:
        return process.call("GET", f"/builds/{build}")["state"] == "gone"

    return Rig(LocalBuilder(process.port, "local-canary"), started, ended)


@pytest.fixture
def codebuild(monkeypatch):
    """The builder of AWS over a CodeBuild in memory, which holds every call against its model."""
    service = FakeCodeBuild()
    monkeypatch.setattr(aws_builder, "client", lambda *_: service)
    key = f"runner/{'a' * 64}.pyz"
    builder = CodeBuild(Settings(cloud="aws", prefix="test", account="1" * 12, runner_key=key))

    def ended(build: str) -> bool:
        of = {order_of(one): one["buildStatus"] for one in service.builds}
        return of.get(build) == "STOPPED"

    return Rig(builder, lambda: [order_of(one) for one in service.builds], ended)


possible = os.geteuid() == 0 and shutil.which("bwrap") is not None
REAL = pytest.param(
    "slots",
    marks=[
        pytest.mark.sandbox,
        pytest.mark.skipif(not possible, reason="needs root and bubblewrap"),
    ],
)


@pytest.fixture(params=["fake", "http", "codebuild", REAL])
def rig(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["fake", "http", REAL])
def remembering(request):
    """Builders that remember what they were told to stop; on AWS the runner's claim is refused."""
    return request.getfixturevalue(request.param)


def test_an_order_starts_one_runner(rig):
    order = rig.order()
    rig.builder.start(order)
    assert soon(lambda: rig.started() == [order.build])


def test_a_repeated_order_starts_nothing(rig):
    order, other = rig.order(), rig.order()
    for _ in range(3):
        rig.builder.start(order)
    rig.builder.start(other)
    assert soon(lambda: sorted(rig.started()) == [order.build, other.build])
    for again in (order, replace(order, token="other", deadline_seconds=1)):
        with suppress(Over):  # it may have ended by now
            rig.builder.start(again)
    time.sleep(0.1)
    assert sorted(rig.started()) == [order.build, other.build]


def test_orders_at_once_start_one_runner(rig):
    order = rig.order()
    threads = [threading.Thread(target=rig.builder.start, args=(order,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert soon(lambda: rig.started() == [order.build])


def test_starting_does_not_wait_for_the_build(rig):
    order = rig.order(long=True)
    begun = time.monotonic()
    rig.builder.start(order)
    assert time.monotonic() - begun < 5
    assert soon(lambda: rig.started() == [order.build])
    rig.builder.stop(order.build)


def test_a_stopped_build_ends_and_stays_so(rig):
    order = rig.order(long=True)
    rig.builder.start(order)
    assert soon(lambda: rig.started() == [order.build])
    rig.builder.stop(order.build)
    assert soon(lambda: rig.ended(order.build))
    rig.builder.stop(order.build)
    with suppress(Over):
        rig.builder.start(order)
    time.sleep(0.1)
    assert rig.started() == [order.build]
    assert rig.ended(order.build)


def test_a_build_stopped_before_its_order_never_starts(remembering):
    order = remembering.order()
    remembering.builder.stop(order.build)
    with suppress(Over):
        remembering.builder.start(order)
    time.sleep(0.1)
    assert remembering.started() == []


def test_stopping_what_is_unknown_or_over(rig):
    rig.builder.stop("bld_never_there-1")
    order = rig.order()
    rig.builder.start(order)
    assert soon(lambda: rig.started() == [order.build])
    rig.builder.stop(order.build)
    rig.builder.stop(order.build)
    assert soon(lambda: rig.ended(order.build))


# only over HTTP


def test_a_machine_that_ended_unheard_is_told(control, http):
    """Else a build whose end nobody could report would wait for its runner for ever."""
    order = http.order()
    http.builder.start(order)
    control.state = "gone"
    with pytest.raises(Over):
        http.builder.start(order)


def test_the_order_is_passed_on_whole(control, http):
    order = BuildOrder("bld_1-2", "t0ken_-~", 1800, True)
    http.builder.start(order)
    assert control.orders == {"bld_1-2": order}


@pytest.fixture
def _short(monkeypatch):
    monkeypatch.setattr(local_builder, "PAUSE_SECONDS", 0.01)


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("troubles", [["lost"], ["unheard"], [503, 500], ["lost", 503]])
def test_troubles_are_overcome(control, http, troubles):
    control.troubles = list(troubles)
    order = http.order()
    http.builder.start(order)
    assert control.runs == [order.build]
    control.troubles = list(troubles)
    http.builder.stop(order.build)
    assert control.stopped == {order.build}


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize(
    ("trouble", "error"), [("unheard", OSError), (503, RuntimeError), (400, RuntimeError)]
)
def test_lasting_troubles_are_told(control, http, trouble, error):
    for act in (lambda: http.builder.start(http.order()), lambda: http.builder.stop("bld_1")):
        control.troubles = [trouble] * 3
        control.calls = 0
        with pytest.raises(error):
            act()
        assert control.calls == (1 if trouble == 400 else 3)
    assert control.runs == []


@pytest.mark.usefixtures("_short")
def test_a_wrong_secret_is_told_at_once(control):
    builder = LocalBuilder(control.port, "wrong")
    with pytest.raises(RuntimeError, match="401"):
        builder.start(BuildOrder("bld_1-1", "t", 60, False))
    with pytest.raises(RuntimeError, match="401"):
        builder.stop("bld_1-1")
    assert (control.calls, control.runs, control.stopped) == (2, [], set())


@pytest.mark.usefixtures("_short")
def test_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    builder = LocalBuilder(port, SECRET)
    with pytest.raises(OSError, match="does not answer"):
        builder.start(BuildOrder("bld_1-1", "t", 60, False))
    with pytest.raises(OSError, match="does not answer"):
        builder.stop("bld_1-1")


def test_what_a_refusal_says_is_kept(control, http):
    with pytest.raises(RuntimeError, match=r"400.*queued"):
        http.builder.start(replace(http.order(), deadline_seconds=0))
    assert control.runs == []
