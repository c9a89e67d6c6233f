"""People on their way: out to a provider, and back with a code. Both are used once."""

from __future__ import annotations

from typing import Any, TypeVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find, lost_condition
from chalicelib.identity.rules import digest

AWAY_SECONDS = 10 * 60
CODE_SECONDS = 60


class AwayRow(CoreRow):
    """Somebody at a provider: `AWAY#hash of state` / `META`.

    `challenge` is of the client who began, `verifier` our own towards the provider. `user` is who
    wants to link an identity; without one it is a sign-in.
    """

    connection = UnicodeAttribute()
    return_to = UnicodeAttribute()
    challenge = UnicodeAttribute()
    nonce = UnicodeAttribute()
    verifier = UnicodeAttribute()
    user = UnicodeAttribute(default="")
    expires_at = NumberAttribute()


class ArrivalRow(CoreRow):
    """Somebody who came back: `ARRIVAL#hash of code` / `META`; see `rules/externals.py`."""

    challenge = UnicodeAttribute()
    user = UnicodeAttribute(default="")
    provider = UnicodeAttribute()
    subject = UnicodeAttribute()
    email = UnicodeAttribute(default="")
    email_verified = BooleanAttribute(default=False)
    name = UnicodeAttribute(default="")
    strong = BooleanAttribute(default=False)
    sso = UnicodeAttribute(default="")
    expires_at = NumberAttribute()


def new_away(state: str, **fields: Any) -> AwayRow:
    """Somebody who is about to leave; not saved yet."""
    expires = clock.epoch(AWAY_SECONDS)
    return AwayRow(f"AWAY#{digest(state)}", "META", expires_at=expires, ttl=expires, **fields)


def take_away(state: str) -> AwayRow | None:
    """The one who left with this state, once; None when unknown, too late or taken before."""
    return _take(find(AwayRow, f"AWAY#{digest(state)}"))


def new_arrival(code: str, challenge: str, user: str, **fields: Any) -> ArrivalRow:
    """Somebody who came back; not saved yet."""
    expires = clock.epoch(CODE_SECONDS)
    return ArrivalRow(
        f"ARRIVAL#{digest(code)}",
        "META",
        challenge=challenge,
        user=user,
        expires_at=expires,
        ttl=expires,
        **fields,
    )


def arrival_of(code: str) -> ArrivalRow | None:
    """Who came back with this code, as long as nobody took them."""
    return find(ArrivalRow, f"ARRIVAL#{digest(code)}")


def take_arrival(row: ArrivalRow) -> bool:
    """Use a code up; False when somebody was faster or it is too late."""
    return _take(row) is not None


_Row = TypeVar("_Row", AwayRow, ArrivalRow)


def _take(row: _Row | None) -> _Row | None:
    """Delete a row, for one taker only. Its TTL is no limit: rows outlive theirs by days."""
    if row is None:
        return None
    try:
        row.delete(condition=type(row).pk.exists())
    except DeleteError as error:
        if lost_condition(error):
            return None
        raise
    return row if int(row.expires_at) >= clock.epoch() else None
