"""Rows of invitations into a team."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import clock, ids
from chalicelib.core.table import CoreRow, below, find
from chalicelib.identity.rows import UniqueRow, unique
from chalicelib.identity.rules import digest
from chalicelib.teams.rules.invitations import KEEP_SECONDS, LIFE_SECONDS


class InvitationRow(CoreRow):
    """An invitation of one e-mail address into a team: `TEAM#t` / `INVITE#e-mail`.

    There is one for each address, so inviting again replaces it. Of its token only a hash is kept.
    """

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    role = UnicodeAttribute()
    token_hash = UnicodeAttribute()
    state = UnicodeAttribute(default="open")
    """`open`, or `accepted`. One that was revoked has no row."""
    invited_by = UnicodeAttribute()
    """The user, or the id of the service token, that invited."""
    accepted_by = UnicodeAttribute(default="")
    created_at = UnicodeAttribute()
    expires_at = NumberAttribute()

    @property
    def team(self) -> str:
        """The team's id."""
        return self.pk.partition("#")[2]


def new_invitation(
    team: str, email: str, role: str, by: str, token: str
) -> tuple[InvitationRow, UniqueRow]:
    """An invitation and the way from its token to it, not saved yet."""
    row = InvitationRow(
        f"TEAM#{team}",
        f"INVITE#{email}",
        id=ids.new("inv"),
        email=email,
        role=role,
        token_hash=digest(token),
        state="open",
        invited_by=by,
        created_at=clock.iso(),
        expires_at=clock.epoch(LIFE_SECONDS),
        ttl=clock.epoch(KEEP_SECONDS),
    )
    way = invitation_token(row)
    way.ttl = row.ttl
    return row, way


def invitation_token(row: InvitationRow) -> UniqueRow:
    """The way from an invitation's token to it."""
    return unique("invitation", row.token_hash, f"{row.team}#{row.email}")


def invitation_behind(token: str) -> InvitationRow | None:
    """The invitation that a token opens; None when it was replaced, revoked or never made."""
    way = find(UniqueRow, f"UNIQ#invitation#{digest(token)}")
    if way is None:
        return None
    team, _, email = way.owner.partition("#")
    row = invitation_of(team, email)
    return row if row is not None and row.token_hash == digest(token) else None


def invitation_of(team: str, email: str) -> InvitationRow | None:
    """The invitation of an address into a team."""
    return find(InvitationRow, f"TEAM#{team}", f"INVITE#{email}")


def invitations_of(team: str) -> Iterator[InvitationRow]:
    """Every invitation into a team that is kept, read consistently."""
    return below(InvitationRow, f"TEAM#{team}", "INVITE#")


def open_invitations_page(team: str, **at: Any) -> Any:
    """Those that nobody has accepted, a page at a time (`limit`, `last_evaluated_key`)."""
    return InvitationRow.query(
        f"TEAM#{team}",
        InvitationRow.sk.startswith("INVITE#"),
        filter_condition=InvitationRow.state == "open",
        consistent_read=True,
        **at,
    )
