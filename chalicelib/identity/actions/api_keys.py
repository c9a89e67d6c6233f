"""API keys: made, listed, revoked. Whether the caller may is decided by the subject `teams`."""

from __future__ import annotations

from collections.abc import Iterable

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


def issue_key(
    user: str, team: str, name: str, scopes: Iterable[str], expires_in_days: int | None
) -> tuple[rows.ApiKeyRow, str]:
    """A new key of a user for one team: its row and, this once, its secret."""
    secret, identifier = new_api_key(), ids.new("key")
    row = rows.new_api_key_row(secret, identifier, team)
    row.user, row.name = user, name
    row.scopes = sorted(set(scopes))  # type: ignore[arg-type]  # plain texts, as everywhere
    row.prefix = shown_prefix(secret)
    if expires_in_days is not None:
        row.expires_at = clock.epoch(expires_in_days * 24 * 3600)
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
