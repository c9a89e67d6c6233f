"""The HTTP client against bytes that servers send, and the ways they stop sending them."""

import contextlib
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.answer import WireError
from runner.client import Client, Request
from runner.errors import Unreachable
from runner.forward import Forwarder
from runner.wire import Connection, parse


class Script:
    """A server that answers each request with the next prepared bytes, then hangs up if told."""

    def __init__(self, *answers, path=None):
        family = socket.AF_UNIX if path else socket.AF_INET
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.bind(path or ("127.0.0.1", 0))
        self.listener.listen(8)
        self.seen = []
        self.answers = list(answers)
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self):
        while self.answers:
            with contextlib.suppress(OSError):
                self.talk(self.listener.accept()[0])

    def talk(self, peer):
        with peer:
            while self.answers:
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = peer.recv(65536)
                    if not piece:
                        return
                    request += piece
                self.seen.append(request)
                answer = self.answers.pop(0)
                peer.sendall(answer)
                if not answer or b"Connection: close" in answer or b"Content-Length: 99" in answer:
                    return


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKS = b"2\r\nok\r\n3;x=1\r\nabc\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
            b"okabc",
        ),
        (b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
def test_answers(answer, body):
    server = Script(answer, OK)
    client = Client()
    assert client.send(Request("GET", server.url + "/x?y=1#z")).body == body
    assert server.seen[0].startswith(b"GET /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert client.send(Request("POST", server.url, {"A": "b"}, b"{}")).body == b"ok"
    assert b"Content-Length: 2\r\n" in server.seen[1]


def test_lost_and_broken_answers_are_asked_for_again(tmp_path):
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"
    server = Script(b"", half, b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", OK)
    sink = tmp_path / "sink"
    assert Client().send(Request("GET", server.url, sink=sink)).status == 200
    assert sink.read_bytes() == b"ok"
    assert len(server.seen) == 4


def test_patience_ends():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(Unreachable):
            Client().send(Request("GET", url), patience=0.5)


def test_plain_http_through_the_proxy_socket(tmp_path):
    server = Script(OK, path=str(tmp_path / "proxy"))
    client = Client(str(tmp_path / "proxy"))
    assert client.send(Request("GET", "http://api.internal:8080/v1?x=1")).body == b"ok"
    assert server.seen[0].startswith(
        b"GET http://api.internal:8080/v1?x=1 HTTP/1.1\r\nHost: api.internal:8080\r\n"
    )


def test_https_asks_the_proxy_for_a_tunnel(tmp_path):
    server = Script(b"HTTP/1.1 403 No\r\nConnection: close\r\n\r\n", path=str(tmp_path / "proxy"))
    with pytest.raises(Unreachable, match="refused example"):
        Client(str(tmp_path / "proxy")).send(Request("GET", "https://example.org/"), patience=0)
    assert server.seen[0].startswith(b"CONNECT example.org:443 HTTP/1.1\r\n")


def test_forwarder(tmp_path):
    Script(OK, path=str(tmp_path / "proxy"))
    forwarder = Forwarder(str(tmp_path / "proxy"))
    with socket.create_connection(("127.0.0.1", forwarder.port)) as sock:
        sock.sendall(b"GET http://x/ HTTP/1.1\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as answer:
            assert answer.read() == OK
    forwarder.close()


@pytest.mark.parametrize(
    "url", ["", "ftp://x/", "http:///x", "http://a b/", "http://a/\r\nX: y", "http://a:b/", "x"]
)
def test_bad_urls(url):
    with pytest.raises(ValueError):
        parse(url)


def test_addresses():
    assert parse("HTTPS://user@[::1]:8443?q")[1:] == ("::1", 8443, "/?q")
    assert parse("https://a.b/c").authority == "a.b"
    assert parse("http://[::1]/").authority == "[::1]"


def test_headers_cannot_be_split():
    server = Script(OK)
    with pytest.raises(ValueError):
        Client().send(Request("GET", server.url, {"A": "b\r\nC: d"}))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_an_answer_or_a_wire_error(data):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\n" + data)
        theirs.shutdown(socket.SHUT_WR)
        connection = Connection(parse("http://x/"), None, 1)
        connection._sock, connection._file = ours, ours.makefile("rb")
        with contextlib.suppress(WireError):
            connection.request("GET", parse("http://x/"), {})
        connection.close()


def test_it_says_what_it_is_or_a_firewall_would_refuse_it():
    server = Script(OK, OK)
    client = Client()
    client.send(Request("GET", f"{server.url}/a"))
    client.send(Request("GET", f"{server.url}/b", {"User-Agent": "own"}))
    first, second = server.seen
    assert first.count(b"User-Agent: clouddeck-runner/") == 1
    assert second.count(b"User-Agent: ") == second.count(b"User-Agent: own") == 1
