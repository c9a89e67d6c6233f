"""What every Live promises: `@connections` over HTTP, and the fake of the tests."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest

from chalicelib.clouds.aws.live import ApiGatewayLive
from chalicelib.ports import Live
from tests.fakes import FakeLive

SOME = "L0SM9cOFvHcCIhw="


@dataclass
class Connections:
    """API Gateway's management API, as far as posting goes."""

    sent: dict[str, list[Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    hiccups: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                prefix, _, connection = self.path.rpartition("/")
                connection = unquote(connection)
                assert prefix == "/@connections"
                status = outer.refused.get(connection, 200)
                if outer.hiccups:
                    status = outer.hiccups.pop()
                if connection in outer.gone:
                    status = 410
                if status == 200:
                    outer.sent.setdefault(connection, []).append(json.loads(body))
                self.send_response(status)
                if status == 410:
                    self.send_header("x-amzn-ErrorType", "GoneException")
                elif status == 403:
                    self.send_header("x-amzn-ErrorType", "ForbiddenException")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def connections():
    server = Connections()
    yield server
    server.close()


@dataclass
class Rig:
    """The port, and the other side of it: `sent`, `gone` and `refused` as in the fake."""

    live: Live
    far: Any


@pytest.fixture(params=["fake", "http"])
def rig(request):
    if request.param == "fake":
        live = FakeLive()
        return Rig(live, live)
    connections = request.getfixturevalue("connections")
    return Rig(ApiGatewayLive(connections.url), connections)


def test_messages_arrive_in_order(rig):
    messages = [{"type": "log", "lines": ["ü", "日本", "\u2028"], "n": n} for n in range(5)]
    for message in messages:
        assert rig.live.send(SOME, message) is True
    assert rig.far.sent == {SOME: messages}


def test_connections_do_not_mix(rig):
    for name in ("a", "b/../a", "ü", "a?b#c", "%41"):
        assert rig.live.send(name, {"to": name})
    assert rig.far.sent == {n: [{"to": n}] for n in ("a", "b/../a", "ü", "a?b#c", "%41")}


def test_who_hung_up_is_gone(rig):
    assert rig.live.send(SOME, {"n": 1})
    rig.far.gone.add(SOME)
    assert rig.live.send(SOME, {"n": 2}) is False
    assert rig.live.send(SOME, {"n": 3}) is False
    assert rig.live.send("other", {"n": 4}) is True
    assert rig.far.sent == {SOME: [{"n": 1}], "other": [{"n": 4}]}


@pytest.mark.parametrize("status", [403, 400, 413, 500])
def test_a_refusal_is_not_gone(rig, status):
    rig.far.refused[SOME] = status
    with pytest.raises(OSError):
        rig.live.send(SOME, {})
    assert rig.live.send("other", {}) is True
    assert rig.far.sent == {"other": [{}]}


def test_what_is_changed_afterwards_does_not_travel(rig):
    message = {"lines": ["a"]}
    rig.live.send(SOME, message)
    message["lines"].append("b")
    assert rig.far.sent == {SOME: [{"lines": ["a"]}]}


def test_only_json_travels(rig):
    with pytest.raises(TypeError):
        rig.live.send(SOME, {"at": object()})
    assert rig.far.sent == {}


def test_a_hiccup_is_overcome(connections):
    connections.hiccups = [500, 503]
    assert ApiGatewayLive(connections.url).send(SOME, {"n": 1}) is True
    assert connections.sent == {SOME: [{"n": 1}]}


def test_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(OSError):
        ApiGatewayLive(f"http://127.0.0.1:{port}").send(SOME, {})


def test_somebody_else_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    line.recv(65536)
                    line.sendall(b"SSH-2.0-other\r\n")

        threading.Thread(target=talk, daemon=True).start()
        with pytest.raises(OSError):
            ApiGatewayLive(f"http://127.0.0.1:{server.getsockname()[1]}").send(SOME, {})
        server.shutdown(socket.SHUT_RDWR)
