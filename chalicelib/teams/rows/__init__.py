"""Rows of teams; the keys of the table live here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, below, find, find_mixed
from chalicelib.identity.rows import UserRow, profile_key


class TeamRow(CoreRow):
    """A team: `TEAM#t` / `META`."""

    slug = UnicodeAttribute()
    name = UnicodeAttribute()
    version = NumberAttribute(default=1)
    created_at = UnicodeAttribute()
    status = UnicodeAttribute(default="active")
    """`active`, or `suspended`: then its members may only read."""
    plan = UnicodeAttribute(default="free")
    logo_url = UnicodeAttribute(null=True)
    billing_email = UnicodeAttribute(null=True)
    mfa_required = BooleanAttribute(default=False)
    sso_enforced = BooleanAttribute(default=False)
    policies = JSONAttribute(null=True)
    """name -> policy, as `rules/policies.py` has it; small, because it is read with every call."""
    deleted_at = UnicodeAttribute(null=True)

    @property
    def id(self) -> str:
        """The team's id."""
        return self.pk.partition("#")[2]


class MemberRow(CoreRow):
    """A person's role in a team: `TEAM#t` / `MEMBER#user`; listed by user."""

    role = UnicodeAttribute()
    created_at = UnicodeAttribute()

    @property
    def team(self) -> str:
        """The team's id."""
        return self.pk.partition("#")[2]

    @property
    def user(self) -> str:
        """The member's id."""
        return self.sk.partition("#")[2]


class ProjectMemberRow(CoreRow):
    """A person's role in one project: `PROJ#p` / `MEMBER#user`; listed by user.

    It adds to what their role in the team gives, and lets somebody in who is not in the team.
    """

    team = UnicodeAttribute()
    role = UnicodeAttribute()
    created_at = UnicodeAttribute()

    @property
    def project(self) -> str:
        """The project's id."""
        return self.pk.partition("#")[2]

    @property
    def user(self) -> str:
        """The member's id."""
        return self.sk.partition("#")[2]


def new_team(team: str, slug: str, name: str) -> TeamRow:
    """A team that is not saved yet."""
    return TeamRow(f"TEAM#{team}", "META", slug=slug, name=name, created_at=clock.iso())


def new_member(team: str, user: str, role: str) -> MemberRow:
    """A membership that is not saved yet."""
    return MemberRow(
        f"TEAM#{team}",
        f"MEMBER#{user}",
        gsi1pk=f"USER#{user}",
        gsi1sk=f"TEAM#{team}",
        role=role,
        created_at=clock.iso(),
    )


def team_of(team: str) -> TeamRow | None:
    """A team by id."""
    return find(TeamRow, f"TEAM#{team}")


def member_of(team: str, user: str) -> MemberRow | None:
    """A person's membership in a team."""
    return find(MemberRow, f"TEAM#{team}", f"MEMBER#{user}")


def team_and_member(team: str, user: str) -> tuple[TeamRow | None, MemberRow | None]:
    """A team and a person's membership in one read."""
    found: list[Any] = find_mixed(
        [(TeamRow, f"TEAM#{team}", "META"), (MemberRow, f"TEAM#{team}", f"MEMBER#{user}")]
    )
    return found[0], found[1]


def members_of_user(user: str, **at: Any) -> Any:
    """A person's memberships, a page at a time (`limit`, `last_evaluated_key`)."""
    return MemberRow.by1.query(f"USER#{user}", MemberRow.gsi1sk.startswith("TEAM#"), **at)


def teams_of(members: list[MemberRow]) -> dict[str, TeamRow]:
    """The teams of some memberships, by id, in one read."""
    found: list[Any] = find_mixed([(TeamRow, m.pk, "META") for m in members])
    return {row.id: row for row in found if row is not None}


def person_and_teams(
    user: str, members: list[MemberRow]
) -> tuple[UserRow | None, dict[str, TeamRow]]:
    """A person and the teams of their memberships in one read."""
    found: list[Any] = find_mixed([profile_key(user), *((TeamRow, m.pk, "META") for m in members)])
    return found[0], {row.id: row for row in found[1:] if row is not None}


def members_of(team: str) -> Iterator[MemberRow]:
    """Every member of a team, read consistently."""
    return below(MemberRow, f"TEAM#{team}", "MEMBER#")
