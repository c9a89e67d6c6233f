"""What hosts were told: `PROJ#p` / `TOLD#deployment`, and `COMMENT#repository` / `PULL#number`.

A comment is the repository's, because several projects may be built from one: each has an entry.
Whoever writes it at the host holds a lease, so that it is written once, and holds on until what
was written is what the row says.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, table
from chalicelib.projects.rows import key as project_key

LEASE_MS = 60_000
KEEP_TOLD = 90 * 86400
KEEP_COMMENT = 400 * 86400


class ToldRow(table.CoreRow):
    """A report of a deployment: the host's id of it, and the state that was told last."""

    external = UnicodeAttribute(default="")
    state = UnicodeAttribute(default="")


class CommentRow(table.CoreRow):
    """A comment below a pull request: the host's id of it, and an entry for each project."""

    comment = UnicodeAttribute(default="")
    entries = JSONAttribute(default=dict)
    version = NumberAttribute(default=0)
    lease = UnicodeAttribute(default="")
    lease_until = NumberAttribute(default=0)


def told(project: str, deployment: str) -> ToldRow:
    """What the host was told of a deployment; an empty row when nothing was."""
    key = project_key(project), f"TOLD#{deployment}"
    return table.find(ToldRow, *key) or ToldRow(*key)


def tell(row: ToldRow, external: str, state: str) -> None:
    """Remember a report."""
    row.external, row.state, row.ttl = external, state, clock.epoch(KEEP_TOLD)
    row.save()


def comment(repository: tuple[str, str, str], number: int) -> CommentRow:
    """The comment of a pull request; `repository` is kind of host, host and identity."""
    named = hashlib.sha256("\n".join(repository).encode()).hexdigest()[:32]
    key = f"COMMENT#{named}", f"PULL#{number:09d}"
    return table.find(CommentRow, *key) or CommentRow(*key)


def enter(row: CommentRow, entries: dict[str, Any]) -> bool:
    """Put entries into a comment; False when somebody changed it meanwhile."""
    version = int(row.version)
    same = CommentRow.version == version
    return _update(
        row,
        [
            CommentRow.entries.set(entries),
            CommentRow.version.set(version + 1),
            CommentRow.ttl.set(clock.epoch(KEEP_COMMENT)),
        ],
        same if version else (CommentRow.version.does_not_exist() | same),
    )


def lease(row: CommentRow) -> str:
    """Take the right to write a comment at the host; empty while somebody else has it."""
    mark, now = secrets.token_hex(8), clock.now_ms()
    free = CommentRow.lease_until.does_not_exist() | (CommentRow.lease_until < now)
    updates = [CommentRow.lease.set(mark), CommentRow.lease_until.set(now + LEASE_MS)]
    return mark if _update(row, updates, free | (CommentRow.lease == mark)) else ""


def written(row: CommentRow, mark: str, comment_id: str) -> bool:
    """Remember what the host calls the comment, whatever came after."""
    return _update(row, [CommentRow.comment.set(comment_id)], CommentRow.lease == mark)


def release(row: CommentRow, mark: str, version: int) -> bool:
    """Give the lease back, if the comment still says what the row says; else False."""
    same = (CommentRow.lease == mark) & (CommentRow.version == version)
    return _update(row, [CommentRow.lease_until.set(0)], same)


def _update(row: CommentRow, updates: list[Any], condition: Any) -> bool:
    """Update a comment; afterwards `row` holds what the table holds."""
    try:
        row.update(actions=updates, condition=condition)
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        row.refresh(consistent_read=True)
        return False
    return True
