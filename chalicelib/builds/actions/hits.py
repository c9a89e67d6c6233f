"""Full hits: the same inputs were built before, so their output is taken instead of building.

A key is a digest of all that a build depends on and that the platform knows: the files in its
scope, the settings, whose variables it gets and their values, how far it is trusted, and how this
version decides what to run. It is keyed by a secret, so that it says nothing of the values.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from chalicelib.artifacts.rules import manifest_key
from chalicelib.builds import kept
from chalicelib.builds.actions import variables
from chalicelib.builds.rules import listing
from chalicelib.builds.rules.listing import Tree
from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.paths import CONFIG
from chalicelib.builds.rules.scope import affected_paths, check_watch, covers
from chalicelib.core import secret
from chalicelib.ports import services

_HERE = Path(__file__).resolve().parent.parent
_DECIDES = (*_HERE.glob("rules/**/*.py"), *_HERE.glob("frameworks/*.json"))


def key_of(project: str, spec: dict[str, Any], tree: Tree) -> str | None:
    """The key of a build that would begin with `tree`; None when it must not be reused.

    `spec` is what the build would be made with (`order.make`). Variables that differ from
    deployment to deployment by themselves, such as its id or the commit, are no input: a restored
    output keeps those it was built with, and `[build] cache = false` says that this will not do.
    """
    settings = dict(spec.get("settings") or {})
    config = _build_table(tree.texts.get(CONFIG))
    if config is None or config.get("cache") is False:
        return None
    given = variables.of_build(project, spec)
    inputs = {
        "tree": _in_scope(tree, config, settings),
        "framework": spec.get("framework"),
        "settings": settings,
        "environment": spec.get("environment"),
        "tag": spec.get("tag") or "",
        "trust": variables.trust_of(spec),
        "url": spec["url"] if spec.get("environment") == "production" else None,
        "variables": {name: [v.value, v.secret] for name, v in given.items()},
        # Only netlify.toml says something else for a branch or a pull request.
        "context": [spec.get("branch"), spec.get("pull") is not None]
        if any(path.endswith("netlify.toml") for path in tree.texts)
        else None,
        "recipe": _recipe(),
    }
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(_key(), text, hashlib.sha256).hexdigest()


ANEW = frozenset({"hook", "schedule", "redeploy"})
"""Triggers that ask for a build although nothing in the repository has changed: for something
that the platform cannot see has. Their output is remembered all the same, for it is newer."""


def find(project: str, key: str) -> str | None:
    """The deployment that holds the output for `key`, as long as it can still be seen."""
    row = kept.hit(project, key)
    if row is None or services().store.size(manifest_key(row.deployment)) is None:
        return None
    return row.deployment


def remember(project: str, key: str, deployment: str) -> None:
    """A deployment was built from the inputs behind `key`, and published."""
    kept.hit_row(project, key, deployment).save()


def _in_scope(tree: Tree, config: dict[str, Any], settings: dict[str, Any]) -> str:
    """A digest of the files that the site depends on: a change beside it rebuilds nothing."""
    root = config.get("root") or settings.get("root") or "."
    watch = config.get("watch") or settings.get("watch")
    try:
        patterns = check_watch(watch, "watch") if watch else None
    except PlanError:
        return tree.tree  # the build says what is wrong with it
    if not isinstance(root, str):
        return tree.tree
    inside = covers(affected_paths(tree.texts, tree.files.keys(), root, patterns))
    return listing.digest_of({path: tree.files[path] for path in tree.files if inside(path)})


def _build_table(config: str | None) -> dict[str, Any] | None:
    """The table `[build]` of clouddeck.toml; None for a broken file, as its build will say."""
    if config is None:
        return {}
    try:
        build = tomllib.loads(config).get("build")
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return build if isinstance(build, dict) else {}


@lru_cache(maxsize=1)
def _recipe() -> str:
    """A digest of what decides how a tree is built; another version may decide otherwise."""
    files = {
        str(path.relative_to(_HERE)): (hashlib.sha256(path.read_bytes()).hexdigest(), 0o644)
        for path in _DECIDES
    }
    return listing.digest_of(files)


@lru_cache(maxsize=1)
def _key() -> bytes:
    return secret.shared("hits", services().keys)
