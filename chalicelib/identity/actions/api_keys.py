"""API keys: made, listed, revoked. Whether the caller may is decided by the subject `teams`."""

from __future__ import annotations

from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError, UpdateError

from chalicelib.core import clock, ids
from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition, write
from chalicelib.identity import rows
from chalicelib.identity.rules import (
    LAST_USED_SECONDS,
    TOMBSTONE_SECONDS,
    new_api_key,
    shown_prefix,
)


@dataclass(frozen=True)
class Wish:
    """What a new key shall be. One of kind `api_key` acts for `user`; others have no user."""

    team: str
    name: str
    created_by: str
    kind: str = "api_key"
    user: str = ""
    role: str = ""
    project: str = ""
    project_slug: str = ""
    scopes: frozenset[str] = frozenset()
    expires_in_days: int | None = None
    rate_per_minute: int = 0


def issue_key(wish: Wish) -> tuple[rows.ApiKeyRow, str]:
    """A new key: its row and, this once, its secret."""
    secret, identifier = new_api_key(), ids.new("key")
    row = rows.new_api_key_row(secret, identifier, wish.team)
    row.kind, row.user, row.name = wish.kind, wish.user, wish.name
    row.role, row.project, row.created_by = wish.role, wish.project, wish.created_by
    row.project_slug = wish.project_slug
    row.rate_per_minute = wish.rate_per_minute
    row.scopes = sorted(wish.scopes)  # type: ignore[arg-type]  # plain texts, as everywhere
    row.prefix = shown_prefix(secret)
    if wish.expires_in_days is not None:
        row.expires_at = clock.epoch(wish.expires_in_days * 24 * 3600)
        row.ttl = row.expires_at + TOMBSTONE_SECONDS
    with write() as transaction:
        transaction.save(row, condition=rows.ApiKeyRow.pk.does_not_exist())
        transaction.save(
            rows.unique("key", identifier, row.pk), condition=rows.UniqueRow.pk.does_not_exist()
        )
    return row, secret


def revoke_key(row: rows.ApiKeyRow) -> None:
    """End a key; it is refused from the next request on. Its row stays a while to say why."""
    kind = rows.ApiKeyRow
    now = clock.epoch()
    try:
        with write() as transaction:
            transaction.update(
                row,
                actions=[kind.revoked_at.set(now), kind.ttl.set(now + TOMBSTONE_SECONDS)],
                condition=kind.pk.exists(),
            )
            transaction.delete(rows.unique("key", row.id, row.pk))
    except TransactWriteError as error:
        if not lost_condition(error):
            raise


def note_use(row: rows.ApiKeyRow) -> None:
    """Remember that a key was used, at most once a minute; never at the cost of the request."""
    now = clock.epoch()
    if row.last_used is not None and now - row.last_used < LAST_USED_SECONDS:
        return
    kind = rows.ApiKeyRow
    try:
        row.update(
            actions=[kind.last_used.set(now)],
            condition=kind.last_used.does_not_exist() | (kind.last_used <= now - LAST_USED_SECONDS),
        )
    except UpdateError as error:
        if not lost_condition(error):
            logger().warning("last use of a key not written", extra={"key": row.id})
