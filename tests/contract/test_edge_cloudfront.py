"""The whole edge as on CloudFront: every case of the vectors, kept answers, parts and headers."""

import http.client
import json
from urllib.parse import urlsplit

import pytest

from tests.contract.cloudfront_sites import CASES, DOMAIN, PAGES, make, shop, viewer, world, worlds
from tests.contract.edge_sites import FakeSite, ObjectServer
from tests.fakes.bucket import HttpBucket
from tests.vectors.cases import content

__all__ = ["make", "shop", "viewer", "world", "worlds"]


@pytest.mark.parametrize("again", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize(("book", "case"), CASES, ids=lambda it: getattr(it, "name", "") or None)
def test_cases(worlds, book, case, again):
    world = worlds[id(book)]
    front = world.front
    front.kvs = book.records(case)
    front.tenants = {case.host: case.tenant} if case.own_domain and case.tenant is not None else {}
    reply = front.ask(
        case.host,
        case.path,
        case.headers_over_tls
        | ({"cloudfront-viewer-country": case.country} if case.country else {}),
        request_id=case.request_id,
        now=case.now or book.now or None,
    )
    assert front.faults == []
    want = case.expect
    assert reply.status == want["status"]
    assert reply.headers.get("location") == want["location"]
    assert reply.headers.get("x-clouddeck-deployment") == want["deployment"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in reply.headers if name.startswith("x-amz-")]
    if want["deployment"]:
        hidden = want["why"] == "preview" or "--" in want["uri"].split("/")[2]
        assert reply.headers.get("x-robots-tag") == ("noindex" if hidden else None)
    if want["file"]:
        slug, version = book.owner(want["deployment"])
        assert reply.body == content(slug, version, want["file"])
    else:
        assert not any(reply.body.startswith(f"{slug} ".encode()) for slug in book.sites)
    assert reply.cookies == [
        f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}"
        for name, (value, seconds) in case.cookies_over_tls.items()
    ]


def test_a_page_is_fetched_once_and_kept_for_a_year(world, shop):
    first = world.ask("shop", "/")
    assert (first.status, first.body, first.hit) == (200, b"<h1>one</h1>", False)
    assert first.headers["cache-control"] == "public,max-age=0,must-revalidate"
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert first.headers["accept-ranges"] == "bytes"
    assert "server" not in first.headers
    assert "last-modified" not in first.headers
    assert world.front.ran == [
        *("viewer-request", "origin-request", "origin-response", "viewer-response")
    ]
    world.now.seconds += 31_535_999
    again = world.ask("shop", "/")
    assert (again.body, again.hit) == (b"<h1>one</h1>", True)
    assert world.front.ran == ["viewer-request", "viewer-response"]


