"""The edge process itself, asked over the wire."""

import gzip
import hashlib
import http.client
import json
import os
import random
import re
import signal
import socket
import threading
import time
import urllib.error
from dataclasses import replace
from pathlib import Path

import brotli
import pytest

from chalicelib.clouds.local.edge import LocalEdge
from chalicelib.core import clock, ids
from chalicelib.edge.rules import visitors
from chalicelib.ports import SiteRoute
from tests.contract.edge_sites import SECRET, EdgeProcess, FakeSite, ObjectServer, free_port
from tests.vectors.cases import Book, content

CASES = [
    (book, case.name)
    for book in ("serving", "visitors")
    for case in Book.read(book).made
    if not (case.own_domain or case.own_record) and case.now is None
]
"""Without those of another cloud, and those that need a clock of their own."""
TEXT = ("<html>" + "cloud deck " * 400).encode()
BIG = random.Random(1).randbytes(9 * 1024 * 1024 + 17)


def ask(edge, host, path, method="GET", body=None, **headers):
    """(status, headers, body) of one request, sent as given."""
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=15)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def raw(edge, data):
    """Everything the edge says to some bytes."""
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
        return answer


def install(home, book):
    for slug in book.sites:
        site = book.site(slug)
        site.fill_cache(home)
        LocalEdge(home, 9, SECRET).put(book.route(slug))


