"""Rows of what is known about the backends of a project's live deployment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.core import table
from chalicelib.projects import rows as projects

SHARDS = 4


class Health(table.CoreRow):
    """The backends of a project. It is in the index while one of them has a health path.

    `deployments` are those that visitors see, `tables` the digests of their rules; `read` is the
    tables that `origins` was made from. The index has `HEALTH#shard` / when it was looked at.
    """

    project = UnicodeAttribute()
    team = UnicodeAttribute()
    deployments = JSONAttribute(default=list)
    tables = JSONAttribute(default=list)
    read = JSONAttribute(null=True)
    origins = JSONAttribute(default=list)


def place(project: str) -> tuple[type[Health], str, str]:
    """Where the row of a project is."""
    return Health, projects.key(project), "HEALTH"


def health(project: str) -> Health | None:
    """What is known of a project's backends, read consistently."""
    return table.find(Health, projects.key(project), "HEALTH")


def new(project: str, team: str) -> Health:
    """A row without anything known, not yet saved."""
    return Health(pk=projects.key(project), sk="HEALTH", project=project, team=team)


def shard_of(project: str) -> str:
    """The part of the index that a project is in."""
    return f"HEALTH#{int(hashlib.sha256(project.encode()).hexdigest(), 16) % SHARDS}"


def waiting(limit: int) -> Iterator[Health]:
    """Rows to look at, at most `limit` of each shard, longest ago first. A hint."""
    for shard in range(SHARDS):
        yield from Health.by2.query(f"HEALTH#{shard}", limit=limit)