def test_head_is_answered_without_a_body(world, shop):
    head = world.ask("shop", "/", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == "12"
    assert world.ask("shop", "/").body == b"<h1>one</h1>"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_sites_can_only_be_read(world, shop, method):
    reply = world.ask("shop", "/", method=method)
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, HEAD"
    assert reply.headers["cache-control"] == "no-store"
    assert world.bucket.asked == []


def test_redirects_are_kept_and_carry_each_visitors_query(world, shop):
    for query, hit in [("", False), ("?x=1", True), ("?y=2&z", True)]:
        reply = world.ask("shop", f"/a{query}")
        assert (reply.status, reply.headers["location"], reply.hit) == (308, f"/a/{query}", hit)
    assert reply.headers["x-clouddeck-deployment"] == shop.deployment()
    assert world.bucket.asked == []


def test_the_not_found_page_keeps_its_status_and_is_sent_whole(world, shop):
    for headers in ({"range": "bytes=0-2"}, {}, {"range": "bytes=0-2"}):
        reply = world.ask("shop", "/nope", headers)
        assert (reply.status, reply.body) == (404, b"nothing")
    assert reply.hit
    assert "etag" not in reply.headers
    assert "viewer-response" not in world.front.ran
    world.now.seconds += 301
    assert not world.ask("shop", "/nope").hit, "it is shown to visitors with these headers"


def test_tags_purge_a_deployment_or_a_site(world, shop):
    site = FakeSite("other")
    world.route(site, world.publish(site, "v1", PAGES))
    for path in ("/", "/a", "/b", "/nope"):
        assert not world.ask("shop", path).hit
    world.ask("other")
    assert world.front.purge(f"dep-{shop.deployment().removeprefix('dpl_')}") == 4
    assert not world.ask("shop").hit
    assert world.ask("other").hit
    assert world.front.purge(f"site-{site.project}") == 1


def test_conditions_and_parts_are_answered_from_the_cache(world, shop):
    tag = world.ask("shop", "/b").headers["etag"]
    assert world.ask("shop", "/b", {"if-none-match": tag}).status == 304
    part = world.ask("shop", "/", {"range": "bytes=1-2"})
    assert (part.status, part.body) == (206, b"h1")
    assert part.headers["content-range"] == "bytes 1-2/12"
    world.ask("shop", "/")
    kept = world.ask("shop", "/", {"range": "bytes=-5"})
    assert (kept.status, kept.body, kept.hit) == (206, b"/h1>"[-5:].rjust(5, b"<"), True)
    world.front.cache.clear()
    beyond = world.ask("shop", "/", {"range": "bytes=90-"})
    assert (beyond.status, beyond.headers["content-range"]) == (416, "bytes */12")
    assert beyond.headers["cache-control"] == "no-store"


def test_a_part_is_of_the_version_that_the_visitor_has_or_it_is_the_whole(world, shop):
    """Half a download of one deployment is not completed with bytes of the next."""
    tag = world.ask("shop", "/").headers["etag"]
    for held, status in [(tag, 206), ('"of another deployment"', 200), (f"W/{tag}", 200)]:
        world.front.cache.clear()
        reply = world.ask("shop", "/", {"range": "bytes=4-", "if-range": held})
        assert (reply.status, reply.body[-5:]) == (status, b"</h1>")
    world.front.cache.clear()
    assert world.ask("shop", "/", {"range": "bytes=90-"}, method="HEAD").status == 200


def test_cloudfront_compresses_and_the_tag_turns_weak(world):
    site = FakeSite("shop")
    text = b"<p>cloud deck</p>" * 200
    world.route(site, world.publish(site, "v1", {"index.html": text}))
    plain = world.ask("shop", "/")
    packed = world.ask("shop", "/", {"accept-encoding": "gzip, deflate, br"})
    assert packed.headers["content-encoding"] == "br"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] == "W/" + plain.headers["etag"]
    assert len(packed.body) < len(text) == len(plain.body)
    again = {"accept-encoding": "br, gzip", "if-none-match": packed.headers["etag"]}
    assert world.ask("shop", "/", again).status == 304


def test_what_a_visitor_says_in_our_headers_is_not_heard(world, shop):
    lies = {
        "x-clouddeck-status": "500",
        "x-clouddeck-type": "text/evil",
        "x-clouddeck-deployment": "dpl_evil",
        "x-clouddeck-keep": "visitor=" + "0" * 32,
    }
    reply = world.ask("shop", "/", lies)
    assert (reply.status, reply.cookies) == (200, [])
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["x-clouddeck-deployment"] == shop.deployment()


def test_hostile_names_stay_out_of_headers(world):
    site = FakeSite("shop")
    names = {"ü\u2028.html": b"1", "a\r\nSet-Cookie: x=1.txt": b"2", "naïve.txt": b"3"}
    world.route(site, world.publish(site, "v1", names))
    assert world.ask("shop", "/%C3%BC%E2%80%A8").body == b"1"
    assert world.ask("shop", "/na%C3%AFve.txt").body == b"3"
    moved = world.ask("shop", "/%C3%BC%E2%80%A8.html")
    assert (moved.status, moved.headers["location"]) == (308, "/%C3%BC%E2%80%A8")
    assert world.ask("shop", "/a%0D%0ASet-Cookie:%20x=1.txt").status == 400


