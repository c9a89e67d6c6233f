"""A rollout begins: what it is going to do is written down, as the project says it now."""

from __future__ import annotations

from dataclasses import asdict

from pynamodb.exceptions import PutError

from chalicelib.core import clock, table
from chalicelib.deployments import rows as deployment_rows
from chalicelib.deployments import rules as deployment_rules
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rules import delivery
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import telling
from chalicelib.rollouts.rows import Rollout
from chalicelib.rollouts.rules import states
from chalicelib.rollouts.rules.judge import State
from chalicelib.traffic import actions as traffic
from chalicelib.traffic.rules.counts import Counts

BEFORE_MS = 3_600_000
"""How the live version did in the last hour is known to the judge from the start."""


class NotReadyError(Exception):
    """The deployment's own pipeline has not ended yet: it is asked again in a moment."""


def begin(project: str, rollout: str, deployment: str) -> Rollout | None:
    """Write a rollout down, once; None when there is nothing to be rolled out any more.

    The row is there before the deployment has to be ready, so that the sweep finds it whatever
    happens. Raises NotReadyError.
    """
    row = rows.get(project, rollout) or _written(project, rollout, deployment)
    if row is None or row.state != states.RUNNING:
        return None
    found = deployment_rows.get(deployment)
    state = found.state if found is not None else "gone"
    if state == "ready":
        return row
    if state in deployment_rules.TERMINAL or state == "gone":
        telling.end(row, "overtaken", f"The deployment is {state}.")
        return None
    raise NotReadyError(f"{deployment} is still {state}")


def _written(project: str, rollout: str, deployment: str) -> Rollout | None:
    found, current = project_rows.get(project), project_rows.pointer(project)
    if found is None or found.deleted_at or current is None:
        return None
    wanted = delivery.read(found.delivery)
    row = rows.new(
        project,
        rollout,
        team=found.team,
        deployment=deployment,
        base=current.deployment,
        strategy=wanted.strategy,
        steps=[[step.weight, step.seconds] for step in wanted.steps],
        match=wanted.match.told() if wanted.match else None,
        limits=asdict(wanted.judge),
        checks=[asdict(check) for check in wanted.checks],
        keep_seconds=wanted.keep_seconds,
        state=states.RUNNING,
        judge=State(before=_before(project, current.deployment)).told(),
    )
    try:
        row.save(condition=Rollout.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise
        return rows.get(project, rollout)
    return row


def _before(project: str, live: str) -> Counts:
    """What the live version answered lately, without the minute in which the rollout begins."""
    now = clock.now_ms()
    return traffic.counts(project, now - BEFORE_MS, now - 60_000).get(live, Counts())
