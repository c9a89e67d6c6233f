"""Bodies that pass through the edge, in either version of HTTP, and visitors who are too slow.

What a site would answer is made up here, so that every kind of body comes by; parser, frames, TLS
and sockets are the real ones.
"""

import asyncio
import hashlib
import random
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from adapters.local.edge import answers, connection, exchange, http2, server
from adapters.local.edge.answers import Answer, Context, Stream
from adapters.local.edge.server import EdgeServer
from adapters.local.edge.settings import EdgeSettings
from tests.contract.edge_sites import FakeSite, free_port, raw
from tests.contract.edge_tls import TlsEdge, Visitor


class Echo:
    """Answers with what was sent, in the way that the path asks for."""

    def __init__(self):
        self.asked = []
        self.closed = 0

    def hot(self, *_):
        return None

    async def answer(self, request):
        self.asked.append(request)
        await asyncio.sleep(0)
        body = request.body or b"nothing"
        length = len(body)
        if request.path == b"/short":
            length += 1
        if request.path == b"/long":
            length -= 1
        streamed = Stream(None if request.path == b"/open" else length, self.pieces(request, body))
        headers = [("X-Digest", hashlib.sha256(body).hexdigest())]
        if streamed.length is not None:
            headers.append(("Content-Length", str(streamed.length)))
        line = answers.log_line(Context(), 200, 0, "none")
        return Answer(200, answers.head(200, headers), streamed, line)

    async def pieces(self, request, body):
        try:
            for first in range(0, len(body), 70_000):
                yield body[first : first + 70_000]
                await asyncio.sleep(0)
            if request.path == b"/fault":
                raise OSError("the backend went away")
            if request.path == b"/endless":
                while True:
                    yield bytes(70_000)
        finally:
            self.closed += 1


