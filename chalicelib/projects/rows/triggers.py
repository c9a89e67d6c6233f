"""Rows of what starts deployments by itself: deploy hooks and schedules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.core import table
from chalicelib.projects.rows.projects import key

SHARDS = 4


class HookRow(table.CoreRow):
    """A deploy hook; `digest` is the SHA-256 of its token, which nobody keeps."""

    id = UnicodeAttribute()
    project = UnicodeAttribute()
    name = UnicodeAttribute()
    branch = UnicodeAttribute()
    digest = UnicodeAttribute()
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()
    used_at = UnicodeAttribute(null=True)


class HookToken(table.CoreRow):
    """Which hook a token opens."""

    project = UnicodeAttribute()
    hook = UnicodeAttribute()


class ScheduleRow(table.CoreRow):
    """A schedule; `next_at` and its place in the index are there while it is enabled.

    One that a repository declares has the deployment whose `release` it is of: see
    `actions/declared.py`.
    """

    id = UnicodeAttribute()
    project = UnicodeAttribute()
    name = UnicodeAttribute()
    branch = UnicodeAttribute()
    cron = UnicodeAttribute()
    timezone = UnicodeAttribute()
    enabled = BooleanAttribute()
    next_at = UnicodeAttribute(null=True)
    last_at = UnicodeAttribute(null=True)
    last_deployment = UnicodeAttribute(null=True)
    release = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()


def digest_of(token: str) -> str:
    """What is kept of a hook's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hook_key(hook: str) -> str:
    """Sort key of a hook."""
    return f"DEPLOYHOOK#{hook}"


def token_row(digest: str, project: str, hook: str) -> HookToken:
    """The way from a token to its hook, not yet saved."""
    return HookToken(pk=f"DEPLOYHOOK#{digest}", sk="META", project=project, hook=hook)


def hook_of(digest: str) -> HookRow | None:
    """The hook that a token opens."""
    way = table.find(HookToken, f"DEPLOYHOOK#{digest}")
    found = hook(way.project, way.hook) if way else None
    return found if found is not None and found.digest == digest else None


def hook(project: str, identifier: str) -> HookRow | None:
    """One hook, read consistently."""
    return table.find(HookRow, key(project), hook_key(identifier))


def hooks(project: str) -> Iterator[HookRow]:
    """All hooks of a project, oldest first."""
    return table.below(HookRow, key(project), "DEPLOYHOOK#")


def schedule_key(schedule: str) -> str:
    """Sort key of a schedule."""
    return f"SCHED#{schedule}"


def schedule(project: str, identifier: str) -> ScheduleRow | None:
    """One schedule, read consistently."""
    return table.find(ScheduleRow, key(project), schedule_key(identifier))


def schedules(project: str) -> Iterator[ScheduleRow]:
    """All schedules of a project, oldest first."""
    return table.below(ScheduleRow, key(project), "SCHED#")


def due_shard(schedule: str) -> str:
    """The part of the index in which a schedule waits."""
    return f"DUE#{int(hashlib.sha256(schedule.encode()).hexdigest(), 16) % SHARDS}"


def due(now: str, limit: int) -> Iterator[ScheduleRow]:
    """Schedules whose time has come, at most `limit` of each shard. A hint: the row decides."""
    for shard in range(SHARDS):
        yield from ScheduleRow.by2.query(f"DUE#{shard}", ScheduleRow.gsi2sk <= now, limit=limit)
