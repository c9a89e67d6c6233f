"""A project and its builds, as far as caches go."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import making, order, report
from chalicelib.core.actor import Actor
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions as teams

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
