"""The row of a build: made once for a deployment, with what its team and project allow it."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import PutError

from chalicelib.builds import rows
from chalicelib.builds.actions import loglines, tokens
from chalicelib.builds.actions.order import build_id
from chalicelib.builds.rows import Build
from chalicelib.builds.rules import fair, sizes
from chalicelib.core import clock, table
from chalicelib.core.config import settings
from chalicelib.ports import services
from chalicelib.teams.actions import allowance


def make(deployment: str, project: str, team: str, spec: dict[str, Any]) -> Build:
    """The build row of a deployment, made once; `spec` is all that the runner may know."""
    identifier = build_id(deployment)
    token = tokens.new_token(identifier)
    given = allowance(team)
    asked = spec.get("size") or (spec.get("settings") or {}).get("size")
    chosen = sizes.choose(asked, given.limits.largest_size, given.plan)
    row = Build(
        pk=rows.key(identifier),
        sk="META",
        gsi1pk=f"DEP#{deployment}",
        gsi1sk=rows.key(identifier),
        id=identifier,
        deployment=deployment,
        project=project,
        team=team,
        state="queued",
        token_hash=tokens.hash_of(token),
        token_sealed=services().keys.wrap(token.encode(), {"build": identifier}),
        heartbeat_ms=clock.now_ms(),
        size=chosen.size.name,
        seconds=min(settings().build_seconds, given.limits.build_minutes * 60),
        priority=_priority(spec),
        spec=spec,
        created_at=clock.iso(),
    )
    try:
        row.save(condition=Build.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise
        return rows.get(identifier) or row
    if chosen.why:
        loglines.say(deployment, 1, loglines.SIZE, [chosen.why], "prepare", "warn")
    return row


def _priority(spec: dict[str, Any]) -> int:
    """How urgent a build is: what whoever ordered it says, else what it is for."""
    if spec.get("priority") in fair.PRIORITIES:
        return int(spec["priority"])
    if not spec.get("trusted", True):
        return fair.UNTRUSTED
    return fair.PRODUCTION if spec.get("environment") == "production" else fair.PREVIEW
