"""Checks of a rollout: pages of the new deployment that have to answer as they shall."""

from __future__ import annotations

import time

from chalicelib.core import ids
from chalicelib.core.config import settings
from chalicelib.ports import SmokeAnswer, services
from chalicelib.projects import rows as project_rows
from chalicelib.rollouts.rows import Rollout

TRIES = 3
"""A check has failed when it did so many times, a second apart: one lost packet aborts nothing."""

PAUSE_SECONDS = 1.0


def failed(row: Rollout) -> tuple[str, ...]:
    """What is wrong with the checks of a rollout, in a sentence each; empty when nothing is.

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
    said = (_said(host, check["path"], int(check["status"]), row) for check in row.checks)
    return tuple(one for one in said if one)


def _said(host: str, path: str, wanted: int, row: Rollout) -> str:
    sentence = ""
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE_SECONDS)
        try:
            answer = services().edge.ask(host, path)
        except OSError:
            return ""
        sentence = _wrong(answer, path, wanted, row.deployment)
        if not sentence:
            break
    return sentence


def _wrong(answer: SmokeAnswer, path: str, wanted: int, deployment: str) -> str:
    if answer.status == 401 and wanted != 401 and answer.deployment != deployment:
        return ""
    if answer.status != wanted:
        return f"{path} answered {answer.status}, not {wanted}."
    return ""
