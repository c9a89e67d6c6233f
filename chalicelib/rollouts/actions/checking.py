"""Checks of a rollout: pages of the new deployment that have to answer as they shall."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from chalicelib.core import ids
from chalicelib.core.config import settings
from chalicelib.ports import SmokeAnswer, services
from chalicelib.projects import rows as project_rows
from chalicelib.rollouts.rows import Rollout

TRIES = 3
"""A check has failed when it did so many times, a second apart: one lost packet aborts nothing."""

PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Checked:
    """A page that was asked for: the status it shall have, and has; None when nobody knows.

    `fault` is a sentence when it is not as it shall be.
    """

    path: str
    status: int
    answered: int | None
    fault: str = ""

    def told(self) -> dict[str, Any]:
        """As a verdict has it."""
        return {"path": self.path, "status": self.status, "answered": self.answered}


def checked(row: Rollout) -> tuple[Checked, ...]:
    """What the pages of a rollout's checks answer, each in its order.

    They ask the deployment's own address, so that they see it whatever the weight is. That one an
    access protection may hide, which is no fault of the deployment. An edge out of reach is no
    verdict about it either.
    """
    if not row.checks:
        return ()
    project = project_rows.get(row.project)
    if project is None:
        return ()
    host = settings().site_host(f"{ids.label(row.deployment)}--{project.slug}")
    return tuple(_asked(host, check["path"], int(check["status"]), row) for check in row.checks)


def _asked(host: str, path: str, wanted: int, row: Rollout) -> Checked:
    found = Checked(path, wanted, None)
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE_SECONDS)
        try:
            answer = services().edge.ask(host, path)
        except OSError:
            return Checked(path, wanted, None)
        found = _judged(answer, path, wanted, row.deployment)
        if not found.fault:
            break
    return found


def _judged(answer: SmokeAnswer, path: str, wanted: int, deployment: str) -> Checked:
    if answer.status == 401 and wanted != 401 and answer.deployment != deployment:
        return Checked(path, wanted, None)
    fault = "" if answer.status == wanted else f"{path} answered {answer.status}, not {wanted}."
    return Checked(path, wanted, answer.status, fault)
