"""The shared cases of rules, asked of the local edge over HTTP; caches, doors and hot pages."""

import base64
import re
import time
from urllib.parse import quote

import pytest

from chalicelib.edge.rules import access
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.model import HeaderRule, Routing, Rule, When
from tests.contract.edge_sites import EdgeProcess, FakeSite, ObjectServer, ask, raw
from tests.vectors.routing import deployments, requests

CASES = [case for case in requests() if "proxy" not in case.expect]
KEY = "ab" * 32
TEN_MINUTES = 600


def rules(site: FakeSite, routing: Routing) -> str:
    """Lay rules beside a site's manifests; their digest."""
    data = encode(routing)
    site.objects[f"rules/{site.team}/{digest_of(data)}.json"] = data
    return digest_of(data)


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    home = tmp_path_factory.mktemp("edge")
    for deployed in deployments().values():
        site = deployed.site()
        site.fill_cache(home)
        site.write_route(home)
    plain = FakeSite("plain")
    routing = Routing(
        rules=(
            Rule("t", 1, "/old", "/", 301),
            Rule("t", 2, "/lang", "/de", 302, when=When(language=("de",))),
            Rule("t", 3, "/geo", "/de", 302, when=When(country=("DE",))),
        ),
        headers=(
            HeaderRule("t", 4, "/*", (("X-Own", "yes"), ("Content-Security-Policy", "self"))),
            HeaderRule("t", 5, "/cookie", (("X-B", "1"),), When(cookie=(("b", None),))),
        ),
    )
    plain.publish(
        {"index.html": b"home", "cookie.html": b"c", "a.js": b"js"}, routing=rules(plain, routing)
    )
    plain.publish({"index.html": b"second", "a.js": b"two"}, "v2")
    plain.fill_cache(home)
    plain.write_route(home, plain.route("v1", skew_seconds=60))
    locked = FakeSite("locked")
    locked.publish({"index.html": b"locked", "a.js": b"js"})
    locked.fill_cache(home)
    locked.write_route(home, locked.route(access=["all", "password", KEY, []]))
    damaged = FakeSite("damaged")
    damaged.publish({"index.html": b"damaged"}, routing="ab" * 32)
    damaged.objects[f"rules/{damaged.team}/{'ab' * 32}.json"] = b'{"version":1}'
    damaged.fill_cache(home)
    damaged.write_route(home)
    store = ObjectServer()
    process = EdgeProcess(home, AWS_ENDPOINT_URL_S3=store.url)
    process.plain = plain
    yield process
    assert process.stop() == 0
    store.close()


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("again", [False, True], ids=["cold", "warm"])
def test_vectors(edge, case, again):
    sent = dict(case.headers)
    if case.country:
        sent["X-CloudDeck-Country"] = case.country
    status, headers, body = ask(edge, case.host, case.path, case.method, **sent)
    want = case.expect
    assert status == want["status"]
    assert headers["Location"] == want.get("location")
    if want.get("file") and case.method == "GET":
        assert body == f"{case.table} {want['file']}".encode()
    if "realm" in want:
        assert headers["WWW-Authenticate"] == f'Basic realm="{want["realm"]}", charset="UTF-8"'
        assert headers["Cache-Control"] == "no-store"
    for name, value in want.get("headers", {}).items():
        assert headers[name] == (value or None)
    if want.get("private"):
        assert re.search("private|no-store", headers["Cache-Control"])


def test_headers_stand_in_every_answer(edge):
    _, full, _ = ask(edge, "plain.localhost", "/")
    status, again, _ = ask(edge, "plain.localhost", "/", **{"If-None-Match": full["ETag"]})
    assert status == 304
    for path in ("/", "/a.js", "/none", "/old", "/index.html"):
        _, headers, _ = ask(edge, "plain.localhost", path)
        assert headers["X-Own"] == "yes"
    assert again["X-Own"] == "yes"
    assert again["Content-Security-Policy"] == "self"
    status, headers, _ = ask(edge, "plain.localhost", "/a.js", Range="bytes=0-0")
    assert (status, headers["X-Own"]) == (206, "yes")


def test_caches_beyond_are_told_what_counted(edge):
    _, headers, _ = ask(edge, "plain.localhost", "/lang", **{"Accept-Language": "de"})
    assert headers["Vary"] == "Accept-Language"
    _, headers, _ = ask(edge, "plain.localhost", "/geo", **{"X-CloudDeck-Country": "DE"})
    assert headers["Cache-Control"].startswith("private")
    for cookie, value in (("", None), ("b=1", "1"), ("", None)):
        _, headers, _ = ask(edge, "plain.localhost", "/cookie", Cookie=cookie)
        assert headers["X-B"] == value
        assert "Cookie" in headers["Vary"]
    _, headers, _ = ask(edge, "plain.localhost", "/a.js")
    assert headers["Vary"] in {None, "Accept-Encoding"}


