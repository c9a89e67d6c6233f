"""Rules behind CloudFront, whole answers from end to end."""

from __future__ import annotations

import random
import time

import pytest

from chalicelib.edge.rules import tags
from chalicelib.edge.rules.routing.model import (
    HeaderRule,
    Routing,
    When,
)
from tests.contract.cloudfront_rules import PASSED, rule, viewer, world
from tests.fakes.bucket import Reply

__all__ = ["viewer", "world"]


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


def test_a_path_is_dropped_with_its_folder(world):
    world.publish(None)
    site = world.site.project
    for pattern, gone in (("/x.js", 1), ("/a*", 2), ("/*", 2), ("/nothing", 0)):
        world.ask("/a"), world.ask("/x.js")
        assert world.front.purge(tags.of_pattern(site, pattern)) == gone, pattern
