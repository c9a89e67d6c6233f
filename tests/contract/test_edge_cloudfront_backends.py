"""Other servers behind CloudFront: what is passed on, and whose answers are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.edge.rules import tags
from chalicelib.edge.rules.routing.model import (
    Backend,
    Origin,
    Routing,
)
from tests.contract.cloudfront_rules import API, PASSED, rule, viewer, world
from tests.fakes.bucket import Reply

__all__ = ["viewer", "world"]

BARE = Routing(rules=(rule("/api/*", f"https://{API}/v1/:splat", keep_query=False),))
"""Without its query a request says nothing that is not in the key of the cache."""


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
