"""Sessions: one row each, read at every request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find, find_mixed
from chalicelib.identity.rows.users import UserRow
from chalicelib.identity.rules import REFRESH_SECONDS, digest


@dataclass(frozen=True)
class Proof:
    """How somebody proved who they are: by what, at which strength, from where.

    `strong` is a second factor, a passkey, or an identity provider that says it asked for one;
    `sso` is the team whose own identity provider it was.
    """

    via: str = "password"
    strong: bool = False
    sso: str = ""
    ip: str = ""
    agent: str = ""


class SessionRow(CoreRow):
    """A signed-in person: `SESSION#id` / `META`; read at every request, so its end is immediate."""

    user = UnicodeAttribute()
    home = UnicodeAttribute()
    family_hash = UnicodeAttribute()
    refresh_hash = UnicodeAttribute()
    previous_hash = UnicodeAttribute(null=True)
    rotated_at = NumberAttribute()
    expires_at = NumberAttribute()
    revoked = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    began = NumberAttribute(default=0)
    """The user's `sessions_from` as it was read before who they are was checked: whatever raises it
    meanwhile, such as a new password, ends the session that the old one is about to open."""
    via = UnicodeAttribute(default="password")
    """What signed it in: `password`, `passkey`, `sso`, `device`, or a provider such as `github`."""
    proved_at = NumberAttribute(default=0)
    mfa_at = NumberAttribute(default=0)
    sso = UnicodeAttribute(default="")
    """The team whose identity provider signed it in."""
    ip = UnicodeAttribute(default="")
    agent = UnicodeAttribute(default="")
    seen_at = NumberAttribute(default=0)

    @property
    def id(self) -> str:
        """The session's id."""
        return self.pk.partition("#")[2]


def new_session(session: str, user: UserRow, family: str, secret: str, proof: Proof) -> SessionRow:
    """A session that is not saved yet."""
    now = clock.epoch()
    expires = now + REFRESH_SECONDS
    return SessionRow(
        f"SESSION#{session}",
        "META",
        gsi1pk=user.pk,
        gsi1sk=f"SESSION#{session}",
        user=user.id,
        home=user.home,
        family_hash=digest(family),
        refresh_hash=digest(secret),
        rotated_at=now,
        expires_at=expires,
        ttl=expires,
        created_at=clock.iso(),
        began=int(user.sessions_from),
        via=proof.via,
        proved_at=now,
        mfa_at=now if proof.strong else 0,
        sso=proof.sso,
        ip=proof.ip,
        agent=proof.agent,
        seen_at=now,
    )


def session_of(session: str) -> SessionRow | None:
    """A session by id."""
    return find(SessionRow, f"SESSION#{session}")


def session_named(session: str) -> SessionRow:
    """A session to update without reading it."""
    return SessionRow(f"SESSION#{session}", "META")


def session_and_user(session: str, user: str) -> tuple[SessionRow | None, UserRow | None]:
    """A session and a person in one consistent read."""
    found: list[Any] = find_mixed(
        [(SessionRow, f"SESSION#{session}", "META"), (UserRow, f"USER#{user}", "PROFILE")]
    )
    return found[0], found[1]


def sessions_of(user: str) -> Iterator[SessionRow]:
    """The sessions of a user; one that began within the last second may be missing."""
    yield from SessionRow.by1.query(f"USER#{user}", SessionRow.gsi1sk.startswith("SESSION#"))


def running_sessions(user: str, since: int, now: int, **at: Any) -> Any:
    """Sessions that go on, newest first, a page at a time (`limit`, `last_evaluated_key`).

    `since` is the person's `sessions_from`, `now` the time in seconds.
    """
    row = SessionRow
    return row.by1.query(
        f"USER#{user}",
        row.gsi1sk.startswith("SESSION#"),
        filter_condition=row.revoked.does_not_exist()
        & (row.began >= since)
        & (row.expires_at >= now),
        scan_index_forward=False,
        **at,
    )