def test_a_part_of_a_page_is_hot_under_skew_and_a_pin_still_counts(edge):
    site = edge.plain
    pin = {version: site.deployment(version).removeprefix("dpl_") for version in ("v1", "v2")}
    past = [[site.deployment("v2"), time.time_ns() // 1_000_000]]
    site.write_route(edge.home, site.route("v1", 2, skew_seconds=60, past=past))
    edge.reload()
    for _ in range(3):
        _, headers, body = ask(edge, "plain.localhost", "/a.js", Cookie=f"__dpl={pin['v1']}")
        assert (body, headers["Set-Cookie"]) == (b"js", None)
        _, _, body = ask(edge, "plain.localhost", "/a.js", Cookie=f"__dpl={pin['v2']}")
        assert body == b"two"
        both = f"__dpl={pin['v2']}; __dpl={pin['v1']}"
        _, _, body = ask(edge, "plain.localhost", "/a.js", Cookie=both)
        assert body == b"two"
        assert ask(edge, "plain.localhost", f"/a.js?dpl={pin['v2']}")[2] == b"two"
        assert ask(edge, "plain.localhost", "/a.js", **{"X-CloudDeck-Pin": pin["v2"]})[2] == b"two"
        _, headers, _ = ask(edge, "plain.localhost", "/", **{"Sec-Fetch-Dest": "document"})
        assert headers["Set-Cookie"].startswith(f"__dpl={pin['v1']}")


def test_other_methods_are_for_backends_alone(edge):
    for host in ("plain.localhost", "exact.localhost", "proxy.localhost"):
        assert ask(edge, host, "/", "POST")[0] == 405
    assert ask(edge, "exact.localhost", "/old", "POST")[0] == 405


def test_rules_that_cannot_be_had_are_no_reason_to_serve_without_them(edge):
    status, headers, body = ask(edge, "damaged.localhost", "/")
    assert (status, headers["X-CloudDeck-Error"]) in {
        (502, "store_unavailable"),
        (502, "blob_missing"),
    }
    assert b"damaged" not in body.partition(b"<h1>")[0]


def test_a_protected_site_opens_with_a_token(edge):
    status, headers, body = ask(edge, "locked.localhost", "/a.js?x=1")
    assert (status, headers["Cache-Control"]) == (401, "no-store")
    assert b'value="/a.js?x=1"' in body
    assert headers["X-CloudDeck-Deployment"] is None
    token = access.token(KEY, "locked", "p", "one", int(time.time()) + TEN_MINUTES)
    where = f"/_clouddeck/access?token={token}&to={quote('/a.js?x=1', safe='')}"
    status, headers, _ = ask(edge, "locked.localhost", where)
    assert (status, headers["Location"]) == (302, "/a.js?x=1")
    cookie = headers["Set-Cookie"].partition(";")[0]
    for _ in range(2):
        status, headers, body = ask(edge, "locked.localhost", "/a.js", Cookie=cookie)
        assert (status, body) == (200, b"js")
        assert headers["Cache-Control"].startswith("private")
        assert ask(edge, "locked.localhost", "/a.js")[0] == 401
    other = access.token(KEY, "other", "p", "one", int(time.time()) + TEN_MINUTES)
    wrong = f"/_clouddeck/access?token={other}&to=%2Fa.js%3Fx%3D1"
    status, _, body = ask(edge, "locked.localhost", wrong)
    assert status == 401
    assert b'value="/a.js?x=1"' in body, "the next try leads where the first one should have"
    assert b"That did not open it." in body
    assert ask(edge, "locked.localhost", "/a.js", Cookie=f"__cda={other}")[0] == 401


def test_credentials_are_asked_for_again_each_time(edge):
    right = base64.b64encode(b"ann:secret").decode()
    for _ in range(3):
        assert ask(edge, "auth.localhost", "/in/page", Authorization=f"Basic {right}")[0] == 200
        assert ask(edge, "auth.localhost", "/in/page")[0] == 401


def test_no_line_of_a_header_is_made_by_a_visitor(edge):
    for path in ("/e/%0d%0aX-Evil:1", "/query?id=%0d%0aX-Evil:%201", "/old?%0d%0aX-Evil:1"):
        for host in ("params.localhost", "when.localhost", "exact.localhost"):
            answer = raw(edge, f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert b"\r\nX-Evil" not in answer
