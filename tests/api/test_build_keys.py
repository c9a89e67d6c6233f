"""Full hits: the same inputs have the same key, and every other input makes another."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import hits, making, order, report, trees
from chalicelib.builds.rules import listing
from chalicelib.core.actor import Actor
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from tests.api.builds import actor, project, spec
from tests.unit.builds.test_trees import archive

__all__ = ["actor", "project"]


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
