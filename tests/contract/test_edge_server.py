"""The edge process itself, asked over the wire."""

import gzip
import hashlib
import json
import re
import socket
import time
import urllib.error
from pathlib import Path

import brotli
import pytest

from chalicelib.clouds.local.edge import LocalEdge
from chalicelib.core import clock
from chalicelib.edge.rules import visitors
from tests.contract.edge_sites import (
    BIG,
    SECRET,
    TEXT,
    EdgeProcess,
    FakeSite,
    ObjectServer,
    ask,
    raw,
)
from tests.vectors.cases import Book, content

CASES = [
    (book, case.name)
    for book in ("serving", "visitors")
    for case in Book.read(book).made
    if not (case.own_domain or case.own_record) and case.now is None
]
"""Without those of another cloud, and those that need a clock of their own."""


def install(home, book):
    for slug in book.sites:
        site = book.site(slug)
        site.fill_cache(home)
    for route in book.routes:
        LocalEdge(home, 9, SECRET).put(route)


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    home = tmp_path_factory.mktemp("edge")
    books = {"serving": Book.read("serving"), "visitors": Book.read("visitors", clock.now_ms())}
    for book in books.values():
        install(home, book)
    site = FakeSite("shop")
    many = {f"p/{n}.html": f"page {n}".encode() for n in range(1000, 2500)}
    site.publish({"index.html": TEXT, "big.bin": BIG, "empty.txt": b"", "a.png": TEXT})
    site.fill_cache(home)
    site.write_route(home)
    large = FakeSite("large")
    large.publish({**many, "404.html": b"large 404"})
    large.fill_cache(home)
    large.write_route(home)
    store = ObjectServer()
    process = EdgeProcess(home, AWS_ENDPOINT_URL_S3=store.url)
    process.books = books
    yield process
    assert process.stop() == 0
    assert all("blobs/" not in key for key in store.asked), "the cache was passed by"
    store.close()


