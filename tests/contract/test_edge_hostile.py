"""What costs an edge everybody's sites, if it let it: one bad file, one endless request."""

import hashlib
import json
import socket
import time

from chalicelib.edge.rules.routing.codec import encode
from chalicelib.edge.rules.routing.model import Routing, Rule
from tests.contract.edge_sites import FakeSite, ask

GUARD = {
    "addresses": {"allow": [], "deny": []},
    "countries": {"allow": [], "deny": []},
    "bots": {"known": "off", "unnamed": "off", "agents": []},
    "rates": [],
    "under_attack": True,
}


def site(home, slug="shop", **route):
    made = FakeSite(slug)
    made.publish({"index.html": b"first"}, "v1")
    made.publish({"index.html": b"second"}, "v2")
    made.fill_cache(home)
    made.write_route(home, made.route("v1", **route))
    return made


def test_a_route_with_a_number_that_is_none_keeps_nobody_else_from_moving(home, start):
    shop, other = site(home), site(home, "other")
    edge = start(home)
    past = [[f"dpl_{'0' * 26}", float("inf")]]
    for more in ({"past": past}, {"match": ["header", "x", [1]]}, {"down": 7}):
        other.write_route(home, other.route("v2", 2, **more))
        edge.reload()
        assert ask(edge, "other.localhost", "/")[2] == b"first"
    shop.write_route(home, shop.route("v2", 2))
    until = time.monotonic() + 10
    while ask(edge, "shop.localhost", "/")[2] != b"second":  # found by looking, not by the poke
        assert time.monotonic() < until
        time.sleep(0.1)


def test_what_follows_a_body_is_bounded_like_a_head(home, start):
    site(home)
    edge = start(home)
    for after in (b"0\r\nX-Trailer: ", b"1;x="):
        with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as line:
            line.sendall(b"POST / HTTP/1.1\r\nHost: shop.localhost\r\n")
            line.sendall(b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n" + after)
            sent, answer = 0, b""
            line.settimeout(0.01)
            while sent < 8 * 1024 * 1024:
                try:
                    sent += line.send(b"a" * 65_536)
                    answer = line.recv(100)
                except TimeoutError:
                    continue
                except OSError:
                    break
                break
            assert sent < 2 * 1024 * 1024, after
            assert not answer or answer.startswith(b"HTTP/1.1 4"), answer


def test_a_check_that_nobody_could_have_passed_is_asked_again(home, start):
    site(home, guard=json.dumps(GUARD))
    edge = start(home)
    for path, cookie in (
        ("/", "__cdg=99999999999.\u00e9"),
        ("/_clouddeck/challenge?a=1&b=2&c=3&d=4&e=5&f=6", ""),
        ("/_clouddeck/challenge?q=99999999999.x.%C3%A9&n=1", ""),
        ("/_clouddeck/challenge?q=99999999999.x.\u00e9&n=1", ""),
    ):
        with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as line:
            head = f"GET {path} HTTP/1.1\r\nHost: shop.localhost\r\nCookie: {cookie}\r\n\r\n"
            line.sendall(head.encode("latin-1"))
            assert line.recv(12) in (b"HTTP/1.1 403", b"HTTP/1.1 400"), path


def test_a_table_that_nobody_checked_is_no_fault_of_the_edge(home, start):
    for number, (pattern, to) in enumerate(
        (("/x", "http://[::1/"), ("/x", "backend:none/x"), ("/x", "https://:b/"), ("/x", "neither"))
    ):
        rules = encode(Routing((Rule("x", 1, pattern, to, 200),)))
        digest = hashlib.sha256(rules).hexdigest()
        shop = FakeSite(f"shop-{number}")
        shop.publish({"index.html": b"first"}, routing=digest)
        shop.objects[f"rules/{shop.team}/{digest}.json"] = rules
        shop.fill_cache(home)
        shop.write_route(home)
    good = site(home)
    edge = start(home)
    for number in range(4):
        assert ask(edge, f"shop-{number}.localhost", "/x")[0] == 502
        assert ask(edge, f"shop-{number}.localhost", "/")[2] == b"first"
    assert ask(edge, f"{good.slug}.localhost", "/")[2] == b"first"
