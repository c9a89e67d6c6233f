"""Caches: what saves work never decides what is published."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import pytest

from chalicelib.builds import kept
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import caches, report
from chalicelib.builds.actions.caches import Archive
from chalicelib.core.errors import Conflict
from tests.api.builds import FILES, actor, building, project

__all__ = ["actor", "project"]


def planned(build: str) -> dict[str, dict[str, Any]]:
    content = report.plan(build, list(FILES), FILES)
    return {cache["kind"]: cache for cache in content["caches"]}


def save(services: Any, build: str, kind: str, body: bytes) -> Archive:
    """Do what a runner does to save an archive."""
    what = Archive(kind, planned(build)[kind]["key"], hashlib.sha256(body).hexdigest(), len(body))
    assert services.store.send(caches.request(build, what), body) == 200
    caches.saved(build, what, 12_000)
    return what


UNTRUSTED = {"trusted": False, "trust": "untrusted", "environment": "preview"}
APPROVED = {"trusted": True, "trust": "approved", "environment": "preview"}


def test_the_next_trusted_build_finds_both_archives(services: Any, project: Any) -> None:
    first = building(services, project)
    assert {kind: c["url"] for kind, c in planned(first).items()} == {
        "dependencies": None,
        "framework": None,
    }
    for kind in ("dependencies", "framework"):
        save(services, first, kind, kind.encode())
    for kind, cache in planned(building(services, project)).items():
        assert services.store.fetch(cache["url"]) == (200, kind.encode())
        assert cache["sha256"] == hashlib.sha256(kind.encode()).hexdigest()
        assert cache["write"] is True


@pytest.mark.parametrize("stranger", [UNTRUSTED, APPROVED])
def test_strangers_read_dependencies_only_and_write_nothing(
    services: Any, project: Any, stranger: dict[str, Any]
) -> None:
    first = building(services, project)
    for kind in ("dependencies", "framework"):
        save(services, first, kind, kind.encode())
    build = building(services, project, **stranger)
    found = planned(build)
    assert found["dependencies"]["url"] is not None
    assert found["framework"]["url"] is None
    assert not any(cache["write"] for cache in found.values())
    for kind, cache in found.items():
        for call in (caches.request, lambda b, a: caches.saved(b, a, 0)):
            with pytest.raises(Conflict) as refused:
                call(build, Archive(kind, cache["key"], "d" * 64, 5))
            assert refused.value.code == "cache_read_only"


def test_poison_under_every_guessable_key_reaches_nobody(services: Any, project: Any) -> None:
    """A build of a fork tries every key of production, all it can reach, and changes nothing."""
    first = building(services, project)
    good = {kind: save(services, first, kind, b"good " + kind.encode()) for kind in planned(first)}
    before = dict(services.store.objects)
    build = building(services, project, **UNTRUSTED)
    marker = b"MARKER"
    own = planned(build)
    keys = [a.key for a in good.values()] + [c["key"] for c in own.values()] + ["k", "0" * 64]
    for kind, key, digest in itertools.product(
        good, keys, (hashlib.sha256(marker).hexdigest(), *(a.sha256 for a in good.values()))
    ):
        what = Archive(kind, key, digest, len(marker))
        with pytest.raises(Conflict):
            caches.request(build, what)
        with pytest.raises(Conflict):
            caches.saved(build, what, 0)
    assert services.store.objects == before
    for kind, cache in planned(building(services, project)).items():
        assert services.store.fetch(cache["url"]) == (200, b"good " + kind.encode())


def test_a_trusted_build_uploads_only_what_it_announced(services: Any, project: Any) -> None:
    build = building(services, project)
    key = planned(build)["dependencies"]["key"]
    what = Archive("dependencies", key, hashlib.sha256(b"honest").hexdigest(), 6)
    assert services.store.send(caches.request(build, what), b"poison") != 200
    with pytest.raises(Conflict) as refused:
        caches.saved(build, what, 0)
    assert refused.value.code == "cache_missing"


def test_keys_of_other_plans_are_unknown(services: Any, project: Any) -> None:
    build = building(services, project)
    planned(build)
    with pytest.raises(Conflict) as refused:
        caches.request(build, Archive("dependencies", "0" * 64, "d" * 64, 5))
    assert refused.value.code == "cache_unknown"


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "e" * 64},
        {"size": 5},
        {"mac": "0" * 64},
        {"mac": ""},
    ],
)
def test_a_record_whose_mac_does_not_hold_is_a_miss(
    services: Any, project: Any, change: dict[str, Any]
) -> None:
    saved = save(services, building(services, project), "dependencies", b"good")
    row = kept.cache(project.id, "production", "dependencies", saved.key)
    assert row is not None
    for name, value in change.items():
        setattr(row, name, value)
    row.save()
    assert planned(building(services, project))["dependencies"]["url"] is None


def test_a_record_moved_to_another_place_is_a_miss(services: Any, project: Any) -> None:
    """Neither as another kind nor for another project does an archive count."""
    saved = save(services, building(services, project), "dependencies", b"good")
    row = kept.cache(project.id, "production", "dependencies", saved.key)
    assert row is not None
    target = planned(building(services, project))["framework"]["key"]
    kept.cache_row(
        project.id, "production", "framework", target, row.sha256, int(row.size), row.mac, "b"
    ).save()
    assert planned(building(services, project))["framework"]["url"] is None


def test_an_archive_that_is_gone_is_a_miss(services: Any, project: Any) -> None:
    save(services, building(services, project), "dependencies", b"good")
    services.store.delete([key for key in services.store.objects if key.startswith("caches/")])
    assert planned(building(services, project))["dependencies"]["url"] is None


PREVIEW = {"environment": "preview", "branch": "feature"}


def test_previews_write_nothing_that_production_reads(services: Any, project: Any) -> None:
    """Who may push a branch, but not to production, leaves nothing there through a cache."""
    preview = building(services, project, **PREVIEW)
    saved = save(services, preview, "dependencies", b"of a preview")
    assert planned(building(services, project))["dependencies"]["url"] is None
    production = building(services, project)
    save(services, production, "dependencies", b"of production")

    def read(**more: Any) -> bytes:
        found = planned(building(services, project, **more))["dependencies"]
        return bytes(services.store.fetch(found["url"])[1])

    assert read() == b"of production"
    assert read(**PREVIEW) == b"of a preview"
    assert read(environment="staging") == b"of production"
    # a record moved there by hand is worth nothing either
    row = kept.cache(project.id, "preview", "dependencies", saved.key)
    assert row is not None
    row.sk = row.sk.replace("#preview#", "#staging#")
    row.save()
    assert read(environment="staging") == b"of production"


def test_a_build_that_is_long_over_saves_nothing(services: Any, project: Any) -> None:
    build = building(services, project)
    key = planned(build)["dependencies"]["key"]
    report.complete(build, {"output": "dist", "files": 1, "bytes": 1})
    what = Archive("dependencies", key, hashlib.sha256(b"late").hexdigest(), 4)
    caches.request(build, what)
    row = build_rows.get(build)
    assert row is not None
    build_rows.change(row, None, heartbeat_ms=int(row.heartbeat_ms) - 3_600_001)
    with pytest.raises(Conflict) as refused:
        caches.request(build, what)
    assert refused.value.code == "cache_unknown"