@pytest.mark.parametrize(("name", "title"), CASES, ids=str)
@pytest.mark.parametrize("again", [False, True], ids=["cold", "warm"])
def test_vectors(edge, name, title, again):
    book = edge.books[name]
    case = book.case(title)
    country = {"X-CloudDeck-Country": case.country} if case.country.isupper() else {}
    status, headers, body = ask(edge, case.host, case.path, **case.headers, **country)
    want = of_this_visitor(book, case, headers) if case.request_id else case.expect
    assert status == want["status"]
    assert headers["Location"] == want["location"]
    assert headers["X-CloudDeck-Deployment"] == want["deployment"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    if want["deployment"]:
        hidden = "--" in want["uri"].split("/")[2] or want["why"] == "preview"
        assert headers["X-Robots-Tag"] == ("noindex" if hidden else None)
    assert headers.get_all("Set-Cookie", []) == [
        f"{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}"
        for name, (value, seconds) in want.get("cookies", {}).items()
    ]
    if want["file"]:
        assert body == content(*book.owner(want["deployment"]), want["file"])
    else:
        assert not any(body.startswith(slug.encode()) for slug in book.sites)


def of_this_visitor(book, case, headers):
    """What a new visitor shall get, for the id that this edge chose for them."""
    want = dict(case.expect)
    route = book.route(case.host.partition(".")[0].rpartition("--")[2])
    if "__cdv" in want["cookies"]:
        line = next(c for c in headers.get_all("Set-Cookie") if c.startswith("__cdv="))
        visitor = re.match(r"__cdv=([0-9a-f]{32});", line).group(1)
        inside = visitors.bucket(visitor) < route.weight
        want["deployment"] = route.canary if inside else route.production
        want["cookies"] = {"__cdv": [visitor, visitors.YEAR_SECONDS]}
        if "__dpl" in case.cookies:
            label = want["deployment"].removeprefix("dpl_")
            want["cookies"]["__dpl"] = [label, route.skew_seconds]
    elif want["why"] == "canary":
        # An error tells nobody their id, so either may have answered.
        want["deployment"] = headers["X-CloudDeck-Deployment"]
        assert want["deployment"] in {route.canary, route.production}
    return want


def test_headers_of_a_page(edge):
    _, headers, body = ask(edge, "shop.localhost", "/")
    digest = hashlib.sha256(TEXT).hexdigest()[:32]
    assert body == TEXT
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "public,max-age=0,must-revalidate"
    assert headers["ETag"] == f'"{digest}"'
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Length"] == str(len(TEXT))
    assert headers["Date"].endswith("GMT")
    assert ask(edge, "shop.localhost", "/a.png")[1]["Vary"] is None


@pytest.mark.parametrize("again", [1, 2, 3])
def test_compressed_representations(edge, again):
    digest = hashlib.sha256(TEXT).hexdigest()[:32]
    for accept, coding, mark, unpack in [
        ("gzip, deflate, br", "br", "-br", brotli.decompress),
        ("gzip", "gzip", "-gz", gzip.decompress),
        ("br;q=0.1, gzip;q=0.2", "gzip", "-gz", gzip.decompress),
    ]:
        _, headers, body = ask(edge, "shop.localhost", "/", Accept_Encoding=accept)
        assert headers["Content-Encoding"] == coding
        assert headers["ETag"] == f'"{digest}{mark}"'
        assert len(body) == int(headers["Content-Length"]) < len(TEXT)
        assert unpack(body) == TEXT
    for accept in ("identity", "br;q=0", "deflate"):
        _, headers, body = ask(edge, "shop.localhost", "/", Accept_Encoding=accept)
        assert headers["Content-Encoding"] is None
        assert body == TEXT


@pytest.mark.parametrize("accept", ["identity", "br", "gzip"])
@pytest.mark.parametrize("path", ["/", "/a.png", "/big.bin"])
def test_not_modified(edge, path, accept):
    asked = {"Accept_Encoding": accept}
    tag = ask(edge, "shop.localhost", path, **asked)[1]["ETag"]
    for wanted in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        status, headers, body = ask(edge, "shop.localhost", path, If_None_Match=wanted, **asked)
        assert (status, body) == (304, b"")
        assert headers["ETag"] == tag
        assert headers["Content-Length"] is None
    status, _, body = ask(edge, "shop.localhost", path, If_None_Match='"other"', **asked)
    assert status == 200
    assert body


def test_tags_of_codings_differ(edge):
    plain = ask(edge, "shop.localhost", "/")[1]["ETag"]
    status, _, _ = ask(edge, "shop.localhost", "/", If_None_Match=plain, Accept_Encoding="br")
    assert status == 200


@pytest.mark.parametrize(("path", "data"), [("/", TEXT), ("/big.bin", BIG)])
def test_ranges(edge, path, data):
    size = len(data)
    for header, first, last in [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, size - 1),
        ("bytes=-7", size - 7, size - 1),
        (f"bytes=5-{size * 2}", 5, size - 1),
    ]:
        status, headers, body = ask(
            edge, "shop.localhost", path, Range=header, Accept_Encoding="br"
        )
        assert status == 206
        assert headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert headers["Content-Encoding"] is None
        assert body == data[first : last + 1]
    assert ask(edge, "shop.localhost", path, Range="bytes=0-1,4-5")[2] == data
    tag = ask(edge, "shop.localhost", path)[1]["ETag"]
    assert ask(edge, "shop.localhost", path, Range="bytes=0-1", If_Range=tag)[0] == 206
    assert ask(edge, "shop.localhost", path, Range="bytes=0-1", If_Range=f"W/{tag}")[0] == 200
    status, headers, _ = ask(edge, "shop.localhost", path, Range=f"bytes={size}-")
    assert status == 416
    assert headers["Content-Range"] == f"bytes */{size}"


