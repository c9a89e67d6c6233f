"""The secrets of a connected repository: sealed for one project and one purpose each."""

from __future__ import annotations

import secrets

from chalicelib.core import clock
from chalicelib.core.crypto import seal, unseal
from chalicelib.git.rows.links import LinkRow
from chalicelib.ports import services

CREDENTIAL, WEBHOOK = "git credential", "webhook"
"""Purposes: what opens the repository, and what its host signs webhooks with."""

_decoys: list[bytes] = []
_DECOY = {"team": "none", "project": "none", "purpose": WEBHOOK}


def close(row: LinkRow, purpose: str, plain: str) -> bytes:
    """A secret of a link, encrypted."""
    return seal(services().keys, plain.encode(), _context(row, purpose))


def credential(row: LinkRow) -> str:
    """What opens the repository; empty when nothing is needed."""
    if row.secret is None:
        return ""
    return unseal(services().keys, bytes(row.secret), _context(row, CREDENTIAL)).decode()


def webhook_secrets(row: LinkRow | None) -> list[str]:
    """What a webhook may be signed with now, newest first.

    Of a link that there is not, a secret that nobody knows, found by the same work: how long the
    answer takes shall not tell which projects there are.
    """
    if row is None or row.hook_secret is None:
        return [_decoy()]
    keys, context = services().keys, _context(row, WEBHOOK)
    found = [unseal(keys, bytes(row.hook_secret), context).decode()]
    if row.old_secret is not None and clock.epoch() < int(row.old_until):
        found.append(unseal(keys, bytes(row.old_secret), context).decode())
    return found


def _decoy() -> str:
    keys = services().keys
    if not _decoys:
        _decoys.append(seal(keys, secrets.token_urlsafe(32).encode(), _DECOY))
    try:
        return unseal(keys, _decoys[0], _DECOY).decode()
    except ValueError:  # the key was replaced since
        _decoys.clear()
        return _decoy()


def _context(row: LinkRow, purpose: str) -> dict[str, str]:
    return {"team": row.team, "project": row.project, "purpose": purpose}
