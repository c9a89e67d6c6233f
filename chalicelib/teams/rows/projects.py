"""Rows of roles in one project, and of which projects and zones a team has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, below, find

_ZONES = "HOLDS#zone#"
"""Behind every project in the order of keys: ids begin with `prj_`."""


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


class GrantRow(CoreRow):
    """The same role once more, beside the team: `TEAM#t` / `GRANT#user#project`.

    By it everything that somebody was given in a team can be read consistently, and taken.
    """

    @property
    def user(self) -> str:
        """Whose role it is."""
        return self.sk.split("#")[1]

    @property
    def project(self) -> str:
        """In which project."""
        return self.sk.split("#")[2]


class HoldingRow(CoreRow):
    """A team has a project, `TEAM#t` / `HOLDS#project`, or a DNS zone, `HOLDS#zone#name`.

    So that a team that has any stays.
    """


def project_member_key(project: str, user: str) -> tuple[type[ProjectMemberRow], str, str]:
    """What `table.find_mixed` needs to read a role in a project beside other rows."""
    return ProjectMemberRow, f"PROJ#{project}", f"MEMBER#{user}"


def project_member_of(project: str, user: str) -> ProjectMemberRow | None:
    """A person's role in a project."""
    return find(*project_member_key(project, user))


def new_project_member(
    team: str, project: str, user: str, role: str
) -> tuple[ProjectMemberRow, GrantRow]:
    """A role in a project and its double beside the team, not saved yet."""
    row = ProjectMemberRow(
        f"PROJ#{project}",
        f"MEMBER#{user}",
        gsi1pk=f"USER#{user}",
        gsi1sk=f"PROJ#{project}",
        team=team,
        role=role,
        created_at=clock.iso(),
    )
    return row, GrantRow(f"TEAM#{team}", f"GRANT#{user}#{project}")


def project_members_of(project: str) -> Iterator[ProjectMemberRow]:
    """Everybody who has a role in a project, read consistently."""
    return below(ProjectMemberRow, f"PROJ#{project}", "MEMBER#")


def project_members_page(project: str, **at: Any) -> Any:
    """The same, a page at a time (`limit`, `last_evaluated_key`)."""
    return ProjectMemberRow.query(
        f"PROJ#{project}", ProjectMemberRow.sk.startswith("MEMBER#"), consistent_read=True, **at
    )


def project_roles_of_user(user: str, **at: Any) -> Any:
    """A person's roles in projects, a page at a time (`limit`, `last_evaluated_key`)."""
    return ProjectMemberRow.by1.query(
        f"USER#{user}", ProjectMemberRow.gsi1sk.startswith("PROJ#"), **at
    )


def grants_of(team: str, user: str) -> Iterator[GrantRow]:
    """Everything that somebody was given in projects of a team, read consistently."""
    return below(GrantRow, f"TEAM#{team}", f"GRANT#{user}#")


def holding(team: str, project: str) -> HoldingRow:
    """That a team has a project: not saved yet, or to be deleted."""
    return HoldingRow(f"TEAM#{team}", f"HOLDS#{project}")


def holding_zone(team: str, zone: str) -> HoldingRow:
    """That a team keeps a DNS zone: not saved yet, or to be deleted."""
    return HoldingRow(f"TEAM#{team}", f"{_ZONES}{zone}")


def held(team: str) -> Literal["", "projects", "zones"]:
    """What a team has, projects first; empty when it has nothing. Read consistently."""
    first = next(below(HoldingRow, f"TEAM#{team}", "HOLDS#"), None)
    if first is None:
        return ""
    return "zones" if first.sk.startswith(_ZONES) else "projects"
