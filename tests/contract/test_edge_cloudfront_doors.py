"""Protected sites behind CloudFront: who is let in never shares an answer with who is not."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.clouds.aws import routes
from chalicelib.edge.rules import access
from chalicelib.edge.rules.routes import Access
from chalicelib.edge.rules.routing.codec import encode
from chalicelib.edge.rules.routing.credentials import hashed
from chalicelib.edge.rules.routing.model import (
    AuthRule,
    Routing,
)
from tests.contract.cloudfront_rules import DOORS, KEY, viewer, world

__all__ = ["viewer", "world"]


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
