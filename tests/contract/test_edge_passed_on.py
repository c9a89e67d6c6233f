"""The real edge process: proxies with backends of every kind, and a guard before all of it."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from adapters.local.edge import guard_challenge
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.model import Backend, Origin, Routing, Rule, When
from chalicelib.protection.rules import guard as guards
from tests.contract.edge_sites import SECRET, EdgeProcess, FakeSite, ask

HOST = "shop.localhost"


class Behind:
    """A backend: answers with what it was asked, by path."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.broken = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                sent = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append((self.command, self.path, sent, body))
                outer.say(self, body)

            def log_message(self, *_: object) -> None:
                pass

        for method in ("GET", "POST", "HEAD", "PUT"):
            setattr(Handler, f"do_{method}", Handler.answer)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def say(self, handler: Any, body: bytes) -> None:
        path = handler.path.partition("?")[0]
        if self.broken:
            return self.send(handler, 500, b"broken")
        if path.endswith("/stream"):
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for number in range(3):
                piece = f"piece {number};".encode()
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(0.1)
            handler.wfile.write(b"0\r\n\r\n")
            return None
        if path.endswith("/kept"):
            time.sleep(0.1)
            head = {"Cache-Control": "public, s-maxage=60", "Cache-Tag": "news"}
            return self.send(handler, 200, str(len(self.asked)).encode(), head)
        return self.send(handler, 200, self.name.encode() + b":" + body)

    def send(
        self, handler: Any, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)


def site(routing: Routing) -> FakeSite:
    made = FakeSite("shop")
    data = encode(routing)
    digest = digest_of(data)
    made.publish({"index.html": b"<html>home", "page.html": b"<html>page"}, routing=digest)
    made.objects[f"rules/{made.team}/{digest}.json"] = data
    return made


@pytest.fixture
def behind() -> Iterator[list[Behind]]:
    made = [Behind(name) for name in ("a", "b", "eu")]
    yield made
    for one in made:
        one.server.shutdown()


@pytest.fixture
def here(tmp_path: Path, behind: list[Behind]) -> Iterator[tuple[EdgeProcess, FakeSite]]:
    a, b, eu = behind
    origins = (
        Origin("a", f"{a.url}/base", 60),
        Origin("b", f"{b.url}/base", 40),
        Origin("eu", f"{eu.url}/base", 0, When(header=(("region", ("eu",)),))),
    )
    made = site(
        Routing(
            rules=(
                Rule("t", 1, "/api/*", "backend:api/:splat", 200),
                Rule("t", 2, "/one/*", f"{a.url}/:splat", 200, headers=(("X-Key", "k1"),)),
                Rule("t", 3, "/metadata", "http://169.254.169.254/latest", 200),
            ),
            backends=(Backend("api", origins, failures=2, pause_seconds=1, stale_seconds=60),),
            looks=("header:region",),
        )
    )
    made.fill_cache(tmp_path)
    made.write_route(tmp_path, made.route(looks=["header:region"]))
    edge = EdgeProcess(tmp_path, CLOUDDECK_PRIVATE_OUTBOUND="1")
    yield edge, made
    edge.stop()


def test_a_request_goes_to_a_backend_with_query_body_and_method(
    here: tuple[EdgeProcess, FakeSite], behind: list[Behind]
) -> None:
    edge, made = here
    status, headers, body = ask(
        edge, HOST, "/one/x%20y?q=1&r=a%2Fb", "POST", b"data", Content_Length="4", X_Own="1"
    )
    assert (status, body) == (200, b"a:data")
    assert headers["X-CloudDeck-Deployment"] == made.deployment()
    method, path, sent, got = behind[0].asked[-1]
    assert (method, path, got) == ("POST", "/x%20y?q=1&r=a%2Fb", b"data")
    assert (sent["x-key"], sent["x-own"], sent["x-forwarded-host"]) == ("k1", "1", HOST)
    assert sent["x-forwarded-for"] == "127.0.0.1"
    # files go on being files, and nothing of a site is written to
    assert ask(edge, HOST, "/page")[0] == 200
    assert ask(edge, HOST, "/page", "POST", b"x", Content_Length="1")[0] == 405


