"""Rules, other servers and protected sites behind CloudFront, whole answers from end to end."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.clouds.aws import routes
from chalicelib.core import ids
from chalicelib.edge.rules import access, tags
from chalicelib.edge.rules.routes import Access
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.credentials import hashed
from chalicelib.edge.rules.routing.model import (
    AuthRule,
    Backend,
    HeaderRule,
    Origin,
    Routing,
    Rule,
    When,
)
from chalicelib.edge.rules.routing.table import Table
from chalicelib.ports import SiteRoute
from tests.contract.edge_sites import FakeSite
from tests.fakes.bucket import DictBucket, Reply
from tests.fakes.cloudfront import CloudFront, Event
from tests.fakes.origin import Backend as Cloud
from tests.fakes.viewer import Viewer

DOMAIN = "localhost"
API = "api.example.com"
KEY = "5d" * 32
DOORS = routes.doors("https://api.deck.example", "https://console.deck.example")
FILES = {"index.html": b"home", "a.html": b"a", "b.html": b"b", "x.js": b"js"}


@pytest.fixture(scope="module")
def viewer():
    with Viewer(DOMAIN) as made:
        yield made


class World:
    """One site behind CloudFront, with another server beside it."""

    def __init__(self, viewer: Viewer) -> None:
        self.cloud = Cloud()
        self.bucket = DictBucket(self.cloud.objects)
        self.now = time.time()
        self.front = CloudFront.ours(
            viewer, self.bucket, self.cloud.settings(), {}, lambda: self.now
        )
        assert self.front.origin is not None
        self.front.origin.routes._clock = lambda: self.now
        self.front.servers[API] = self.answer
        self.site = FakeSite("shop", ids={"v1": ids.new("dpl"), "v2": ids.new("dpl")})
        self.reply = Reply(200, {"content-type": "text/plain"}, b"from the server")

    def answer(self, _: Event) -> Reply:
        return replace(self.reply, headers=dict(self.reply.headers))

    def publish(self, routing: Routing | None, version: str = "v1", **more: Any) -> SiteRoute:
        data = encode(routing) if routing else b""
        told = {"routing": digest_of(data)} if routing else {}
        self.site.publish(FILES, version, **told)
        if routing:
            self.site.objects[f"rules/{self.site.team}/{digest_of(data)}.json"] = data
        self.cloud.objects.update(self.site.objects)
        looks = Table(routing).looks if routing else ()
        site, deployment = self.site, self.site.deployment(version)
        route = SiteRoute(site.project, site.team, "shop", deployment, 1, looks=looks)
        return self.tell(replace(route, **more))

    def tell(self, route: SiteRoute) -> SiteRoute:
        self.cloud.rows["shop"] = routes.attributes(route, DOORS)
        self.front.kvs["shop"] = json.loads(routes.record(route, int(time.time() * 1000)))
        self.front.kvs[routes.DOORS] = DOORS
        self.now += 2
        return route

    def ask(
        self, path: str = "/", host: str = "shop", method: str = "GET", **headers: str
    ) -> Reply:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.front.ask(f"{host}.{DOMAIN}", path, given, method)
        assert self.front.faults == []
        return reply


@pytest.fixture
def world(viewer, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = World(viewer)
    yield made
    made.cloud.close()


def rule(pattern: str, to: str, status: int = 200, **more: Any) -> Rule:
    return Rule("_redirects", 1, pattern, to, status, **more)


PASSED = Routing(rules=(rule("/api/*", f"https://{API}/v1/:splat"),))
BARE = Routing(rules=(rule("/api/*", f"https://{API}/v1/:splat", keep_query=False),))
"""Without its query a request says nothing that is not in the key of the cache."""


def test_a_condition_is_in_the_key_of_the_cache(world):
    german = When(language=("de",))
    world.publish(Routing(rules=(rule("/", "/a", force=True, when=german),)))
    assert world.ask("/", accept_language="de").body == b"a"
    assert world.ask("/", accept_language="fr").body == b"home"
    again = world.ask("/", accept_language="de")
    assert (again.body, again.hit) == (b"a", True)
    assert again.headers["vary"] == "Accept-Language"
    assert "x-clouddeck-vary" not in again.headers


def test_a_redirect_to_a_host_of_the_site_does_not_lead_in_a_circle(world):
    """Whichever of its hosts is asked first."""
    world.publish(Routing(rules=(rule("/*", "https://www.example.com/:splat", 301, force=True),)))
    world.front.tenants = {"www.example.com": {"slug": "shop"}, "example.com": {"slug": "shop"}}
    for _ in range(2):
        moved = world.front.ask("example.com", "/a")
        assert (moved.status, moved.headers["location"]) == (301, "https://www.example.com/a")
        assert world.front.ask("www.example.com", "/a").body == b"a"
        assert world.ask("/a").status == 301


def test_a_tenant_that_leads_on(world):
    world.publish(None)
    world.front.tenants = {"example.com": {"slug": "shop", "redirect": "www.example.com"}}
    moved = world.front.ask("example.com", "/a%20b?x=1")
    assert (moved.status, moved.headers["location"]) == (308, "https://www.example.com/a%20b?x=1")
    world.front.tenants["www.example.com"] = {"slug": "shop", "redirect": "www.example.com"}
    assert world.front.ask("www.example.com", "/a").body == b"a"


def test_what_depends_on_a_country_is_for_this_visitor_alone(world):
    world.publish(Routing(rules=(rule("/", "/a", force=True, when=When(country=("DE",))),)))
    for country, body in (("DE", b"a"), ("FR", b"home"), ("DE", b"a")):
        reply = world.ask("/", cloudfront_viewer_country=country)
        assert reply.body == body
        assert reply.headers["cache-control"] == "private,max-age=0,must-revalidate"
    assert reply.hit


def test_a_page_of_older_rules_than_the_record_knows_is_not_kept(world):
    """The record says what the live deployment looks at; an older one looked at something else."""
    german = Routing(rules=(rule("/x.js", "/a", force=True, when=When(language=("de",))),))
    old = world.publish(german, "v1")
    now = int(time.time() * 1000)
    past = ((str(old.production), now),)
    world.publish(None, "v2", skew_seconds=3600, past=past)
    pin = str(old.production)[4:]
    for language, body in (("de", b"a"), ("fr", b"js"), ("de", b"a")):
        reply = world.ask("/x.js", x_clouddeck_pin=pin, accept_language=language)
        assert (reply.body, reply.hit) == (body, False)


def test_a_request_is_passed_on_as_it_came(world):
    world.publish(PASSED)
    reply = world.ask(
        "/api/users%20x?q=1&r",
        method="POST",
        accept="application/json",
        authorization="Bearer x",
        cookie=f"a=1; __Host-cdv={'0' * 32}; __Host-cda=v1.s.x; b=2",
        x_forwarded_host="evil.example",
        x_real_ip="10.0.0.1",
        x_clouddeck_seen="access=1",
        x_own="mine",
    )
    assert reply.body == b"from the server"
    assert reply.headers["x-clouddeck-deployment"] == world.site.deployment()
    (sent,) = world.front.passed
    assert (sent["uri"], sent["querystring"], sent["method"]) == ("/v1/users%20x", "q=1&r", "POST")
    custom = sent["origin"]["custom"]
    assert (custom["domainName"], custom["protocol"], custom["port"]) == (API, "https", 443)
    assert custom["sslProtocols"] == ["TLSv1.2"]
    told = {name: values[0]["value"] for name, values in sent["headers"].items()}
    assert told["accept"] == "application/json"
    assert told["authorization"] == "Bearer x"
    assert told["cookie"] == "a=1; b=2"
    assert told["x-forwarded-host"] == "shop.localhost"
    assert told["x-own"] == "mine"
    assert not told.keys() & {"x-real-ip", "x-clouddeck-seen", "x-clouddeck-host"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"cache-control": "public, max-age=60"}, True),
        ({"cache-control": "s-maxage=60"}, True),
        ({"cache-control": "max-age=60"}, False),
        ({}, False),
        ({"cache-control": "public, max-age=60", "set-cookie": "a=1"}, False),
        ({"cache-control": "public, max-age=60", "vary": "Cookie"}, False),
        ({"cache-control": "public, max-age=60", "vary": "X-Forwarded-Host"}, False),
        ({"cache-control": "public, max-age=60", "vary": "accept-encoding"}, True),
        ({"cache-control": "private, max-age=60"}, False),
        ({"cache-control": "no-cache, s-maxage=60"}, False),
        ({"cache-control": "public, max-age=60", "age": "61"}, False),
        ({"expires": "Thu, 01 Jan 2099 00:00:00 GMT"}, False),
    ],
)
def test_an_answer_is_kept_only_when_it_says_so_itself(world, said, kept):
    world.publish(BARE)
    world.reply = Reply(200, {"content-type": "text/html", **said}, b"one")
    assert world.ask("/api/account/x.css").body == b"one"
    world.reply = Reply(200, {"content-type": "text/html", **said}, b"two")
    assert world.ask("/api/account/x.css").body == (b"one" if kept else b"two")


@pytest.mark.parametrize(
    "odd",
    [
        {"cookie": "session=1"},
        {"authorization": "Bearer x"},
        {"x_anything": "1"},
        {"x_forwarded_host": "evil.example"},
        {"origin": "https://evil.example"},
        {"range": "bytes=0-1"},
    ],
)
def test_the_answer_to_an_unusual_request_is_kept_for_nobody(world, odd):
    world.publish(BARE)
    world.reply = Reply(200, {"cache-control": "public, max-age=60"}, b"poison")
    assert world.ask("/api/x", **odd).body == b"poison"
    world.reply = Reply(200, {"cache-control": "public, max-age=60"}, b"clean")
    assert world.ask("/api/x").body == b"clean"


def test_another_query_is_another_answer(world):
    world.publish(PASSED)
    for query in ("?a=1", "?a=2", ""):
        world.reply = Reply(200, {"cache-control": "public, max-age=60"}, query.encode())
        assert world.ask("/api/x" + query).body == query.encode()


def test_what_a_server_says_of_us_is_not_shown(world):
    world.publish(BARE)
    world.reply = Reply(
        200,
        {
            "x-clouddeck-deployment": "dpl_evil",
            "x-clouddeck-carry": "1",
            "x-cache": "Hit",
            "cache-tag": "site-prj_other,news",
            "set-cookie": "__Host-cda=v1.s.x; Path=/",
            "strict-transport-security": "max-age=1",
            "cache-control": "public,s-maxage=60",
        },
        b"x",
    )
    reply = world.ask("/api/x")
    assert reply.headers["x-clouddeck-deployment"] == world.site.deployment()
    assert not reply.headers.keys() & {"x-cache", "cache-tag", "set-cookie", "x-clouddeck-carry"}
    assert reply.headers["strict-transport-security"] == "max-age=1"
    assert world.front.purge("site-prj_other") == 0
    assert world.front.purge(tags.of_own(world.site.project, "News")) == 1


def test_a_query_that_rules_look_at_is_in_the_key(world):
    shown = When(query=(("draft", ("1",)),))
    world.publish(Routing(rules=(*PASSED.rules, rule("/a", "/b", force=True, when=shown))))
    for _ in range(2):
        for query in ("?a=1", "?a=2", ""):
            said = {"cache-control": "public, max-age=60"}
            world.reply = Reply(200, said, query.encode())
            reply = world.ask("/api/x" + query)
            assert reply.body == query.encode()
    assert reply.hit


def test_servers_of_a_backend_by_weight_and_health(world):
    others = [f"{name}.example.com" for name in ("one", "two", "three")]
    backend = Backend(
        "shop",
        tuple(
            Origin(host[: host.index(".")], f"https://{host}", weight)
            for host, weight in zip(others, (60, 30, 10), strict=True)
        ),
        timeout_seconds=7,
    )
    for host in others:
        world.front.servers[host] = lambda made: Reply(
            200, {}, made["origin"]["custom"]["domainName"].encode()
        )
    routing = Routing(rules=(rule("/b/*", "backend:shop/:splat"),), backends=(backend,))
    route = world.publish(routing)
    counted = [world.ask(f"/b/{n}").body.decode() for n in range(400)]
    shares = [counted.count(host) / 400 for host in others]
    for share, weight in zip(shares, (0.6, 0.3, 0.1), strict=True):
        assert abs(share - weight) < 4 * (weight * (1 - weight) / 400) ** 0.5
    assert world.front.passed[0]["origin"]["custom"]["readTimeout"] == 7
    world.tell(replace(route, down=("shop.one", "shop.two")))
    assert {world.ask(f"/b/{n}").body for n in range(20)} == {b"three.example.com"}


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://localhost/",
        "https://metadata.google.internal/",
        "https://intranet/",
        "https://api.example.com:22/",
        "https://0x7f.1/",
        "https://2130706433/",
    ],
)
def test_no_rule_reaches_what_is_not_public(world, url):
    """They are refused when they are published; an edge that meets one all the same refuses too."""
    world.publish(Routing(rules=(rule("/api/*", url),)))
    reply = world.ask("/api/x")
    assert reply.status == 502
    assert reply.headers["x-clouddeck-error"] == "rule_unusable"
    assert world.front.passed == []


def test_headers_of_rules_are_on_what_is_kept_and_not_modified(world):
    headers = (("X-A", "1"), ("Cache-Control", "public,max-age=60,s-maxage=99"), ("ETag", '"x"'))
    world.publish(Routing(headers=(HeaderRule("_headers", 1, "/*", headers),)))
    for _ in range(2):
        reply = world.ask("/x.js")
        assert reply.headers["x-a"] == "1"
        assert reply.headers["cache-control"] == "public,max-age=60"
        assert reply.headers["etag"] != '"x"'
    assert reply.hit
    assert world.ask("/x.js", if_none_match=reply.headers["etag"]).status == 304


def test_headers_that_do_not_fit_are_a_fault_and_not_left_out(world):
    chance = random.Random(1)
    many = tuple((f"X-Long-{n}", chance.randbytes(900).hex()) for n in range(6))
    world.publish(Routing(headers=(HeaderRule("_headers", 1, "/*", many),)))
    assert world.ask("/x.js").headers["x-clouddeck-error"] == "rule_unusable"


def test_a_name_and_a_password(world):
    import base64

    users = (("ann", "00" * 16, hashed("let me in", bytes(16))),)
    world.publish(Routing(auth=(AuthRule("_headers", 1, "/a", users, "Club"),)))
    right = "Basic " + base64.b64encode(b"ann:let me in").decode()
    for said, status in ((right, 200), ("", 401), (right[:-4], 401), (right, 200)):
        reply = world.ask("/a", authorization=said) if said else world.ask("/a")
        assert (reply.status, reply.hit) == (status, False)
        if status == 401:
            assert reply.headers["www-authenticate"] == 'Basic realm="Club", charset="UTF-8"'
            assert reply.headers["cache-control"] == "no-store"
        else:
            assert reply.headers["cache-control"] == "private,max-age=0,must-revalidate"


@pytest.mark.parametrize("damage", ["gone", "cut", "other", "unreachable"])
def test_rules_that_cannot_be_read_open_nothing(world, damage):
    world.publish(Routing(auth=(AuthRule("_headers", 1, "/*", (), "Club"),)))
    (key,) = [key for key in world.cloud.objects if key.startswith("rules/")]
    if damage == "gone":
        del world.cloud.objects[key]
    elif damage == "cut":
        world.cloud.objects[key] = world.cloud.objects[key][:-1]
    elif damage == "other":
        world.cloud.objects[key] = encode(Routing())
    else:
        world.cloud.failing.add("s3")
    reply = world.ask("/a")
    assert reply.status == 502
    assert reply.headers["x-clouddeck-error"] == "store_unavailable"


def shut(scope: Any = "all", mode: Any = "password") -> Access:
    return Access(scope, mode, KEY)


def token(kind: Any = "s") -> str:
    said = access.token(KEY, "shop", kind, "share001", int(time.time()) + 600)
    return f"__Host-cda={said}"


def test_who_is_let_in_and_who_is_not_never_share_an_answer(world):
    route = world.publish(None)
    assert world.ask("/a").body == b"a"
    world.tell(replace(route, access=shut()))
    assert world.ask("/a").status == 401
    reply = world.ask("/a", cookie=token())
    assert (reply.body, reply.hit) == (b"a", False)
    assert reply.headers["cache-control"] == "private,max-age=0,must-revalidate"
    assert world.ask("/a", cookie=token()).hit
    assert world.ask("/a").status == 401
    assert world.ask("/nothing", cookie=token()).headers["cache-control"] == "no-store"


def test_an_edge_that_has_not_heard_of_the_protection_shows_nothing_new(world):
    """The store of routes follows the row within a minute; the row is asked by what is not kept."""
    route = world.publish(None)
    world.cloud.rows["shop"] = routes.attributes(replace(route, access=shut()), DOORS)
    world.now += 2
    for host in ("shop", f"{world.site.deployment()[4:]}--shop"):
        reply = world.ask("/b", host, x_clouddeck_seen="access=1", cookie="x&access=1=2")
        assert reply.status == 401
        assert reply.headers["x-clouddeck-error"] == "protected"
        assert b"https://api.deck.example/v1/access/shop" in reply.body


def test_a_pin_shows_no_preview(world):
    """Nor does the address of one at the site's own host."""
    route = world.publish(None, skew_seconds=3600)
    hidden = world.site.publish({"index.html": b"hidden", "s.js": b"hidden"}, "v2")
    world.cloud.objects.update(world.site.objects)
    world.tell(replace(route, access=shut("previews")))
    pin = hidden[4:]
    reply = world.ask("/x.js", x_clouddeck_pin=pin, sec_fetch_dest="script")
    assert (reply.body, reply.status) == (b"js", 200)
    assert reply.headers["x-clouddeck-deployment"] == route.production
    assert world.ask("/s.js", x_clouddeck_pin=pin, sec_fetch_dest="script").status == 404
    assert world.ask("/", f"{pin}--shop").status == 401
    assert world.ask("/", f"{pin}--shop", cookie=token()).body == b"hidden"


def test_a_path_is_dropped_with_its_folder(world):
    world.publish(None)
    site = world.site.project
    for pattern, gone in (("/x.js", 1), ("/a*", 2), ("/*", 2), ("/nothing", 0)):
        world.ask("/a"), world.ask("/x.js")
        assert world.front.purge(tags.of_pattern(site, pattern)) == gone, pattern
