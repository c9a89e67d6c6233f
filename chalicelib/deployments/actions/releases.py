"""A release: all that a deployment was frozen with, and what of it is put in force with it."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import PutError

from chalicelib.artifacts.rules import File
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order, trees
from chalicelib.core import clock, table
from chalicelib.core.errors import Invalid
from chalicelib.deployments import rows
from chalicelib.deployments.actions import sites
from chalicelib.deployments.rows import Deployment, Release
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import declared
from chalicelib.projects.rules.declared import FILE, Declared, DeclaredError
from chalicelib.projects.rules.declared import read as read_declared
from chalicelib.routing.actions import texts

TRIES = 8


def freeze(row: Deployment, files: list[File]) -> None:
    """Write down what a deployment is made of, once; raises Invalid `schedules_invalid`.

    The output of another deployment was built with that one's variables.
    """
    built = build_rows.get(order.build_id(row.restored or row.id))
    release = Release(
        pk=rows.key(row.id),
        sk="RELEASE",
        deployment=row.id,
        project=row.project,
        listing=row.listing,
        files=int(row.files),
        bytes=int(row.bytes),
        rules=row.routing,
        variables=dict(built.named or {}) if built is not None else {},
        schedules=[one.told() for one in _declared(row, files)],
        settings=dict(row.settings or {}),
        frozen_at=clock.iso(),
    )
    try:
        release.save(condition=Release.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise


def _declared(row: Deployment, files: list[File]) -> list[Declared]:
    """The schedules of a deployment's clouddeck.toml; none where it cannot be looked into."""
    if row.source == "prebuilt":
        text = texts.of_output(row.team, files, all_of_them=True).get(FILE)
    else:
        git = row.source == "git"
        tree = (
            trees.of_commit(row.project, row.commit)
            if git
            else trees.of_upload(row.team, str(row.upload))
        )
        text = texts.of_source(tree, ".").get(FILE) if tree is not None else None
    if not text:
        return []
    try:
        return read_declared(text)
    except DeclaredError as error:
        raise Invalid("schedules_invalid", str(error), hint="See docs/releases.md.") from None


def arrived(project: str, *left: str) -> None:
    """Tell the edge of what is live now, and put in force what it declares.

    `left` are deployments that the edge shall stop serving.
    """
    sites.take_off(project, *left)
    follow(project)


def follow(project: str) -> None:
    """Put what the live release declares in force; repeating it is harmless.

    Whoever moves the pointer meanwhile does the same after, and this looks again.
    """
    for _ in range(TRIES):
        live = project_rows.production_of(project)
        if live is None:
            return
        row, release = rows.get(live), rows.release(live)
        if row is not None:
            wanted = [Declared(**one) for one in (release.schedules if release else ())]
            declared.put_in_force(project, live, row.created_by, wanted)
        if project_rows.production_of(project) == live:
            return


def view(row: Deployment) -> dict[str, Any] | None:
    """A release as the API says it; None for a deployment that has none."""
    found = rows.release(row.id)
    if found is None:
        return None
    return {
        "deployment": row.id,
        "project": row.project,
        "commit": row.commit,
        "branch": row.branch,
        "message": row.message,
        "framework": row.framework,
        "files": int(found.files),
        "bytes": int(found.bytes),
        "listing": found.listing,
        "rules": found.rules,
        "variables": sorted(found.variables),
        "schedules": found.schedules,
        "settings": found.settings,
        "functions": found.functions,
        "frozen_at": found.frozen_at,
    }
