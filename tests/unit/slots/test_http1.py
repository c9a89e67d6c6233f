"""Messages that have one meaning pass; the others do not."""

import pytest

from adapters.local.slots.http1 import (
    BadMessageError,
    Body,
    parse_head,
    request_body,
    response_body,
)


def head(*lines: str, request: bool = True):
    return parse_head("\r\n".join([*lines, "", ""]).encode("latin-1"), request=request)


def test_a_request_and_a_response() -> None:
    request = head("PUT http://h/x HTTP/1.1", "Host: h", "Content-Length: 12", "X: a, b")
    assert request.first == ("PUT", "http://h/x", "HTTP/1.1")
    assert request_body(request) == Body(length=12)
    assert request.get("x") == "a, b"
    assert request.keeps_open
    response = head("HTTP/1.1 404 Not Found", "Connection: close", request=False)
    assert response.first[1] == "404"
    assert not response.keeps_open
    assert response_body(response, "GET") == Body(until_close=True)
    assert response_body(response, "HEAD") == Body()


@pytest.mark.parametrize(
    "lines",
    [
        ("GET /",),
        ("GET / HTTP/2",),
        ("get / HTTP/1.1",),
        ("GET  / HTTP/1.1",),
        ("GET /\x01 HTTP/1.1",),
        ("GET / HTTP/1.1", "no colon"),
        ("GET / HTTP/1.1", "Bad Name: x"),
        ("GET / HTTP/1.1", " folded: x"),
        ("GET / HTTP/1.1", "a: x\ny: z"),
        ("GET / HTTP/1.1", "a : x"),
    ],
)
def test_malformed_heads(lines: tuple[str, ...]) -> None:
    with pytest.raises(BadMessageError):
        head(*lines)


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 1", "Content-Length: 2"),
        ("Content-Length: +1",),
        ("Content-Length: 1, 1",),
        ("Content-Length: 0x1",),
        ("Content-Length: -1",),
        ("Content-Length: 9999999999999999",),
        ("Content-Length: 1", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: xchunked",),
    ],
)
def test_bodies_that_two_readers_would_cut_differently(headers: tuple[str, ...]) -> None:
    with pytest.raises(BadMessageError):
        request_body(head("POST /x HTTP/1.1", *headers))