def test_answers_stream_and_connections_last(here: tuple[EdgeProcess, FakeSite]) -> None:
    edge, _ = here
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as sock:
        for _ in range(2):
            sock.sendall(f"GET /one/stream HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            got = b""
            while not got.endswith(b"0\r\n\r\n"):
                piece = sock.recv(65536)
                assert piece
                got += piece
            assert b"piece 0;" in got
            assert b"piece 2;" in got
            assert b"transfer-encoding: chunked" in got.lower()


def test_headers_choose_an_origin_and_weights_the_rest(
    here: tuple[EdgeProcess, FakeSite], behind: list[Behind]
) -> None:
    edge, _ = here
    for _ in range(5):
        assert ask(edge, HOST, "/api/who", region="eu")[2].startswith(b"eu:")
    found = [ask(edge, HOST, "/api/who", authorization="x")[2][:1] for _ in range(60)]
    assert {b"a", b"b"} == set(found)
    assert len(behind[2].asked) == 5
    behind[0].broken = behind[2].broken = True
    # the one that is named fails: its breaker opens, and the others take over
    statuses = [ask(edge, HOST, "/api/who", region="eu")[0] for _ in range(6)]
    assert statuses[:2] == [500, 500]
    assert 200 in statuses


def test_many_ask_once_and_stale_answers_bridge_a_fault(
    here: tuple[EdgeProcess, FakeSite], behind: list[Behind]
) -> None:
    edge, made = here
    with ThreadPoolExecutor(20) as threads:
        bodies = list(threads.map(lambda _: ask(edge, HOST, "/api/kept")[2], range(20)))
    assert len(set(bodies)) == 1
    assert sum(len(one.asked) for one in behind) == 1
    wish = json.dumps({"site": made.project, "tags": ["news"], "paths": [], "everything": False})
    url = f"http://127.0.0.1:{edge.port}/_clouddeck/purge"
    poke = urllib.request.Request(
        url, wish.encode(), {"X-CloudDeck-Secret": SECRET, "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(poke, timeout=5) as response:
        assert json.load(response) == {"purged": 1}
    assert ask(edge, HOST, "/api/kept")[1]["X-CloudDeck-Cache"] == "miss"
    assert sum(len(one.asked) for one in behind) == 2


def test_private_addresses_are_refused_where_they_are_not_allowed(
    tmp_path: Path, behind: list[Behind]
) -> None:
    made = site(Routing(rules=(Rule("t", 1, "/one/*", f"{behind[0].url}/:splat", 200),)))
    made.fill_cache(tmp_path)
    made.write_route(tmp_path)
    edge = EdgeProcess(tmp_path)
    try:
        status, headers, _ = ask(edge, HOST, "/one/x")
        assert (status, headers["X-CloudDeck-Error"]) == (502, "backend_not_allowed")
    finally:
        edge.stop()
    assert behind[0].asked == []


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Any]:
    edges = []

    def start(**document: Any) -> EdgeProcess:
        made = FakeSite("shop")
        made.publish({"index.html": b"<html>home"})
        made.fill_cache(tmp_path)
        text = guards.compact(guards.completed({**guards.empty(), **document}))
        made.write_route(tmp_path, made.route(guard=text))
        (tmp_path / "edge" / "countries.csv").write_text(
            "# a list\n203.0.113.0,203.0.113.255,DE\n"
            "2001:db8::,2001:db8::ffff,FR\n1.0.0.0,1.0.0.1,-\n"
        )
        edges.append(EdgeProcess(tmp_path))
        return edges[-1]

    yield start
    for edge in edges:
        edge.stop()


def test_addresses_countries_and_robots_are_refused(guarded: Any) -> None:
    edge = guarded(
        addresses={"allow": ["198.51.100.7/32"], "deny": ["198.51.100.0/24"]},
        countries={"allow": [], "deny": ["DE", "US"]},
        bots={"known": "block", "unnamed": "off", "agents": []},
    )
    for number in range(2):  # hot or not

        def status(number: int = number, **headers: str) -> int:
            return int(ask(edge, HOST, "/", **headers)[0])

        assert status() == 200
        assert status(x_forwarded_for="198.51.100.9") == 403
        assert status(x_forwarded_for="6.6.6.6, 198.51.100.9") == 403
        assert status(x_forwarded_for="198.51.100.9, 6.6.6.6") == 200
        assert status(x_forwarded_for="198.51.100.7", user_agent="sqlmap/1") == 200
        assert status(x_forwarded_for="203.0.113.5") == 403
        assert status(x_forwarded_for="2001:db8::5") == 200
        assert status(x_clouddeck_country="us") == 403
        assert status(user_agent="Mozilla sqlmap/1.0") == 403


def test_rates_are_counted_whatever_the_spelling(guarded: Any) -> None:
    rate = {
        "name": "login", "path": "/login*", "methods": ["POST", "GET"], "key": "ip",
        "window": 60, "limit": 10, "action": "block",
    }  # fmt: skip
    edge = guarded(rates=[rate])
    spellings = ("/login", "/l%6fgin", "/login?x=1", "//login")
    statuses = [ask(edge, HOST, spellings[n % 4])[0] for n in range(14)]
    assert 429 not in statuses[:10]
    assert statuses[10:] == [429] * 4
    headers = ask(edge, HOST, "/login")[1]
    assert 1 <= int(headers["Retry-After"]) <= 120
    assert ask(edge, HOST, "/")[0] == 200
    assert ask(edge, HOST, "/login", x_forwarded_for="6.6.6.6")[0] == 404  # another visitor


def test_an_attack_is_answered_by_a_question_that_a_browser_solves(guarded: Any) -> None:
    edge = guarded(under_attack=True)
    status, headers, page = ask(edge, HOST, "/path?q=1")
    assert (status, headers["X-CloudDeck-Error"]) == (403, "challenge")
    nonce = headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
    assert f'nonce="{nonce}"'.encode() in page
    target = solved(page.decode(), "/path", "?q=1")
    assert target.startswith("/_clouddeck/challenge?q=")
    status, headers, _ = ask(edge, HOST, target)
    assert (status, headers["Location"]) == (303, "/path?q=1")
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert "HttpOnly" in headers["Set-Cookie"]
    assert ask(edge, HOST, "/", Cookie=cookie)[0] == 200
    # it is the visitor's alone, and nothing that is made up opens
    assert ask(edge, HOST, "/", Cookie=cookie, x_forwarded_for="6.6.6.6")[0] == 403
    last = "1" if cookie[-1] == "0" else "0"
    assert ask(edge, HOST, "/", Cookie=cookie[:-1] + last)[0] == 403
    assert ask(edge, HOST, "/", Cookie="__cdg=9999999999." + "0" * 64)[0] == 403
    assert ask(edge, HOST, target, x_forwarded_for="6.6.6.6")[0] == 403
    for elsewhere in ("//evil.example", "/\\evil.example", "https://evil.example", "%0d%0aX:y"):
        location = ask(edge, HOST, target.partition("&to=")[0] + "&to=" + elsewhere)[1]["Location"]
        assert location == "/"


def solved(page: str, path: str, query: str) -> str:
    """Where a browser that runs the script of the page goes."""
    script = page.partition("<script")[2].partition(">")
    attributes, code = script[0], script[2].partition("</script>")[0]
    question = attributes.partition('data-question="')[2].partition('"')[0]
    bits = attributes.partition('data-bits="')[2].partition('"')[0]
    assert int(bits) == guard_challenge.BITS
    around = (
        f"const location = {{pathname: {json.dumps(path)}, search: {json.dumps(query)},"
        "replace: to => console.log(to)};"
        f"const document = {{currentScript: {{dataset: {{question: {json.dumps(question)},"
        f" bits: {bits}}}}}}};"
    )
    ran = subprocess.run(
        ["node", "-e", around + code], capture_output=True, text=True, timeout=60, check=True
    )
    return ran.stdout.strip()
