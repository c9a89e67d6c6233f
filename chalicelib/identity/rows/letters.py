"""How many letters an address gets: more than a few an hour would be somebody's joke."""

from __future__ import annotations

from hashlib import sha256

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, lost_condition

LETTERS_PER_HOUR = 5
"""To one address, whoever asked for them."""


class LettersRow(CoreRow):
    """How many letters an address got in one hour: `LETTERS#hash of e-mail#hour` / `META`."""

    sent = NumberAttribute(default=0)


def may_send(email: str, kind: str = "") -> bool:
    """Count a letter to an address; False when it has had enough of them for this hour.

    A `kind` is counted by itself, so that it keeps no other letter from its reader.
    """
    row, counter = _letters_to(email, kind), LettersRow
    try:
        row.update(
            actions=[
                counter.sent.set((counter.sent | 0) + 1),
                counter.ttl.set(clock.epoch(7200)),
            ],
            condition=counter.sent.does_not_exist() | (counter.sent < LETTERS_PER_HOUR),
        )
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True


def not_sent(email: str, kind: str = "") -> None:
    """Take back what `may_send` counted."""
    _letters_to(email, kind).update(actions=[LettersRow.sent.add(-1)])


def _letters_to(email: str, kind: str) -> LettersRow:
    hashed = sha256(f"{kind} {email}".strip().encode()).hexdigest()
    return LettersRow(f"LETTERS#{hashed}#{clock.epoch() // 3600}", "META")