class InProcess(TlsEdge):
    """An edge in a thread of this process, so that time and answers can be made up."""

    def __init__(self, home):
        self.home, self.port, self.tls_port = home, free_port(), free_port()
        self.loop = asyncio.new_event_loop()
        self.echo = Echo()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.run(self.start())
        self.wait_for_https()

    async def start(self):
        self.server = EdgeServer(
            EdgeSettings(self.home, port=self.port, tls_port=self.tls_port), store=object()
        )
        await self.server.start()
        self.server.serving = self.echo

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def wait_for_https(self):
        until = time.monotonic() + 15
        while not self.server.listening.https:
            assert time.monotonic() < until
            time.sleep(0.01)

    def empty(self):
        until = time.monotonic() + 10
        while self.server.connections or self.server.bodies.used:
            assert time.monotonic() < until, (self.server.connections, self.server.bodies.used)
            time.sleep(0.01)

    def end(self):
        self.run(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@contextmanager
def running(home):
    site = FakeSite("shop")
    site.write_route(home)
    edge = InProcess(home)
    try:
        yield edge
    finally:
        edge.end()


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    with running(tmp_path_factory.mktemp("passing")) as edge:
        yield edge


@pytest.fixture(autouse=True)
def _nothing_left(request):
    yield
    if "edge" in request.fixturenames:
        edge = request.getfixturevalue("edge")
        edge.empty()
        assert edge.echo.closed == len(edge.echo.asked)


def post(edge, path, body, *more, version="1.1", chunks=None):
    """(head, body) of a POST over plain HTTP/1."""
    head = [f"POST {path} HTTP/{version}", "Host: shop.localhost", "Connection: close", *more]
    if chunks is None:
        head.append(f"Content-Length: {len(body)}")
    else:
        head.append("Transfer-Encoding: chunked")
        cut = [body[n : n + chunks] for n in range(0, len(body), chunks)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in cut) + b"0\r\n\r\n"
    said = raw(edge, "\r\n".join(head).encode() + b"\r\n\r\n" + body)
    answer, _, rest = said.partition(b"\r\n\r\n")
    return answer.decode(), rest


def unchunked(data):
    body = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        count = int(size, 16)
        assert rest[count : count + 2] == b"\r\n"
        body, data = body + rest[:count], rest[count + 2 :]
        if not count:
            assert not data
            return body
    raise AssertionError("no last chunk")


SIZES = [1, 70_000, 70_001, 1_000_000, 10 * 1024 * 1024]


@pytest.mark.parametrize("size", SIZES)
def test_bodies_there_and_back_over_http_1(edge, size):
    body = random.Random(size).randbytes(size)
    assert post(edge, "/known", body)[1] == body
    head, back = post(edge, "/open", body)
    assert "Transfer-Encoding: chunked" in head
    assert "Content-Length" not in head
    assert unchunked(back) == body
    assert post(edge, "/known", body, chunks=50_000)[1] == body


@pytest.mark.parametrize("size", SIZES)
def test_bodies_there_and_back_over_http_2(edge, size):
    body = random.Random(size).randbytes(size)
    with Visitor(edge) as visitor:
        for path in ("/known", "/open"):
            heard = visitor.post(path, body)
            assert (heard.status, heard.reset) == (200, None)
            assert heard.body == body


def test_without_chunks_the_connection_is_the_end(edge):
    head, back = post(edge, "/open", b"abc", version="1.0")
    assert "Transfer-Encoding" not in head
    assert back == b"abc"


def test_what_is_passed_on_is_what_was_said(edge):
    lines = ["Host: shop.localhost", "X-Twice: 1", "x-twice: 2", "Cookie: a=b", "Content-Length: 2"]
    raw(
        edge, ("\r\n".join(["PUT /a?b=c HTTP/1.1", *lines, "Connection: close", "", "hi"])).encode()
    )
    one = edge.echo.asked[-1]
    with Visitor(edge) as visitor:
        sent = [
            *visitor.fields("/a?b=c", "PUT"),
            ("x-twice", "1"),
            ("x-twice", "2"),
            ("cookie", "a=b"),
        ]
        number = visitor.begin(sent, end=False)
        visitor.http.send_data(number, b"hi", end_stream=True)
        visitor.flush()
        visitor.wait_for(number)
    two = edge.echo.asked[-1]
    for request in (one, two):
        assert (request.method, request.path, request.query) == (b"PUT", b"/a", b"b=c")
        assert (request.host, request.body, request.peer) == (b"shop.localhost", b"hi", "127.0.0.1")
        assert [v for n, v in request.all if n == b"x-twice"] == [b"1", b"2"]
        assert (b"host", b"shop.localhost") in request.all
        assert request.headers == {b"cookie": b"a=b"}
    assert (one.secure, two.secure) == (False, True)


def test_trailers_are_no_headers(edge):
    head = "POST /known HTTP/1.1\r\nHost: shop.localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    said = raw(edge, head.encode() + b"1\r\nx\r\n0\r\nHost: other.localhost\r\nX-Late: 1\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"x-late" not in dict(edge.echo.asked[-1].all)


def test_who_waits_for_a_word_gets_it(edge):
    with socket.create_connection(("127.0.0.1", edge.port), timeout=5) as sock:
        sock.sendall(
            b"POST /known HTTP/1.1\r\nHost: shop.localhost\r\nExpect: 100-continue\r\n"
            b"Content-Length: 3\r\nConnection: close\r\n\r\n"
        )
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abc")
        answer = b""
        while piece := sock.recv(1000):
            answer += piece
        assert answer.endswith(b"abc")
    with Visitor(edge) as visitor:
        assert visitor.post("/known", b"abc", expect="100-continue").body == b"abc"


@pytest.mark.parametrize("path", ["/short", "/long", "/fault"])
def test_a_broken_answer_is_not_made_to_look_whole(edge, path):
    head, back = post(edge, path, b"abc")
    length = int(head.partition("Content-Length: ")[2].partition("\r\n")[0])
    assert len(back) < length or path == "/fault"
    with Visitor(edge) as visitor:
        assert visitor.post(path, b"abc").reset
        assert visitor.post("/known", b"abc").body == b"abc", "the connection goes on"


def test_a_fault_in_chunks_shows(edge):
    edge.echo.pieces, kept = faulty(edge.echo), edge.echo.pieces
    try:
        _, back = post(edge, "/open", b"abc")
        with pytest.raises(AssertionError, match="no last chunk"):
            unchunked(back)
    finally:
        edge.echo.pieces = kept


def faulty(echo):
    async def pieces(_, body):
        try:
            yield body
            raise OSError("the backend went away")
        finally:
            echo.closed += 1

    return pieces


def test_a_visitor_who_leaves_ends_what_was_done_for_them(edge):
    with socket.create_connection(("127.0.0.1", edge.port)) as sock:
        sock.sendall(b"GET /endless HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
        sock.recv(1000)
    visitor = Visitor(edge)
    visitor.ask("/endless")
    visitor.listen()
    visitor.sock.close()
    with Visitor(edge) as other:
        number = other.ask("/endless")
        other.listen()
        other.http.reset_stream(number)
        other.flush()
        assert other.post("/known", b"x").body == b"x"


@pytest.mark.parametrize("version", [1, 2])
def test_a_body_over_the_limit(edge, version):
    body = bytes(10 * 1024 * 1024 + 1)
    if version == 1:
        # It may hang up while it is still being sent.
        with suppress(ConnectionError):
            assert post(edge, "/known", body)[0].startswith("HTTP/1.1 413 ")
    else:
        with Visitor(edge) as visitor:
            assert visitor.post("/known", body).status == 413


def test_no_room_for_more_bodies(edge):
    room = edge.server.bodies
    assert room.take(room.size - 1000)
    try:
        assert post(edge, "/known", bytes(2000))[0].startswith("HTTP/1.1 503 ")
        assert post(edge, "/known", bytes(500))[1] == bytes(500)
        with Visitor(edge) as visitor:
            assert visitor.post("/known", bytes(2000)).status == 503
            assert visitor.post("/known", bytes(500)).body == bytes(500)
    finally:
        room.give_back(room.size - 1000)


# --- too slow ---


@pytest.fixture
def hasty(tmp_path, monkeypatch):
    """An edge whose seconds are short."""
    monkeypatch.setattr(server, "_SWEEP_SECONDS", 0.1)
    for module in (connection, exchange, http2):
        for name in (
            "IDLE_SECONDS",
            "HEAD_SECONDS",
            "GREETING_SECONDS",
            "BODY_SECONDS",
            "STALL_SECONDS",
        ):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, 1.0)
    with running(tmp_path) as edge:
        yield edge


def test_who_takes_nothing_is_left(hasty):
    """Windows that stay shut, and ones that open a crack now and then."""
    with Visitor(hasty, window=0) as deaf, Visitor(hasty, window=0) as dripping:
        deaf.ask("/endless")
        number = dripping.ask("/endless")
        began = time.monotonic()

        def drip():
            for _ in range(100):
                time.sleep(0.1)
                try:
                    dripping.http.increment_flow_control_window(1, number)
                    dripping.flush()
                except Exception:  # it hung up, which is the point
                    return

        dropping = threading.Thread(target=drip)
        dropping.start()
        deaf.until_the_end()
        hasty.empty()
        assert time.monotonic() - began < 8
        dropping.join()


def test_who_does_not_read_at_all_is_left(hasty):
    with Visitor(hasty, window=2**31 - 1) as visitor:
        visitor.http.increment_flow_control_window(2**30)
        visitor.ask("/endless")
        hasty.empty()


def test_who_does_not_send_what_they_began_is_left(hasty):
    with Visitor(hasty) as visitor:
        visitor.begin(visitor.fields("/known", "POST"), end=False)
        visitor.until_the_end()
        hasty.empty()
    with socket.create_connection(("127.0.0.1", hasty.port)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 9\r\n\r\nabc")
        sock.settimeout(10)
        assert sock.recv(100) == b""


def test_who_says_nothing_is_told_goodbye(hasty):
    with Visitor(hasty) as visitor:
        assert visitor.post("/known", b"x").body == b"x"
        assert visitor.until_the_end() == 0
    with hasty.connect("shop.localhost", "h2") as sock:
        sock.settimeout(10)
        while sock.recv(1000):
            pass
