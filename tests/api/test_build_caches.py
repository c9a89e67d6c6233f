"""Caches and full hits: what saves work never decides what is published."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import pytest

from chalicelib.builds import kept
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import caches, hits, making, order, report, trees
from chalicelib.builds.actions.caches import Archive
from chalicelib.builds.rules import listing
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from chalicelib.teams import actions as teams
from tests.unit.builds.test_trees import archive

LOCK = {"sha256": "b" * 64, "text": "{}"}
FILES = {
    "package.json": {
        "sha256": "a" * 64,
        "text": '{"scripts":{"build":"next build"},"dependencies":{"next":"15.0.0"}}',
    },
    "next.config.js": {"sha256": "c" * 64, "text": 'module.exports = {output: "export"}'},
    "package-lock.json": LOCK,
}
_numbers = itertools.count()


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> project_rows.Project:
    return projects.create(actor, "My Site")


def spec(**more: Any) -> dict[str, Any]:
    return {
        "source": {"kind": "archive", "key": "sources/p/c.tar.gz"},
        "slug": "my-site",
        "environment": "production",
        "branch": "main",
        "commit": "c" * 40,
        "framework": None,
        "settings": {},
        "trusted": True,
        "trust": "trusted",
        "url": "http://my-site.localhost",
        **more,
    }


def building(services: Any, project: Any, **more: Any) -> str:
    """A build that a runner has claimed; the one before it is over, for a team has few slots."""
    for older in list(services.builder.orders):
        row = build_rows.get(older.partition("-")[0])
        if row is not None and row.state != "finished":
            report.complete(row.id, {"output": "dist", "files": 1, "bytes": 1})
    deployment = f"dpl_{next(_numbers):026d}"
    build = making.make(deployment, project.id, project.team, spec(**more)).id
    services.workflow.waiting.add(deployment)
    order.run(build, deployment)
    report.claim(build, "runner-1")
    return build


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


# -- full hits


TREE = trees.read_archive(archive({"index.html": b"x", "package.json": b"{}"}))


def test_the_same_inputs_have_the_same_key(services: Any, project: Any) -> None:
    key = hits.key_of(project.id, spec(), TREE)
    later = spec(commit="d" * 40, message="another", base="dpl_x", source={})
    assert hits.key_of(project.id, later, TREE) == key


@pytest.mark.parametrize(
    "change",
    [
        {"environment": "preview"},
        {"trust": "approved"},
        {"settings": {"build_command": "make"}},
        {"framework": "vite"},
        {"tag": "v1.1"},
        {"url": "http://other.localhost"},
    ],
)
def test_every_other_input_makes_another_key(
    services: Any, project: Any, change: dict[str, Any]
) -> None:
    key = hits.key_of(project.id, spec(), TREE)
    assert hits.key_of(project.id, spec(**change), TREE) != key


def test_another_file_or_another_value_makes_another_key(
    services: Any, project: Any, actor: Actor
) -> None:
    key = hits.key_of(project.id, spec(), TREE)
    other = trees.read_archive(archive({"index.html": b"y", "package.json": b"{}"}))
    assert hits.key_of(project.id, spec(), other) != key
    keys = [key]
    for value in ("one", "two"):
        variables.put_variable(actor, project, Scope("production"), Wish("API_KEY", value))
        keys.append(hits.key_of(project.id, spec(), TREE))
    assert len(set(keys)) == 3


def test_an_output_is_found_as_long_as_it_can_be_seen(services: Any, project: Any) -> None:
    key = hits.key_of(project.id, spec(), TREE)
    assert key is not None
    assert hits.find(project.id, key) is None
    hits.remember(project.id, key, "dpl_1")
    assert hits.find(project.id, key) is None, "nothing was published under that name"
    services.store.put("manifests/dpl_1.json", b"{}")
    assert hits.find(project.id, key) == "dpl_1"
    assert hits.find(project.id, "0" * 64) is None


@pytest.mark.parametrize("config", ["[build]\ncache = false\n", "not toml ="])
def test_who_wants_no_cache_builds_every_time(services: Any, project: Any, config: str) -> None:
    tree = trees.read_archive(archive({"clouddeck.toml": config.encode()}))
    assert hits.key_of(project.id, spec(), tree) is None


def test_the_tree_of_a_commit_is_made_once(services: Any, project: Any) -> None:
    services.store.put(f"sources/{project.id}/c.tar.gz", archive({"a": b"1"}))
    first = trees.of_commit(project.id, "c")
    assert first is not None
    services.store.delete([f"sources/{project.id}/c.tar.gz"])
    assert trees.of_commit(project.id, "c") == first
    assert trees.of_commit(project.id, "d") is None


def test_a_hostile_source_has_no_tree(services: Any, project: Any) -> None:
    services.store.put(f"sources/{project.id}/c.tar.gz", archive({"../a": b"1"}))
    assert trees.of_commit(project.id, "c") is None


def test_a_change_beside_the_site_makes_no_other_key(services: Any, project: Any) -> None:
    files = {
        "package.json": b'{"workspaces":["apps/*"]}',
        "package-lock.json": b"{}",
        "apps/web/package.json": b'{"name":"web"}',
        "apps/web/index.html": b"x",
        "apps/api/package.json": b'{"name":"api"}',
        "apps/api/main.js": b"1",
    }
    settings = {"settings": {"root": "apps/web"}}

    def key(**changed: bytes) -> str | None:
        tree = trees.read_archive(archive({**files, **changed}))
        return hits.key_of(project.id, spec(**settings), tree)

    assert key(**{"apps/api/main.js": b"2"}) == key()
    assert key(**{"apps/web/index.html": b"y"}) != key()
    assert key(**{"package-lock.json": b"{ }"}) != key()
    watch = {"settings": {"root": "apps/web", "watch": ["apps/**"]}}
    tree, other = (
        trees.read_archive(archive({**files, "apps/api/main.js": body})) for body in (b"1", b"2")
    )
    keys = {hits.key_of(project.id, spec(**watch), t) for t in (tree, other)}
    assert len(keys) == 2


def test_a_text_that_was_not_read_makes_no_key(services: Any, project: Any) -> None:
    """It might say `cache = false`, or another root."""
    tree = trees.read_archive(archive({"clouddeck.toml": b"\xff", "index.html": b"x"}))
    assert hits.key_of(project.id, spec(), tree) is None


@pytest.mark.parametrize("path", ["netlify.toml", ".nvmrc", "web/.python-version"])
def test_what_says_how_to_build_counts_whatever_is_watched(
    services: Any, project: Any, path: str
) -> None:
    watch = spec(settings={"root": "web", "watch": ["web/src/**"]})
    keys = {
        hits.key_of(project.id, watch, trees.read_archive(archive({"web/src/a": b"a", **more})))
        for more in ({}, {path: b"18"}, {path: b"20"}, {"README.md": b"x"})
    }
    assert len(keys) == 3


def test_a_link_in_what_is_watched_may_lead_anywhere(services: Any, project: Any) -> None:
    def key(body: str) -> str | None:
        files = {"web/a": ("a" * 64, 0o644), "web/l": ("b" * 64, listing.LINK)}
        tree = listing.tree_of({**files, "docs/a": (body * 64, 0o644)}, {})
        return hits.key_of(project.id, spec(settings={"root": "web", "watch": ["web/**"]}), tree)

    assert key("c") != key("d")


@pytest.mark.parametrize(
    ("command", "change", "same"),
    [
        ("echo $CLOUDDECK_COMMIT > out/a", {"commit": "d" * 40}, False),
        ("echo $CLOUDDECK_BRANCH > out/a", {"branch": "other"}, False),
        ("echo $CLOUDDECK_BRANCH > out/a", {"commit": "d" * 40}, True),
        ("echo ${CLOUDDECK_URL}", {"environment": "preview", "url": "http://a.localhost"}, False),
        ("make", {"commit": "d" * 40, "branch": "other", "pull": 7}, True),
    ],
)
def test_a_variable_of_the_platform_counts_where_it_is_named(
    services: Any, project: Any, command: str, change: dict[str, Any], same: bool
) -> None:
    given = spec(environment="preview", settings={"build_command": command})
    one, other = (hits.key_of(project.id, {**given, **more}, TREE) for more in ({}, change))
    assert (one == other) == same
    text = f'{{"scripts":{{"build":"{command}"}}}}'.encode()
    tree = trees.read_archive(archive({"package.json": text}))
    plain = spec(environment="preview")
    one, other = (hits.key_of(project.id, {**plain, **more}, tree) for more in ({}, change))
    assert (one == other) == same
    named = spec(settings={"build_command": "echo $CLOUDDECK_DEPLOYMENT"})
    assert hits.key_of(project.id, named, TREE) is None


def test_a_value_that_changed_while_the_build_waited(
    services: Any, project: Any, actor: Actor
) -> None:
    """Its output is of other inputs than its key, so nobody finds it under that."""
    given = spec()
    given["variables"] = hits.given(project.id, given)
    row = making.make("dpl_waits", project.id, project.team, given)
    order.run(row.id, "dpl_waits")
    report.claim(row.id, "runner-1")
    assert hits.as_planned(build_rows.get(row.id))  # type: ignore[arg-type]
    variables.put_variable(actor, project, Scope("production"), Wish("API_KEY", "new"))
    report.claim(row.id, "runner-1")
    assert not hits.as_planned(build_rows.get(row.id))  # type: ignore[arg-type]


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
