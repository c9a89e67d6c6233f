"""Rows of teams; the keys of the table live here and in the files beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core import census, clock, directory
from chalicelib.core.table import CoreRow, below, find, find_mixed, lost_condition, write
from chalicelib.identity.rows import UserRow, profile_key
from chalicelib.teams.rows.invitations import (
    InvitationRow,
    invitation_behind,
    invitation_of,
    invitation_token,
    invitations_of,
    new_invitation,
    open_invitations_page,
)
from chalicelib.teams.rows.projects import (
    GrantRow,
    HoldingRow,
    ProjectMemberRow,
    grants_of,
    held,
    holding,
    holding_zone,
    new_project_member,
    project_member_key,
    project_member_of,
    project_members_of,
    project_members_page,
    project_roles_of_user,
)

__all__ = [
    "GrantRow",
    "HoldingRow",
    "InvitationRow",
    "MemberRow",
    "ProjectMemberRow",
    "TeamRow",
    "count_team",
    "grants_of",
    "grown",
    "held",
    "holding",
    "holding_zone",
    "invitation_behind",
    "invitation_of",
    "invitation_token",
    "invitations_of",
    "keep_listed",
    "member_of",
    "members_of",
    "members_of_user",
    "members_page",
    "new_invitation",
    "new_member",
    "new_project_member",
    "new_team",
    "open_invitations_page",
    "people_of",
    "person_and_teams",
    "project_member_key",
    "project_member_of",
    "project_members_of",
    "project_members_page",
    "project_roles_of_user",
    "team_and_member",
    "team_lives",
    "team_named",
    "team_of",
    "teams_of",
    "teams_page",
    "uncount",
]

_LIST = "TEAMS"


class TeamRow(CoreRow):
    """A team: `TEAM#t` / `META`."""

    slug = UnicodeAttribute()
    name = UnicodeAttribute()
    version = NumberAttribute(default=1)
    created_at = UnicodeAttribute()
    status = UnicodeAttribute(default="active")
    """`active`, or `suspended`: then its members may only read."""
    plan = UnicodeAttribute(default="free")
    granted_plan = UnicodeAttribute(null=True)
    """A plan that whoever runs the installation gave; it stands in for `plan`."""
    granted_until = NumberAttribute(null=True)
    """Seconds since 1970 at which that ends; None for never."""
    logo_url = UnicodeAttribute(null=True)
    billing_email = UnicodeAttribute(null=True)
    mfa_required = BooleanAttribute(default=False)
    sso_enforced = BooleanAttribute(default=False)
    policies = JSONAttribute(null=True)
    """name -> policy, as `rules/policies.py` has it; small, because it is read with every call."""
    deleted_at = UnicodeAttribute(null=True)
    guard = NumberAttribute(default=0)
    """Changes with every invitation and project, for decisions that count all of a team's."""
    counted = BooleanAttribute(null=True)
    """Whether the census has it."""

    @property
    def id(self) -> str:
        """The team's id."""
        return self.pk.partition("#")[2]


class MemberRow(CoreRow):
    """A person's role in a team: `TEAM#t` / `MEMBER#user`; listed by user."""

    role = UnicodeAttribute()
    created_at = UnicodeAttribute()
    grants = NumberAttribute(default=0)
    """Changes when they get a role in a project, so that none is missed when they leave."""

    @property
    def team(self) -> str:
        """The team's id."""
        return self.pk.partition("#")[2]

    @property
    def user(self) -> str:
        """The member's id."""
        return self.sk.partition("#")[2]


def new_team(team: str, slug: str, name: str) -> TeamRow:
    """A team that is not saved yet; whoever saves one counts it in the census."""
    return TeamRow(
        f"TEAM#{team}",
        "META",
        slug=slug,
        name=name,
        created_at=clock.iso(),
        counted=True,
        gsi2pk=directory.shard(_LIST, team),
        gsi2sk=slug,
    )


def teams_page(**at: Any) -> list[TeamRow]:
    """Every team, by slug, a page at a time (`limit`, `after`, `prefix`)."""
    return directory.page(TeamRow, _LIST, **at)


def count_team(team: TeamRow) -> bool:
    """Count a team that was made before teams were counted; False when it is, or was deleted."""
    if team.counted or team.deleted_at:
        return False
    try:
        with write() as transaction:
            transaction.update(
                team_named(team.id),
                actions=[TeamRow.counted.set(True)],
                condition=team_lives() & TeamRow.counted.does_not_exist(),
            )
            census.count(transaction, team.id, {"teams": 1})
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        return False
    return True


def uncount(transaction: TransactWrite, team: TeamRow) -> Condition:
    """Take a team that a transaction ends out of the census; on condition that it was as it is."""
    if not team.counted:
        absent: Condition = TeamRow.counted.does_not_exist()
        return absent
    census.count(transaction, team.id, {"teams": -1})
    counted: Condition = TeamRow.counted.exists()
    return counted


def keep_listed(team: TeamRow) -> None:
    """List a team that was made before there was a list."""
    directory.keep(team, _LIST, team.id, team.slug)


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


def team_named(team: str) -> TeamRow:
    """A team to check or update without reading it."""
    return TeamRow(f"TEAM#{team}", "META")


def team_lives() -> Condition:
    """Condition on a team's row: it is there, and not deleted."""
    alive: Condition = TeamRow.pk.exists() & TeamRow.deleted_at.does_not_exist()
    return alive


def grown(transaction: TransactWrite, team: str, expected: int | None = None) -> None:
    """Add to a transaction that a team grows; refused when it was deleted.

    With `expected`, refused also when the team has grown since its `guard` was that.
    """
    condition = team_lives()
    if expected is not None:
        known = TeamRow.guard == expected
        condition &= known if expected else known | TeamRow.guard.does_not_exist()
    transaction.update(
        team_named(team),
        actions=[TeamRow.guard.set((TeamRow.guard | 0) + 1)],
        condition=condition,
    )


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


def members_page(team: str, **at: Any) -> Any:
    """The members of a team, a page at a time (`limit`, `last_evaluated_key`)."""
    return MemberRow.query(
        f"TEAM#{team}", MemberRow.sk.startswith("MEMBER#"), consistent_read=True, **at
    )


def people_of(users: Iterable[str]) -> dict[str, UserRow]:
    """People by id, in one read per hundred."""
    wanted = list(dict.fromkeys(users))
    found: dict[str, UserRow] = {}
    for first in range(0, len(wanted), 100):
        rows: list[Any] = find_mixed([profile_key(u) for u in wanted[first : first + 100]])
        found |= {row.id: row for row in rows if row is not None}
    return found
