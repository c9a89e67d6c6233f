"""Deployments that have got half of their way."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.builds.actions import order
from chalicelib.deployments import rows
from chalicelib.deployments.actions import (
    create,
    steps,
    sweep,
)
from tests.api.pipeline import actor, project, push
from tests.fakes import line

__all__ = ["actor", "project"]


@pytest.fixture
def impatient(monkeypatch: Any) -> None:
    monkeypatch.setattr(sweep, "QUIET_MS", -1)


def begun(services: Any, project: Any, branch: str = "main") -> rows.Deployment:
    row = create.from_push(push(services, project, branch))
    assert row is not None
    return row


def state(deployment: str) -> str:
    row = rows.get(deployment)
    assert row is not None
    return str(row.state)


def building(services: Any, project: Any) -> tuple[rows.Deployment, str]:
    row = begun(services, project)
    services.workflow.waiting.add("t")
    steps.prepare(row.id)
    steps.build(row.id, "t")
    return row, order.build_id(row.id)


def built(services: Any, project: Any, files: Any = None) -> rows.Deployment:
    row, build = building(services, project)
    line.runner(services, build, files or line.PAGE)
    return row


# -- somebody dies in the middle


class DeadError(RuntimeError):
    """This process is no more."""


def die(*_: Any, **__: Any) -> None:
    raise DeadError
