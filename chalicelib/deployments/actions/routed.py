"""What a deployment says of its routes: found where it was written, compiled, and told."""

from __future__ import annotations

from typing import Any

from chalicelib.artifacts.rules import File
from chalicelib.builds.actions import loglines, trees
from chalicelib.builds.rules.listing import Tree
from chalicelib.deployments import rows
from chalicelib.deployments.rows import Deployment
from chalicelib.routing.actions import freeze, texts

LINE = -300
MOST_LINES = 100
"""Notes on rules stand in the log from this line of the platform's on, so many at most."""


def frozen(row: Deployment, plan: dict[str, Any], files: list[File]) -> freeze.Frozen:
    """The rules of a deployment, stored; raises Problem for faulty ones.

    Who took the files of another deployment took its rules along: they came of the same inputs.
    """
    if row.restored:
        origin = rows.get(row.restored)
        if origin is None:
            raise LookupError(f"no deployment {row.restored}")
        return freeze.Frozen(origin.routing, list(origin.looks or ()))
    prebuilt = row.source == "prebuilt"
    found = texts.of_output(row.team, files, all_of_them=prebuilt)
    if not prebuilt:
        tree = _tree(row)
        if tree is None:
            text = "The source is too large to be looked into: rules are read from the output only."
            loglines.note(row.id, LINE - 1, text, "upload", "warn")
        else:
            found |= texts.of_source(tree, str(plan.get("root") or "."))
    made = freeze.freeze(row.team, row.project, found)
    for number, line in enumerate(made.said[:MOST_LINES]):
        loglines.note(row.id, LINE + number, line, "upload", "warn")
    return made


def _tree(row: Deployment) -> Tree | None:
    if row.source == "git":
        return trees.of_commit(row.project, row.commit)
    return trees.of_upload(row.team, str(row.upload))