def test_a_hundred_thousand_files(world):
    site = FakeSite("large")
    files = {f"p/{n // 1000}/{n}.html": b"page %d" % n for n in range(100_000)}
    world.route(site, world.publish(site, "v1", files | {"404.html": b"none of them"}))
    assert len(world.backend.objects[f"manifests/{site.deployment()}.json"]) < 32_768
    for n in (0, 54_321, 99_999):
        assert world.ask("large", f"/p/{n // 1000}/{n}").body == b"page %d" % n
    assert world.ask("large", "/p/7/7.html").status == 404
    assert world.ask("large", "/p/7").body == b"none of them"
    assert world.request.manifests.bytes < world.request.settings.memory_bytes


def test_generated_answers_are_small(world, shop):
    for path in ("/a", "/" + "%C3%BC" * 300 + "//x", "/%zz", "/" + "x" * 3000):
        world.ask("shop", path)
    sizes = [
        len(json.dumps([k.reply.headers, len(k.reply.body)])) for k in world.front.cache.values()
    ]
    assert len(sizes) == 4
    assert max(sizes) < 20_000


def test_addresses_of_the_edge_are_paths_like_any_other(world, shop):
    other = FakeSite("other")
    foreign = world.publish(other, "v1", {"index.html": b"not yours"})
    for path in (f"/p/other/{foreign[4:]}/", f"/d/other/{foreign[4:]}/", "/blobs/x", "//d/x"):
        assert b"not yours" not in world.ask("shop", path).body


def test_a_visitors_date_freshens_nothing(world, shop):
    """A bucket answers by when a blob was stored; a rollback shows an older one."""
    dated = {"if-modified-since": "Sat, 21 Nov 2026 23:59:59 GMT"}
    for path in ("/", "/nope"):
        assert world.ask("shop", path, dated).status in {200, 304, 404}
        reply = world.ask("shop", path)
        assert reply.body, "nobody else gets an empty page"


def test_a_bucket_behind_the_s3_api(make):
    world = make()
    site = FakeSite("shop")
    world.route(site, world.publish(site, "v1", PAGES))
    s3 = ObjectServer()
    s3.objects = world.backend.objects
    world.front._bucket = HttpBucket(s3.url, "clouddeck-sites")
    assert world.ask("shop", "/").body == b"<h1>one</h1>"
    s3.objects = {}
    assert world.ask("shop", "/b").headers["x-clouddeck-error"] == "blob_missing"
    s3.close()
    assert world.ask("shop", "/a/").headers["x-clouddeck-error"] == "store_unavailable"


def test_over_the_wire(world, shop):
    parts = urlsplit(world.front.serve())
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    for n in range(2):
        connection.request("GET", "/", headers={"Host": f"shop.{DOMAIN}"})
        response = connection.getresponse()
        assert response.read() == b"<h1>one</h1>"
        assert response.headers["X-Cache"] == ("Hit" if n else "Miss") + " from cloudfront"
    connection.request("HEAD", "/nope", headers={"Host": f"shop.{DOMAIN}"})
    response = connection.getresponse()
    assert (response.status, response.read()) == (404, b"")
    connection.close()
    world.front.close()


def test_a_removed_preview_is_gone_once_the_origin_had_time_and_its_tag_is_dropped(world):
    """Its manifest is in the function's memory and its pages are cached for a year."""
    site = FakeSite("shop")
    world.route(site, world.publish(site, "v1", {"index.html": b"live"}))
    removed = world.publish(site, "v2", {"index.html": b"preview", "other.html": b"x"})
    bare = removed.removeprefix("dpl_")
    host = f"{bare}--shop"
    assert world.ask(host).body == b"preview"
    del world.backend.objects[f"manifests/{removed}.json"]
    world.request.manifests._clock = world.now
    world.now.seconds += 2  # what `CloudFrontEdge.forget` waits
    world.front.purge(f"dep-{bare}")
    assert world.ask(host).status == 404
    assert world.ask(host, "/other").status == 404
    assert world.ask("shop", "/", {"X-CloudDeck-Pin": bare}).body == b"live"