def test_large_file_is_streamed(edge):
    before = _rss(edge)
    _, headers, body = ask(edge, "shop.localhost", "/big.bin")
    assert body == BIG
    assert headers["ETag"] == f'"{hashlib.sha256(BIG).hexdigest()[:32]}"'
    with socket.create_connection(("127.0.0.1", edge.port)) as slow:
        slow.sendall(b"GET /big.bin HTTP/1.1\r\nHost: shop.localhost\r\n\r\n" * 20)
        time.sleep(0.5)
        assert _rss(edge) - before < 30 * 1024
        assert ask(edge, "shop.localhost", "/")[0] == 200


def _rss(edge):
    status = Path(f"/proc/{edge.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.parametrize("path", ["/", "/a.png", "/big.bin", "/empty.txt", "/missing"])
def test_head_is_get_without_body(edge, path):
    status, headers, body = ask(edge, "shop.localhost", path, "HEAD")
    got = ask(edge, "shop.localhost", path)
    assert (status, body) == (got[0], b"")
    for name in ("Content-Length", "ETag", "Content-Type", "Cache-Control"):
        assert headers[name] == got[1][name]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods(edge, method):
    status, headers, _ = ask(edge, "shop.localhost", "/", method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_sharded_manifest(edge):
    for number in (1000, 1777, 2499):
        status, _, body = ask(edge, "large.localhost", f"/p/{number}")
        assert (status, body) == (200, f"page {number}".encode())
    assert ask(edge, "large.localhost", "/p/2500")[2] == b"large 404"


def test_pipelined_answers_keep_their_order(edge):
    paths = ["/", "/missing", "/empty.txt", "/a.png", "/?x=1"] * 4
    asked = b"".join(f"GET {p} HTTP/1.1\r\nHost: shop.localhost\r\n\r\n".encode() for p in paths)
    last = b"GET / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as sock:
        sock.sendall(asked + last)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
    statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [404 if p == "/missing" else 200 for p in paths] + [200]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: shop.localhost\r\nHost: blog.localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: shop.localhost\r\nHost: shop.localhost\r\n\r\n", 400),
        (b"GET http://blog.localhost/ HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 400),
        (b"GET http://shop.localhost/ HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost : shop.localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: shop.localhost blog.localhost\r\n\r\n", 404),
        (b"NONSENSE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/1.1\r\nHost: shop.localhost\r\nX: " + b"a" * 60_000, 431),
        (b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: shop.localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.0\r\nHost: shop.localhost\r\n\r\n", 200),
        (
            b"GET / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 5\r\n%b\r\n0\r\n\r\n"
            % b"Transfer-Encoding: chunked\r\n",
            400,
        ),
    ],
)
def test_malformed_requests_are_never_our_fault(edge, data, status):
    assert int(raw(edge, data).split(b" ")[1]) == status
    assert ask(edge, "shop.localhost", "/")[0] == 200


def test_control_needs_this_machine_and_the_secret(edge):
    assert edge.health()["status"] == "ok"
    assert ask(edge, "shop.localhost", "/_clouddeck/health")[0] == 404
    assert edge.reload() == 200
    for secret in ("", "wrong"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            edge.reload(secret)


def test_access_log(edge):
    ask(edge, "shop.localhost", "/?token=x", X_Test="1")
    ask(edge, "shop.localhost", "/the-last-of-them")
    log, until = edge.home / "logs/edge-access.jsonl", time.monotonic() + 10
    while "/the-last-of-them" not in (text := log.read_text() if log.is_file() else ""):
        assert time.monotonic() < until, "nothing is written down"
        time.sleep(0.05)
    lines = [json.loads(line) for line in text.splitlines()]
    line = [entry for entry in lines if entry["host"] == "shop.localhost"][-1]
    assert {"t", "ms", "site", "deployment", "status", "bytes", "cache", "path"} <= line.keys()
    assert "token" not in text
