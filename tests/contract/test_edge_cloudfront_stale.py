"""The edge as on CloudFront while records lag, rows are old, or table and store are away."""

from tests.contract.cloudfront_sites import PAGES, make, shop, viewer, world
from tests.contract.edge_sites import FakeSite

__all__ = ["make", "shop", "viewer", "world"]


def test_without_a_record_the_row_decides_and_nothing_is_kept_long(world, shop):
    world.front.kvs.clear()
    reply = world.ask("shop", "/")
    assert (reply.body, reply.headers["x-clouddeck-deployment"]) == (
        b"<h1>one</h1>",
        shop.deployment(),
    )
    world.route(shop, world.publish(shop, "v2", {"index.html": b"two"}), record=False)
    assert world.ask("shop", "/").body == b"<h1>one</h1>"
    world.now.seconds += 6
    assert world.ask("shop", "/").body == b"two"


def test_a_lagging_record_serves_the_deployment_it_knows(world, shop):
    world.route(shop, world.publish(shop, "v2", {"index.html": b"two"}), record=False)
    assert world.ask("shop", "/").body == b"<h1>one</h1>"


def test_revoked_is_replaced_by_production_everywhere_but_in_its_preview(world, shop):
    good, bad = shop.deployment("v1"), world.publish(shop, "v2", {"index.html": b"bad"})
    world.route(shop, bad)
    assert world.ask("shop", "/").body == b"bad"
    world.now.seconds += 2
    world.route(shop, good, record=False, revoked=(bad,))
    assert world.ask("shop", "/").body == b"bad", "kept, until it is purged"
    world.front.purge(f"dep-{bad.removeprefix('dpl_')}")
    reply = world.ask("shop", "/")
    assert (reply.body, reply.headers["x-clouddeck-deployment"]) == (b"<h1>one</h1>", good)
    preview = world.ask(f"{bad.removeprefix('dpl_')}--shop", "/")
    assert preview.body == b"bad"
    assert preview.headers["x-robots-tag"] == "noindex"
    world.route(shop, bad)
    world.now.seconds += 6
    assert world.ask("shop", "/").body == b"bad", "promoted again: the stand-in was kept 5 s only"


def test_a_pin_chooses_among_the_sites_own_deployments(world, shop):
    made = "dpl_01kah000000000000000000000"
    other = FakeSite("other", ids={"v1": made})
    foreign = world.publish(other, "v1", {"secret.txt": b"not yours"})
    world.route(other, foreign)
    world.front.kvs["shop"]["k"] = 2**40
    headers = {"x-clouddeck-pin": foreign.removeprefix("dpl_"), "sec-fetch-dest": "script"}
    reply = world.ask("shop", "/secret.txt", headers)
    assert reply.status == 404
    assert b"not yours" not in reply.body
    assert reply.headers["x-clouddeck-deployment"] == shop.deployment("v1")


def test_a_preview_of_another_site_is_not_shown(world, shop):
    other = FakeSite("other")
    foreign = world.publish(other, "v1", {"index.html": b"not yours"})
    for host in (f"{foreign[4:]}--shop", f"{shop.deployment()[4:]}--other", "01" * 13 + "--shop"):
        reply = world.ask(host, "/")
        assert reply.status == 404
        assert reply.headers["x-clouddeck-error"] in {"unknown_deployment", "unknown_host"}


def test_sites_outlive_the_table(world, shop):
    world.ask("shop", "/")
    world.backend.failing.add("dynamodb")
    world.now.seconds += 3600
    assert world.ask("shop", "/b").body == b"b"
    world.front.kvs.clear()
    assert world.ask("shop", "/b").body == b"b", "the last row that was seen names production"


def test_what_follows_from_an_old_row_is_kept_for_seconds(world, shop):
    """Whoever leaves is purged once; a function that has not heard of it must not undo that."""
    preview = f"{shop.deployment()[4:]}--shop"
    world.ask("shop", "/")
    world.backend.failing.add("dynamodb")
    world.now.seconds += 2
    for host in ("shop", preview):
        assert world.ask(host, "/b").body == b"b"
        assert world.ask(host, "/a").status == 308
        assert world.ask(host, "/nope").status == 404
    world.backend.failing.clear()
    next_owner = FakeSite("shop", ids={"v1": "dpl_" + "7" * 26}, own_project="prj_" + "7" * 26)
    world.route(next_owner, world.publish(next_owner, "v1", {"index.html": b"next"}))
    world.now.seconds += 6
    for path in ("/b", "/a", "/nope"):
        reply = world.ask(preview, path)
        assert (reply.hit, reply.headers["x-clouddeck-error"]) == (False, "unknown_deployment")


def test_a_new_function_without_the_table_trusts_the_record_and_the_manifest(make, viewer):
    world = make()
    site, other = FakeSite("shop"), FakeSite("other")
    world.route(site, world.publish(site, "v1", PAGES))
    foreign = world.publish(other, "v1", {"index.html": b"not yours"})
    world.backend.failing.add("dynamodb")
    reply = world.ask("shop", "/b")
    assert (reply.status, reply.body) == (200, b"b")
    world.now.seconds += 6
    assert not world.ask("shop", "/b").hit, "kept for seconds: nobody asked the row"
    assert world.ask(f"{foreign[4:]}--shop").headers["x-clouddeck-error"] == "unknown_deployment"
    world.front.kvs.clear()
    reply = world.ask("shop", "/other")
    assert (reply.status, reply.headers["x-clouddeck-error"]) == (502, "route_unavailable")


def test_without_the_store_the_page_names_the_deployment(world, shop):
    world.ask("shop", "/")
    world.backend.failing.add("s3")
    world.bucket.down = 503
    assert world.ask("shop", "/").body == b"<h1>one</h1>", "kept at the edge"
    assert world.ask("shop", "/a").status == 308, "the manifest is in memory"
    reply = world.ask("shop", "/b")
    assert (reply.status, reply.headers["x-clouddeck-error"]) == (502, "store_unavailable")
    assert shop.deployment() in reply.body.decode()
    assert reply.headers["x-clouddeck-deployment"] == shop.deployment()
    world.bucket.down = 0
    world.now.seconds += 6
    assert world.ask("shop", "/b").body == b"b"


def test_without_store_and_memory_it_is_this_deployments_page_too(make):
    world = make()
    site = FakeSite("shop")
    world.route(site, world.publish(site, "v1", PAGES))
    world.backend.failing.add("s3")
    reply = world.ask("shop", "/")
    assert (reply.status, reply.headers["x-clouddeck-error"]) == (502, "store_unavailable")
    assert reply.headers["x-clouddeck-deployment"] == site.deployment()


def test_a_lost_blob_is_never_answered_by_another(world, shop):
    for key in [key for key in world.backend.objects if key.startswith("blobs/")]:
        del world.backend.objects[key]
    reply = world.ask("shop", "/b")
    assert (reply.status, reply.headers["x-clouddeck-error"]) == (502, "blob_missing")
    del world.backend.objects[f"manifests/{shop.deployment()}.json"]
    world.request.manifests._held.clear()
    reply = world.ask("shop", "/a")
    assert (reply.status, reply.headers["x-clouddeck-error"]) == (502, "blob_missing")