@pytest.fixture
def bucket():
    server = ObjectServer()
    yield server
    server.close()


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
    status, headers, body = ask(edge, case.host, case.path, **case.headers)
    want = of_this_visitor(book, case, headers) if case.request_id else case.expect
    assert status == want["status"]
    assert headers["Location"] == want["location"]
    assert headers["X-CloudDeck-Deployment"] == want["deployment"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    if want["deployment"]:
        assert headers["X-Robots-Tag"] == ("noindex" if want["why"] == "preview" else None)
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
    time.sleep(1.2)
    text = (edge.home / "logs/edge-access.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    line = [entry for entry in lines if entry["host"] == "shop.localhost"][-1]
    assert {"t", "ms", "site", "deployment", "status", "bytes", "cache", "path"} <= line.keys()
    assert "token" not in text


# --- routes ---


@pytest.fixture
def home(tmp_path):
    return tmp_path


@pytest.fixture
def start():
    started = []

    def run(home, **environ):
        started.append(EdgeProcess(home, **environ))
        return started[-1]

    yield run
    for process in started:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait(10)


def two_versions(home):
    site = FakeSite("shop")
    site.publish({"index.html": b"first"}, "v1")
    site.publish({"index.html": b"second"}, "v2")
    site.fill_cache(home)
    return site


def port_route(site, version, generation):
    return SiteRoute(site.project, site.team, site.slug, site.deployment(version), generation)


def test_a_route_moves_at_once_and_never_back(home, start):
    site = two_versions(home)
    edge = start(home)
    port = LocalEdge(home, edge.port, SECRET)
    assert ask(edge, "shop.localhost", "/")[0] == 404
    port.put(port_route(site, "v1", 1))
    assert ask(edge, "shop.localhost", "/")[2] == b"first"
    port.put(port_route(site, "v2", 2))
    assert ask(edge, "shop.localhost", "/")[2] == b"second"
    port.put(port_route(site, "v1", 1))
    assert ask(edge, "shop.localhost", "/")[2] == b"second"
    site.write_route(home, site.route("v1", 1))
    edge.reload()
    assert ask(edge, "shop.localhost", "/")[2] == b"second"
    answer = port.ask("shop.localhost", "/")
    assert (answer.status, answer.deployment) == (200, site.deployment("v2"))
    port.put(replace(port_route(site, "v2", 3), production=None, gone=True))
    assert ask(edge, "shop.localhost", "/")[0] == 404


def test_a_canary_grows_and_ends(home, start):
    site = two_versions(home)
    edge = start(home)
    port = LocalEdge(home, edge.port, SECRET)
    inside = {"Cookie": "__cdv=" + "0" * 32}
    share = visitors.bucket("0" * 32) + 1
    calm = port_route(site, "v1", 1)
    port.put(calm)
    assert ask(edge, "shop.localhost", "/", **inside)[2] == b"first"
    for generation, weight in enumerate((share - 1, share, 10_000, share - 1, 0), 2):
        canary = site.deployment("v2")
        port.put(replace(calm, generation=generation, canary=canary, weight=weight))
        _, headers, body = ask(edge, "shop.localhost", "/", **inside)
        assert body == (b"second" if weight >= share else b"first")
        assert headers["Set-Cookie"] is None
    port.put(replace(port_route(site, "v2", 9), skew_seconds=60))
    assert ask(edge, "shop.localhost", "/", **inside)[2] == b"second"
    port.revoke(port_route(site, "v1", 10), site.deployment("v2"))
    assert ask(edge, "shop.localhost", "/", **inside)[2] == b"first"
    label = site.deployment("v2").removeprefix("dpl_")
    assert ask(edge, f"{label}--shop.localhost", "/")[2] == b"second"


def test_a_page_that_did_not_change_is_remembered_too(home, start):
    site = two_versions(home)
    site.write_route(home, site.route("v1", skew_seconds=60))
    edge = start(home)
    page = {"Accept": "text/html"}
    tag = ask(edge, "shop.localhost", "/", **page)[1]["ETag"]
    status, headers, _ = ask(edge, "shop.localhost", "/", If_None_Match=tag, **page)
    label = site.deployment("v1").removeprefix("dpl_")
    assert status == 304
    assert headers["Set-Cookie"] == f"__dpl={label}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"
    status, headers, _ = ask(edge, "shop.localhost", "/", "HEAD", **page)
    assert headers["Set-Cookie"].startswith(f"__dpl={label};")


def test_cookies_in_several_lines_are_one_list(home, start):
    site = two_versions(home)
    both = site.route("v1", canary=site.deployment("v2"), weight=10_000)
    site.write_route(home, both)
    edge = start(home)
    visitor = "__cdv=" + "0" * 32
    for lines in (["a=1", visitor], [visitor, "a=1"], [visitor, "__cdv=x"]):
        heads = "".join(f"Cookie: {line}\r\n" for line in lines)
        answer = raw(edge, f"GET / HTTP/1.1\r\nHost: shop.localhost\r\n{heads}\r\n".encode())
        assert answer.endswith(b"second")
        assert b"Set-Cookie" not in answer


def test_of_two_headers_the_first_counts(home, start):
    site = two_versions(home)
    for version in ("v1", "v2"):
        site.ids[version] = "dpl_" + ids.ulid(seed=version)
        site.publish({"a.js": version.encode()}, version)
    site.fill_cache(home)
    site.write_route(home, site.route("v1", skew_seconds=60))
    edge = start(home)
    pins = [site.ids[version].removeprefix("dpl_") for version in ("v2", "v1")]
    heads = "".join(f"X-CloudDeck-Pin: {pin}\r\n" for pin in pins)
    answer = raw(edge, f"GET /a.js HTTP/1.1\r\nHost: shop.localhost\r\n{heads}\r\n".encode())
    assert answer.endswith(b"v2")


def test_a_canary_that_is_missing_is_our_fault_and_a_pin_is_not(home, start, bucket):
    site = two_versions(home)
    missing = "dpl_" + ids.ulid()
    site.write_route(home, site.route("v1", canary=missing, weight=10_000, skew_seconds=60))
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    status, headers, _ = ask(edge, "shop.localhost", "/", Accept="text/html")
    assert (status, headers["X-CloudDeck-Error"]) == (502, "blob_missing")
    assert headers["Set-Cookie"] is None
    pin = {"X-CloudDeck-Pin": missing.removeprefix("dpl_")}
    status, headers, _ = ask(edge, "shop.localhost", "/a.js", **pin)
    assert (status, headers["X-CloudDeck-Error"]) == (404, "unknown_deployment")
    assert headers["X-CloudDeck-Deployment"] is None


def test_concurrent_writers_leave_the_highest_generation(home):
    site = two_versions(home)
    port = LocalEdge(home, free_port(), SECRET)
    orders = list(range(1, 41))
    random.Random(3).shuffle(orders)
    threads = [threading.Thread(target=port.put, args=(port_route(site, "v1", n),)) for n in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    folder = home / "edge/routes"
    assert json.loads((folder / "shop.json").read_bytes())["generation"] == 40
    assert [p.name for p in folder.iterdir()] == ["shop.json"]
    with pytest.raises(OSError):
        port.ask("shop.localhost", "/")
    with pytest.raises(ValueError):
        port.put(SiteRoute(site.project, site.team, "../x", None, 1))


def test_bad_routes_keep_the_last_good_one(home, start):
    site = two_versions(home)
    other = FakeSite("other")
    other.publish({"index.html": b"other"})
    other.fill_cache(home)
    site.write_route(home)
    other.write_route(home)
    edge = start(home)
    good = json.loads(site.route("v2", 2))
    bad = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"version":1}',
        b" " * 20_000,
        b"[" * 15_000,
        *(
            json.dumps({**good, **change}).encode()
            for change in (
                {"version": 2},
                {"slug": "other"},
                {"production": "../../etc/passwd"},
                {"production": 7},
                {"generation": "2"},
                {"generation": -1},
                {"generation": True},
                {"site": "x"},
                {"team": "../x"},
                {"gone": "no"},
                {"canary": "../x"},
                {"canary": 7},
                {"weight": -1},
                {"weight": 10_001},
                {"weight": "5"},
                {"weight": None},
                {"skew_seconds": -1},
                {"skew_seconds": True},
                {"skew_seconds": 2**31},
            )
        ),
    ]
    for body in bad:
        site.write_route(home, body)
        edge.reload()
        assert ask(edge, "shop.localhost", "/")[2] == b"first", body[:40]
        assert ask(edge, "other.localhost", "/")[2] == b"other"
    site.write_route(home, site.route("v2", 2))
    until = time.monotonic() + 5  # without a poke
    while ask(edge, "shop.localhost", "/")[2] != b"second":
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_route_to_another_sites_deployment_is_refused(home, start):
    site = two_versions(home)
    other = FakeSite("other")
    other.publish({"index.html": b"other"})
    other.fill_cache(home)
    site.write_route(home, site.route("v1", 1, production=other.deployment()))
    edge = start(home)
    status, _, body = ask(edge, "shop.localhost", "/")
    assert status == 502
    assert body != b"other"


def test_corrupt_copies_are_not_served(home, start):
    site = two_versions(home)
    site.write_route(home)
    digest = hashlib.sha256(b"first").hexdigest()
    (home / f"edge/cache/blobs/{site.team}/{digest[:2]}/{digest}").write_bytes(b"fIrst")
    edge = start(home)
    status, headers, body = ask(edge, "shop.localhost", "/")
    assert status == 502
    assert headers["X-CloudDeck-Error"] == "store_unavailable"
    assert site.deployment().encode() in body


def test_kill_leaves_nothing_and_sigterm_drains(home, start):
    site = FakeSite("shop")
    site.publish({"big.bin": BIG})
    site.fill_cache(home)
    site.write_route(home)
    edge = start(home)
    assert not _children(edge.process.pid)
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as sock:
        sock.sendall(b"GET /big.bin HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
        first = sock.recv(1000)
        edge.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        total = len(first)
        while piece := sock.recv(1 << 20):
            total += len(piece)
    assert total > len(BIG)
    assert edge.process.wait(10) == 0
    again = start(home)
    os.kill(again.process.pid, signal.SIGKILL)
    again.process.wait(10)
    assert start(home).health()["status"] == "ok"


def _children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


# --- the store ---


def upload(bucket, site):
    bucket.objects.update(site.objects)


def test_store_to_disk_to_serving_without_store(home, start, bucket):
    site = FakeSite("shop")
    files = {f"p/{n}.html": f"page {n} {'x' * 400}".encode() for n in range(40)}
    site.publish({**files, "index.html": TEXT, "big.bin": BIG})
    preview = FakeSite("shop")
    preview.publish({"index.html": b"preview"}, "v2")
    upload(bucket, site)
    upload(bucket, preview)
    site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    assert ask(edge, "shop.localhost", "/")[2] == TEXT
    label = site.deployment("v2").removeprefix("dpl_")
    assert ask(edge, f"{label}--shop.localhost", "/")[2] == b"preview"
    canary = FakeSite("shop")
    canary.publish({"index.html": b"canary", "c.txt": b"canary's"}, "v3")
    upload(bucket, canary)
    site.write_route(home, site.route("v1", 2, canary=site.deployment("v3"), weight=10_000))
    edge.reload()
    edge.settle()
    site.write_route(home, site.route("v1", 3))
    edge.reload()
    assert edge.stop() == 0

    offline = start(home)
    for path, data in files.items():
        assert ask(offline, "shop.localhost", "/" + path.removesuffix(".html"))[2] == data
    assert ask(offline, "shop.localhost", "/big.bin")[2] == BIG
    label = site.deployment("v3").removeprefix("dpl_")
    assert ask(offline, f"{label}--shop.localhost", "/c.txt")[2] == b"canary's"
    assert ask(offline, "shop.localhost", "/", Accept_Encoding="br")[1]["Content-Encoding"] == "br"


def test_concurrent_misses_are_one_fetch(home, start, bucket):
    site = FakeSite("shop")
    site.publish({"index.html": TEXT}, "v2")
    upload(bucket, site)
    site.write_route(home, site.route(None))
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    bucket.delay = 0.3
    host = site.deployment("v2").removeprefix("dpl_") + "--shop.localhost"
    bodies = []
    threads = [
        threading.Thread(target=lambda: bodies.append(ask(edge, host, "/")[2])) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [TEXT] * 30
    assert set(bucket.asked.values()) == {1}


def test_swaps_under_load_never_mix_or_fail(home, start):
    site = FakeSite("shop")
    for version in ("v1", "v2"):
        site.publish({"index.html": version.encode() * 200, "a.js": version.encode()}, version)
    site.fill_cache(home)
    site.write_route(home)
    edge = start(home)
    port = LocalEdge(home, edge.port, SECRET)
    known = {site.deployment(v): v.encode() * 200 for v in ("v1", "v2")}
    wrong = []
    ended = threading.Event()

    def visit():
        while not ended.is_set():
            status, headers, body = ask(edge, "shop.localhost", "/")
            if status != 200 or known[headers["X-CloudDeck-Deployment"]] != body:
                wrong.append((status, body))

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for generation in range(2, 80):
        version = "v1" if generation % 2 else "v2"
        port.put(port_route(site, version, generation))
        assert ask(edge, "shop.localhost", "/")[2] == known[site.deployment(version)]
    ended.set()
    for visitor in visitors:
        visitor.join()
    assert not wrong


def test_missing_and_false_blobs(home, start, bucket):
    site = FakeSite("holes", "two")
    site.publish({"index.html": b"index", "gone.html": b"gone", "false.html": b"false"})
    keys = {data: key for key, data in site.objects.items()}
    del site.objects[keys[b"gone"]]
    site.objects[keys[b"false"]] = b"FALSE"
    upload(bucket, site)
    site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    assert ask(edge, "holes.localhost", "/")[2] == b"index"
    for path, code in [("/gone", "blob_missing"), ("/false", "store_unavailable")]:
        status, headers, body = ask(edge, "holes.localhost", path)
        assert status == 502
        assert headers["X-CloudDeck-Error"] == code
        assert headers["Cache-Control"] == "no-store"
        assert site.deployment().encode() in body
    bucket.objects[keys[b"gone"]] = b"gone"
    time.sleep(1.2)
    assert ask(edge, "holes.localhost", "/gone")[2] == b"gone"


def test_a_team_cannot_read_anothers_blob_by_its_digest(home, start, bucket):
    victim = FakeSite("victim", "victim team")
    victim.publish({"index.html": b"a secret"})
    thief = FakeSite("thief", "thief team")
    thief.publish({"index.html": b"a secret"})
    thief.objects = {k: v for k, v in thief.objects.items() if not k.startswith("blobs/")}
    for site in (victim, thief):
        upload(bucket, site)
        site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    assert ask(edge, "victim.localhost", "/")[2] == b"a secret"
    status, _, body = ask(edge, "thief.localhost", "/")
    assert status == 502
    assert b"a secret" not in body


def test_disk_cache_stays_within_its_size(home, start, bucket):
    site = FakeSite("wide", "wide team")
    files = {f"{n}.bin": random.Random(n).randbytes(200_000) for n in range(20)}
    site.publish(files)
    upload(bucket, site)
    site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url, CLOUDDECK_EDGE_CACHE_MB="1")
    for path, data in files.items():
        assert ask(edge, "wide.localhost", "/" + path)[2] == data
    time.sleep(0.3)
    assert edge.health()["disk_bytes"] <= 1024 * 1024
    held = sum(p.stat().st_size for p in (home / "edge/cache").rglob("*") if p.is_file())
    assert held <= 1024 * 1024
