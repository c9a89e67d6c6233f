"""The edge process and its routes: pointers move at once, never back, and never to another's."""

import hashlib
import json
import os
import random
import signal
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.clouds.local.edge import LocalEdge
from chalicelib.core import ids
from chalicelib.edge.rules import visitors
from chalicelib.edge.rules.access import token
from chalicelib.edge.rules.routes import Access
from chalicelib.ports import SiteRoute
from tests.contract.edge_sites import BIG, SECRET, FakeSite, ask, free_port, port_route, raw


def two_versions(home):
    site = FakeSite("shop")
    site.publish({"index.html": b"first"}, "v1")
    site.publish({"index.html": b"second"}, "v2")
    site.fill_cache(home)
    return site


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


def test_an_alias_is_an_address_of_its_own_that_ends_with_its_site(home, start):
    site = two_versions(home)
    edge = start(home)
    port = LocalEdge(home, edge.port, SECRET)
    alias = replace(port_route(site, "v2", 1), slug="pr-7--shop")
    port.put(alias)
    assert ask(edge, "pr-7--shop.localhost", "/")[0] == 404  # nobody has the slug yet
    port.put(port_route(site, "v1", 1))
    for _ in range(2):  # the second time out of memory
        status, headers, body = ask(edge, "pr-7--shop.localhost", "/")
        assert (status, body, headers["X-Robots-Tag"]) == (200, b"second", "noindex")
    assert ask(edge, "shop.localhost", "/")[2] == b"first"
    port.put(replace(port_route(site, "v1", 2), production=None, gone=True))
    assert ask(edge, "pr-7--shop.localhost", "/")[0] == 404


def test_what_is_forgotten_is_gone_from_memory_and_disk(home, start):
    site = two_versions(home)
    edge = start(home)
    port = LocalEdge(home, edge.port, SECRET)
    port.put(port_route(site, "v1", 1))
    preview = site.deployment("v2").removeprefix("dpl_") + "--shop.localhost"
    for _ in range(2):
        assert ask(edge, preview, "/")[2] == b"second"
    port.forget([site.deployment("v2")])
    assert ask(edge, preview, "/")[0] in {404, 502}  # 502: this edge has no store to ask
    assert ask(edge, "shop.localhost", "/")[2] == b"first"
    with pytest.raises(ValueError, match="not a deployment"):
        port.forget(["dpl_../../../routes/shop"])


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
    past = ((site.ids["v2"], time.time_ns() // 1_000_000),)
    site.write_route(home, site.route("v1", skew_seconds=60, past=past))
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


@pytest.mark.parametrize(
    ("target", "protected", "answers"),
    [("production", False, "v2"), ("preview", False, "v1"), ("production", True, "v1")],
)
def test_a_page_of_a_deployment_that_this_edge_has_not_heard_of(
    home, start, target, protected, answers
):
    """Another edge has shown it: its parts are of it, unless it is a preview, or protected."""
    now = time.time_ns() // 1_000_000
    site = FakeSite("late", ids={v: ids.new("dpl", now - 1000) for v in ("v1", "v2")})
    for version in ("v1", "v2"):
        site.publish({"a.js": version.encode() * 200}, version, target=target)
    site.fill_cache(home)
    route = replace(port_route(site, "v1", 1), skew_seconds=60)
    headers = {"X-CloudDeck-Pin": site.deployment("v2").removeprefix("dpl_")}
    if protected:
        route = replace(route, access=Access("all", "team", "0" * 64))
        headers["Cookie"] = f"__cda={token('0' * 64, 'late', 't', 'x', now // 1000 + 60)}"
    edge = start(home)
    LocalEdge(home, edge.port, SECRET).put(route)
    status, said, _ = ask(edge, "late.localhost", "/a.js", **headers)
    assert (status, said["X-CloudDeck-Deployment"]) == (200, site.deployment(answers))
