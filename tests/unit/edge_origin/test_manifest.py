"""Manifests and shards: checked, kept by bytes, never another's."""

import hashlib
import json

import pytest

from functions.edge.origin.manifest import AbsentError, Manifests, StoreError
from functions.edge.origin.remote import Remote
from tests.contract.edge_sites import FakeSite


@pytest.fixture
def manifests(backend):
    return of(backend, 10**7)


def of(backend, capacity):
    return Manifests(Remote(backend.url, "s3", "eu-central-1", read_seconds=2.0), capacity)


def test_a_manifest_is_read_once(backend, manifests):
    site = FakeSite("shop")
    deployment = site.publish({"index.html": b"hi"})
    backend.objects = site.objects
    manifest = manifests.get(deployment)
    assert manifests.get(deployment) is manifest
    digest = hashlib.sha256(b"hi").hexdigest()
    assert manifests.find(manifest, "index.html") == (digest, 2)
    assert manifests.find(manifest, "other") is None
    assert sum(backend.asked.values()) == 1


def test_one_that_was_removed_is_noticed_in_time(backend):
    now = [0.0]
    remote = Remote(backend.url, "s3", "eu-central-1", read_seconds=2.0)
    manifests = Manifests(remote, 10**7, lambda: now[0])
    site = FakeSite("shop")
    deployment = site.publish({"index.html": b"hi"})
    backend.objects = dict(site.objects)
    manifests.confirm(deployment, 1.0)  # nothing is held yet, so nobody is asked
    held = manifests.get(deployment)
    manifests.confirm(deployment, 1.0)
    assert sum(backend.asked.values()) == 1
    now[0] = 1.0
    manifests.confirm(deployment, 1.0)
    assert manifests.get(deployment) is held
    backend.objects = {}
    manifests.confirm(deployment, 1.0)
    assert manifests.get(deployment) is held
    now[0] = 2.0
    manifests.confirm(deployment, 1.0)
    assert manifests.bytes == 0
    with pytest.raises(AbsentError):
        manifests.get(deployment)


def test_what_is_held_counts_while_the_store_is_out_of_reach(backend):
    now = [0.0]
    remote = Remote(backend.url, "s3", "eu-central-1", read_seconds=2.0)
    manifests = Manifests(remote, 10**7, lambda: now[0])
    site = FakeSite("shop")
    deployment = site.publish({"index.html": b"hi"})
    backend.objects = dict(site.objects)
    held = manifests.get(deployment)
    backend.close()
    now[0] = 60.0
    manifests.confirm(deployment, 1.0)
    assert manifests.get(deployment) is held


def test_shards_are_read_when_they_are_needed(backend, manifests):
    site = FakeSite("large")
    files = {f"p/{n}.txt": str(n).encode() for n in range(1500)}
    deployment = site.publish(files)
    backend.objects = site.objects
    manifest = manifests.get(deployment)
    for _ in range(2):
        found = manifests.find(manifest, "p/7.txt")
        assert found == (hashlib.sha256(b"7").hexdigest(), 1)
    assert sum(backend.asked.values()) == 2
    assert manifests.find(manifest, "nowhere") is None


def test_a_damaged_shard_is_refused(backend, manifests):
    site = FakeSite("large")
    deployment = site.publish({f"p/{n}.txt": b"x" for n in range(1500)})
    backend.objects = {
        key: b'{"files":{}}' if key.startswith("shards/") else data
        for key, data in site.objects.items()
    }
    manifest = manifests.get(deployment)
    with pytest.raises(StoreError, match="damaged"):
        manifests.find(manifest, "p/7.txt")


def test_bytes_bound_what_is_kept(backend):
    site = FakeSite("shop")
    ids = [site.publish({"index.html": bytes([n])}, f"v{n}") for n in range(10)]
    backend.objects = site.objects
    size = len(site.objects[f"manifests/{ids[0]}.json"]) * 3 + 512
    manifests = of(backend, size * 3 + 100)
    for deployment in ids:
        manifests.get(deployment)
    assert len(manifests._held) == 3
    assert manifests.bytes <= size * 3 + 100
    manifests.get(ids[-1])
    assert backend.asked[f"manifests/{ids[-1]}.json"] == 1
    manifests.get(ids[0])
    assert backend.asked[f"manifests/{ids[0]}.json"] == 2


def test_absent_and_unreadable_are_different(backend, manifests):
    deployment = FakeSite("shop").deployment()
    with pytest.raises(AbsentError):
        manifests.get(deployment)
    backend.failing.add("s3")
    with pytest.raises(StoreError) as error:
        manifests.get(deployment)
    assert not isinstance(error.value, AbsentError)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"deployment": "dpl_01ja0000000000000000000000"},
        {"team": "team_/../x"},
        {"project": None},
        {"files": []},
        {"files": {"a": {"h": "x", "s": 1}}},
        {"files": {"a": {"h": "0" * 64, "s": -1}}},
        {"files": {"a": {"h": "0" * 64, "s": True}}},
        {"shards": {}},
        {"shards": {"0": "0" * 64, "00": "0" * 64}, "files": None},
    ],
)
def test_half_a_manifest_serves_nothing(backend, manifests, change):
    site = FakeSite("shop")
    deployment = site.publish({"index.html": b"hi"})
    body = json.loads(site.objects[f"manifests/{deployment}.json"]) | change
    if body.get("files") is None:
        body.pop("files")
    backend.objects[f"manifests/{deployment}.json"] = json.dumps(body).encode()
    with pytest.raises(StoreError):
        manifests.get(deployment)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_no_json_serves_nothing(backend, manifests, data):
    deployment = FakeSite("shop").deployment()
    backend.objects[f"manifests/{deployment}.json"] = data
    with pytest.raises(StoreError):
        manifests.get(deployment)
