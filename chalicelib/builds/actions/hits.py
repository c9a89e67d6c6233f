"""Full hits: the same inputs were built before, so their output is taken instead of building.

A key is a digest of all that a build depends on and that the platform knows: the files in its
scope, the settings, whose variables it gets and their values, how far it is trusted, and how this
version decides what to run. It is keyed by a secret, so that it says nothing of the values.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from chalicelib.artifacts.rules import manifest_key
from chalicelib.builds import kept
from chalicelib.builds.actions import variables
from chalicelib.builds.rows import Build
from chalicelib.builds.rules import listing
from chalicelib.builds.rules.listing import Tree
from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.paths import CONFIG, FOREIGN, VERSIONS
from chalicelib.builds.rules.scope import affected_paths, check_watch, covers
from chalicelib.core.config import settings as config_of
from chalicelib.ports import services

_HERE = Path(__file__).resolve().parent.parent
_DECIDES = (
    *_HERE.glob("rules/**/*.py"),
    *_HERE.glob("frameworks/*.json"),
    *_HERE.parent.parent.glob("runner/*.py"),  # where it lies beside; AWS names it by its digest
)
_NAMED = re.compile(r"CLOUDDECK_([A-Z_]{1,40})")


def key_of(project: str, spec: dict[str, Any], tree: Tree) -> str | None:
    """The key of a build that would begin with `tree`; None when it must not be reused.

    `spec` is what the build would be made with (`making.make`). Variables that differ from
    deployment to deployment by themselves, such as the commit, are an input only where a manifest,
    a configuration or a command names them: else a restored output keeps those it was built with,
    and `[build] cache = false` says that this will not do.
    """
    settings = dict(spec.get("settings") or {})
    config = _build_table(tree)
    named = _named(tree, settings)
    if config is None or config.get("cache") is False or "DEPLOYMENT" in named:
        return None
    inputs = {
        "tree": _in_scope(tree, config, settings),
        "framework": spec.get("framework"),
        "settings": settings,
        "environment": spec.get("environment"),
        "tag": spec.get("tag") or "",
        "trust": variables.trust_of(spec),
        "url": spec["url"] if spec.get("environment") == "production" else None,
        "variables": spec.get("variables") or given(project, spec),
        "named": {name: spec.get(fact) for name, fact in _FACTS.items() if name in named},
        # Only netlify.toml says something else for a branch or a pull request.
        "context": [spec.get("branch"), spec.get("pull") is not None]
        if any(path.endswith("netlify.toml") for path in tree.files)
        else None,
        "recipe": [_recipe(), config_of().runner_key],
    }
    return variables.keyed(inputs)


_FACTS = {
    "URL": "url",
    "COMMIT": "commit",
    "BRANCH": "branch",
    "PULL_REQUEST": "pull",
    "TRIGGER": "trigger",
}
"""Where a build's `spec` has what a variable of the platform's tells, by the end of its name."""


ANEW = frozenset({"hook", "schedule", "redeploy"})
"""Triggers that ask for a build although nothing in the repository has changed: for something
that the platform cannot see has. Their output is remembered all the same, for it is newer."""


def find(project: str, key: str) -> str | None:
    """The deployment that holds the output for `key`, as long as it can still be seen."""
    row = kept.hit(project, key)
    if row is None or services().store.size(manifest_key(row.deployment)) is None:
        return None
    return row.deployment


def given(project: str, spec: dict[str, Any]) -> str:
    """A digest of the variables that a build would get now, for its spec's `variables`."""
    return variables.digest(variables.of_build(project, spec))


def as_planned(build: Build) -> bool:
    """Whether a build got the variables that its key was made of; they may change while it waits.

    A build that did not has an output of other inputs, which must not be remembered under the key.
    """
    return bool(build.spec.get("variables") == build.variables)


def remember(project: str, key: str, deployment: str) -> None:
    """A deployment was built from the inputs behind `key`, and published."""
    kept.hit_row(project, key, deployment).save()


def _in_scope(tree: Tree, config: dict[str, Any], settings: dict[str, Any]) -> str:
    """A digest of the files that the site depends on: a change beside it rebuilds nothing.

    Files that say how to build count whatever `watch` says, and a link may lead anywhere.
    """
    root = config.get("root") or settings.get("root") or "."
    watch = config.get("watch") or settings.get("watch")
    try:
        patterns = check_watch(watch, "watch") if watch else None
    except PlanError:
        return tree.tree  # the build says what is wrong with it
    if not isinstance(root, str):
        return tree.tree
    inside = covers(affected_paths(tree.texts, tree.files.keys(), root, patterns))
    telling = {CONFIG, *FOREIGN, *VERSIONS}
    chosen = {
        path: entry
        for path, entry in tree.files.items()
        if inside(path) or path.rpartition("/")[2] in telling
    }
    if any(mode == listing.LINK for _, mode in chosen.values()):
        return tree.tree
    return listing.digest_of(chosen)


def _named(tree: Tree, settings: dict[str, Any]) -> set[str]:
    """Ends of the names of the platform's variables that the tree's texts or a command names."""
    commands = [value for value in settings.values() if isinstance(value, str)]
    return {name for text in (*tree.texts.values(), *commands) for name in _NAMED.findall(text)}


def _build_table(tree: Tree) -> dict[str, Any] | None:
    """The table `[build]` of clouddeck.toml; None for a file that is broken, or was not read."""
    if CONFIG not in tree.files:
        return {}
    try:
        build = tomllib.loads(tree.texts[CONFIG]).get("build")
    except (KeyError, tomllib.TOMLDecodeError, RecursionError):
        return None
    return build if isinstance(build, dict) else {}


@lru_cache(maxsize=1)
def _recipe() -> str:
    """A digest of what decides how a tree is built; another version may decide otherwise."""
    files = {
        str(path.relative_to(_HERE.parent.parent)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            0o644,
        )
        for path in _DECIDES
    }
    return listing.digest_of(files)
