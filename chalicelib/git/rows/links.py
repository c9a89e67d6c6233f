"""Rows of connected repositories: `PROJ#p` / `REPO`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import PutError, UpdateError

from chalicelib.core import clock, table
from chalicelib.projects.rows import key as project_key

SHARDS = 4


class LinkRow(table.CoreRow):
    """A project's repository at a host; what is sealed opens in `actions/sealed.py` only.

    `state` is `ok`, `waiting` (for a person to put the deploy key in place) or `broken`, which
    `fault` explains. The host signs webhooks with `hook_secret`; until `old_until` (seconds) the
    one before is good as well. `seen` is what the poller knows of the branches; `delivered_ms`
    when a webhook came last.
    """

    project = UnicodeAttribute()
    team = UnicodeAttribute()
    provider = UnicodeAttribute()
    base = UnicodeAttribute()
    repository = UnicodeAttribute()
    identity = UnicodeAttribute(default="")
    url = UnicodeAttribute(default="")
    branch = UnicodeAttribute(default="")
    credential = UnicodeAttribute(default="")
    installation = UnicodeAttribute(default="")
    user = UnicodeAttribute(default="")
    secret = BinaryAttribute(legacy_encoding=False, null=True)
    public_key = UnicodeAttribute(default="")
    host_key = UnicodeAttribute(default="")
    hook_secret = BinaryAttribute(legacy_encoding=False, null=True)
    old_secret = BinaryAttribute(legacy_encoding=False, null=True)
    old_until = NumberAttribute(default=0)
    hooked = BooleanAttribute(default=False)
    state = UnicodeAttribute(default="ok")
    fault = UnicodeAttribute(default="")
    seen = JSONAttribute(default=dict)
    delivered_ms = NumberAttribute(default=0)
    polled_ms = NumberAttribute(default=0)
    made = UnicodeAttribute()
    connected_at = UnicodeAttribute()
    connected_by = UnicodeAttribute()
    checked_at = UnicodeAttribute(default="")


def new(project: str, **fields: Any) -> LinkRow:
    """A link that is not saved yet."""
    row = LinkRow(project_key(project), "REPO", project=project, **fields)
    row.gsi1pk = f"LINKS#{zlib.crc32(project.encode()) % SHARDS}"
    row.gsi1sk = row.pk
    return row


def index(row: LinkRow, identity: str) -> None:
    """Set the host's id of the repository, by which deliveries find the project."""
    row.identity = identity
    row.gsi2pk, row.gsi2sk = f"REPO#{row.provider}#{identity}", row.pk


def of(project: str) -> LinkRow | None:
    """The repository of a project, read consistently."""
    return table.find(LinkRow, project_key(project), "REPO")


def of_repository(provider: str, identity: str) -> list[LinkRow]:
    """The links to a repository, each read again consistently."""
    if not identity:
        return []
    hints = [row.project for row in LinkRow.by2.query(f"REPO#{provider}#{identity}")]
    found = [of(project) for project in hints]
    return [row for row in found if row and (row.provider, row.identity) == (provider, identity)]


def everywhere() -> Iterator[str]:
    """Projects with a repository. A hint: readers read the row."""
    for shard in range(SHARDS):
        for row in LinkRow.by1.query(f"LINKS#{shard}"):
            yield row.project


def add(row: LinkRow) -> bool:
    """Save a new link; False when the project has one."""
    try:
        row.save(condition=LinkRow.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise
        known = of(row.project)
        return known is not None and known.made == row.made  # the answer got lost, we asked again
    return True


def change(row: LinkRow, **values: Any) -> bool:
    """Set attributes of a link, if it is still the same; afterwards `row` holds them."""
    updates = []
    for name, value in values.items():
        attribute = getattr(LinkRow, name)
        updates.append(attribute.remove() if value is None else attribute.set(value))
    try:
        row.update(actions=updates, condition=LinkRow.made == row.made)
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def delivered(row: LinkRow) -> None:
    """Remember that a webhook came; once a minute is enough."""
    now = clock.now_ms()
    if now - int(row.delivered_ms) > 60_000:
        change(row, delivered_ms=now)


def remove(row: LinkRow) -> None:
    """Forget a link; no error when it is gone."""
    LinkRow(row.pk, row.sk).delete()
