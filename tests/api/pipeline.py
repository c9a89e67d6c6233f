"""A project, and pushes that are carried to its site."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create
from chalicelib.git.rules import Push
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions as teams
from tests.fakes import line


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> project_rows.Project:
    return projects.create(actor, "My Site")


_numbers = itertools.count(1_700_000_000_000_000_000, 1_000_000)


def push(
    services: Any, project: Any, branch: str = "main", commit: str = "", message: str = "a commit"
) -> Push:
    sequence = next(_numbers)
    commit = commit or f"{sequence:040x}"
    archive = b"tar of " + commit.encode()
    services.repositories.push(project.id, branch, commit, archive, message)
    return Push(project.id, branch, commit, sequence, "usr_x")


def deployed(
    services: Any, project: Any, branch: str = "main", files: Any = None
) -> rows.Deployment:
    row = create.from_push(push(services, project, branch))
    assert row is not None
    line.carry(services, row.id, files)
    found = rows.get(row.id)
    assert found is not None
    return found
