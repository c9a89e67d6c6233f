"""HTTP/2 on the edge: what makes no request, and bytes of any kind."""

import random
import socket
import ssl
import struct

import pytest

from tests.contract.edge_http2 import _still_there, edge
from tests.contract.edge_sites import TEXT
from tests.contract.edge_tls import Visitor

__all__ = ["_still_there", "edge"]

HEAD = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def fields(*more, drop=(), **changed):
    base = {":method": "GET", ":scheme": "https", ":authority": "shop.localhost", ":path": "/"}
    base |= {f":{name}": value for name, value in changed.items()}
    return [(k, v) for k, v in base.items() if k not in drop] + list(more)


BAD = {
    "no path": fields(drop=[":path"]),
    "no method": fields(drop=[":method"]),
    "no host": fields(drop=[":authority"]),
    "empty path": fields(path=""),
    "path without slash": fields(path="index.html"),
    "absolute path": fields(path="https://shop.localhost/"),
    "space in path": fields(path="/a b"),
    "fragment": fields(path="/a#b"),
    "line break in path": fields(path="/a\r\nX: y"),
    "two hosts": fields(("host", "other.localhost")),
    "capital letters": fields(("X-Y", "1")),
    "a field of the connection": fields(("connection", "close")),
    "chunks": fields(("transfer-encoding", "chunked")),
    "late pseudo field": fields(("x", "y"), (":path", "/")),
    "unknown pseudo field": fields((":x", "y")),
    "twice a path": fields((":path", "/b")),
    "line break in a value": fields(("x", "a\r\nb: c")),
    "nul in a value": fields(("x", "a\0b")),
    "name with a space": fields(("a b", "c")),
    "name with a colon": fields(("a:b", "c")),
    "empty name": fields(("", "c")),
    "status of an answer": fields((":status", "200")),
    "tunnel": [(":method", "CONNECT"), (":authority", "shop.localhost")],
}


@pytest.mark.parametrize("wrong", BAD)
def test_no_request(edge, wrong):
    """Answered with 400, or the connection ends: never a page, never a fault."""
    with Visitor(edge, lax=True) as visitor:
        heard = visitor.wait_for(visitor.begin(BAD[wrong], end=True))
        assert heard.status in {0, 400, 405}
        assert TEXT not in heard.body
        if heard.status:
            assert visitor.get("/").status == 200
        else:
            assert visitor.ended or heard.reset


def test_lengths_that_are_not_true(edge):
    for length, body in (("5", b"abc"), ("1", b"abc"), ("x", b"abc"), ("-1", b"")):
        with Visitor(edge, lax=True) as visitor:
            made = visitor.fields("/", "POST", content_length=length)
            number = visitor.begin(made, end=False)
            visitor.http.send_data(number, body, end_stream=True)
            visitor.flush()
            assert visitor.wait_for(number).status in {0, 400, 405}


def test_trailers_change_nothing(edge):
    with Visitor(edge) as visitor:
        number = visitor.begin(visitor.fields("/", "POST"), end=False)
        visitor.http.send_data(number, b"x")
        visitor.http.send_headers(
            number, [("host", "other.localhost"), ("x", "y")], end_stream=True
        )
        visitor.flush()
        assert visitor.wait_for(number).status == 405


def fuzzed(chance, visitor):
    """Frames of any kind, some of them whole and none of them honest."""
    kind, flags = chance.choice([*range(11), chance.randrange(256)]), chance.randrange(256)
    stream = chance.choice([0, 1, 1, 3, 5, 2, chance.randrange(2**31)])
    payload = chance.choice(
        [
            chance.randbytes(chance.randrange(40)),
            visitor.http.encoder.encode(visitor.fields("/p/1")),
            struct.pack(">HI", chance.randrange(12), chance.randrange(2**32)),
            struct.pack(">I", chance.randrange(2**32)),
        ]
    )
    length = len(payload) if chance.random() < 0.9 else chance.randrange(2**24)
    return (
        struct.pack(">I", length)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload
    )


@pytest.mark.parametrize("seed", range(60))
def test_frames_of_any_kind(edge, seed):
    chance = random.Random(seed)
    with Visitor(edge) as visitor:
        visitor.sock.settimeout(0.2)
        try:
            for _ in range(chance.randrange(1, 40)):
                visitor.raw(fuzzed(chance, visitor))
            visitor.sock.recv(65_536)
        except (OSError, ssl.SSLError):
            pass


@pytest.mark.parametrize("seed", range(20))
def test_bytes_instead_of_a_greeting(edge, seed):
    chance = random.Random(seed)
    with edge.connect("shop.localhost", "h2") as sock:
        sock.settimeout(0.2)
        try:
            sock.sendall(
                chance.choice([b"", HEAD[:9], HEAD]) + chance.randbytes(chance.randrange(200))
            )
            sock.recv(65_536)
        except (OSError, ssl.SSLError):
            pass


def test_http_1_spoken_where_http_2_was_agreed(edge):
    with edge.connect("shop.localhost", "h2") as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
        answer = b""
        while piece := sock.recv(65_536):
            answer += piece
        assert TEXT not in answer


def test_hanging_up_in_the_middle(edge):
    for _ in range(20):
        visitor = Visitor(edge)
        for _ in range(20):
            visitor.ask("/big.bin")
        visitor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visitor.sock.close()
