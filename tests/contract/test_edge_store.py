"""The edge process and the store: from the bucket to the disk, and serving without either."""

import random
import threading
import time

from chalicelib.clouds.local.edge import LocalEdge
from tests.contract.edge_sites import BIG, SECRET, TEXT, FakeSite, ask, port_route


def upload(bucket, site):
    bucket.objects.update(site.objects)


def test_store_to_disk_to_serving_without_store(home, start, bucket):
    site = FakeSite("shop")
    files = {f"p/{n}.html": f"page {n} {'x' * 400}".encode() for n in range(40)}
    site.publish({**files, "index.html": TEXT, "big.bin": BIG})
    preview = FakeSite("shop")
    preview.publish({"index.html": b"preview"}, "v2")
    upload(bucket, site)
    upload(bucket, preview)
    site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    assert ask(edge, "shop.localhost", "/")[2] == TEXT
    label = site.deployment("v2").removeprefix("dpl_")
    assert ask(edge, f"{label}--shop.localhost", "/")[2] == b"preview"
    canary = FakeSite("shop")
    canary.publish({"index.html": b"canary", "c.txt": b"canary's"}, "v3")
    upload(bucket, canary)
    site.write_route(home, site.route("v1", 2, canary=site.deployment("v3"), weight=10_000))
    edge.reload()
    edge.settle()
    site.write_route(home, site.route("v1", 3))
    edge.reload()
    assert edge.stop() == 0

    offline = start(home)
    for path, data in files.items():
        assert ask(offline, "shop.localhost", "/" + path.removesuffix(".html"))[2] == data
    assert ask(offline, "shop.localhost", "/big.bin")[2] == BIG
    label = site.deployment("v3").removeprefix("dpl_")
    assert ask(offline, f"{label}--shop.localhost", "/c.txt")[2] == b"canary's"
    assert ask(offline, "shop.localhost", "/", Accept_Encoding="br")[1]["Content-Encoding"] == "br"


def test_concurrent_misses_are_one_fetch(home, start, bucket):
    site = FakeSite("shop")
    site.publish({"index.html": TEXT}, "v2")
    upload(bucket, site)
    site.write_route(home, site.route(None))
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    bucket.delay = 0.3
    host = site.deployment("v2").removeprefix("dpl_") + "--shop.localhost"
    bodies = []
    threads = [
        threading.Thread(target=lambda: bodies.append(ask(edge, host, "/")[2])) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [TEXT] * 30
    assert set(bucket.asked.values()) == {1}


def test_swaps_under_load_never_mix_or_fail(home, start):
    site = FakeSite("shop")
    for version in ("v1", "v2"):
        site.publish({"index.html": version.encode() * 200, "a.js": version.encode()}, version)
    site.fill_cache(home)
    site.write_route(home)
    edge = start(home)
    port = LocalEdge(home, edge.port, SECRET)
    known = {site.deployment(v): v.encode() * 200 for v in ("v1", "v2")}
    wrong = []
    ended = threading.Event()

    def visit():
        while not ended.is_set():
            status, headers, body = ask(edge, "shop.localhost", "/")
            if status != 200 or known[headers["X-CloudDeck-Deployment"]] != body:
                wrong.append((status, body))

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for generation in range(2, 80):
        version = "v1" if generation % 2 else "v2"
        port.put(port_route(site, version, generation))
        assert ask(edge, "shop.localhost", "/")[2] == known[site.deployment(version)]
    ended.set()
    for visitor in visitors:
        visitor.join()
    assert not wrong


def test_missing_and_false_blobs(home, start, bucket):
    site = FakeSite("holes", "two")
    site.publish({"index.html": b"index", "gone.html": b"gone", "false.html": b"false"})
    keys = {data: key for key, data in site.objects.items()}
    del site.objects[keys[b"gone"]]
    site.objects[keys[b"false"]] = b"FALSE"
    upload(bucket, site)
    site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    assert ask(edge, "holes.localhost", "/")[2] == b"index"
    for path, code in [("/gone", "blob_missing"), ("/false", "store_unavailable")]:
        status, headers, body = ask(edge, "holes.localhost", path)
        assert status == 502
        assert headers["X-CloudDeck-Error"] == code
        assert headers["Cache-Control"] == "no-store"
        assert site.deployment().encode() in body
    bucket.objects[keys[b"gone"]] = b"gone"
    until = time.monotonic() + 10
    while ask(edge, "holes.localhost", "/gone")[2] != b"gone":
        assert time.monotonic() < until, "what came late is never found"
        time.sleep(0.1)


def test_a_team_cannot_read_anothers_blob_by_its_digest(home, start, bucket):
    victim = FakeSite("victim", "victim team")
    victim.publish({"index.html": b"a secret"})
    thief = FakeSite("thief", "thief team")
    thief.publish({"index.html": b"a secret"})
    thief.objects = {k: v for k, v in thief.objects.items() if not k.startswith("blobs/")}
    for site in (victim, thief):
        upload(bucket, site)
        site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url)
    assert ask(edge, "victim.localhost", "/")[2] == b"a secret"
    status, _, body = ask(edge, "thief.localhost", "/")
    assert status == 502
    assert b"a secret" not in body


def test_disk_cache_stays_within_its_size(home, start, bucket):
    site = FakeSite("wide", "wide team")
    files = {f"{n}.bin": random.Random(n).randbytes(200_000) for n in range(20)}
    site.publish(files)
    upload(bucket, site)
    site.write_route(home)
    edge = start(home, AWS_ENDPOINT_URL_S3=bucket.url, CLOUDDECK_EDGE_CACHE_MB="1")
    for path, data in files.items():
        assert ask(edge, "wide.localhost", "/" + path)[2] == data
    until = time.monotonic() + 10
    while edge.health()["disk_bytes"] > 1024 * 1024:
        assert time.monotonic() < until, "what is too much stays"
        time.sleep(0.05)
    held = sum(p.stat().st_size for p in (home / "edge/cache").rglob("*") if p.is_file())
    assert held <= 1024 * 1024
