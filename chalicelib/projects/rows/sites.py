"""Rows by which a team's projects are listed by newest activity: `PROJ#p` / `SITE`.

Whatever makes a project newer writes its row in the same transaction, which makes it when it is
not there: those of projects of an older make are completed by the sweep.
"""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core import census, table
from chalicelib.projects.rows.projects import Project, key

_LIST = "SITE#"


class SiteRow(table.CoreRow):
    """A project in its team's list: `latest` is its newest deployment, `live` says that visitors
    have been shown one. `search` is what a query is looked for in, in small letters.
    """

    project = UnicodeAttribute()
    team = UnicodeAttribute()
    active_at = UnicodeAttribute()
    live = BooleanAttribute(default=False)
    latest = UnicodeAttribute(null=True)
    search = UnicodeAttribute(default="")


def site(project: str) -> SiteRow:
    """The row of a project, to be updated or deleted; nothing is read."""
    return SiteRow(pk=key(project), sk="SITE")


def site_of(project: str) -> SiteRow | None:
    """The row of a project as it is, read consistently."""
    return table.find(SiteRow, key(project), "SITE")


def placed(project: str, team: str, at: str) -> list[Action]:
    """Changes that put a project at its place in the list, with its newest activity."""
    return [
        SiteRow.project.set(project),
        SiteRow.team.set(team),
        SiteRow.active_at.set(at),
        SiteRow.gsi1pk.set(f"TEAM#{team}"),
        SiteRow.gsi1sk.set(f"{_LIST}{at}#{project}"),
    ]


def named_so(project: Project, name: str | None = None) -> Action:
    """The change that makes a project found by its slug and its name."""
    return SiteRow.search.set(f"{project.slug}\n{name or project.name}".lower())


def new_site(project: Project) -> list[Action]:
    """Changes that list a project which was just made."""
    return [*placed(project.id, project.team, project.created_at), named_so(project)]


def complete(project: Project, latest: str | None, at: str) -> bool:
    """List a project of an older make; False when it is listed. Repeating it changes nothing."""
    known = site_of(project.id)
    if known is not None and known.search:
        return False
    actions = [named_so(project), SiteRow.live.set(project.production is not None)]
    if known is None:
        actions += placed(project.id, project.team, at)
        if latest is not None:
            actions.append(SiteRow.latest.set(latest))
    absent: Condition = SiteRow.pk.does_not_exist()
    unnamed: Condition = SiteRow.pk.exists() & SiteRow.search.does_not_exist()
    try:
        with table.write() as transaction:
            transaction.update(
                site(project.id), actions=actions, condition=absent if known is None else unnamed
            )
            census.count(transaction, "projects", project.id)
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def sites_page(
    team: str, query: str, limit: int, at: dict[str, Any] | None
) -> tuple[list[SiteRow], dict[str, Any] | None]:
    """A page of a team's projects, newest activity first, and the place to go on from.

    Of those in whose slug or name `query` stands, in any case.
    """
    found = SiteRow.by1.query(
        f"TEAM#{team}",
        SiteRow.gsi1sk.startswith(_LIST),
        filter_condition=SiteRow.search.contains(query.lower()) if query else None,
        scan_index_forward=False,
        limit=limit,
        last_evaluated_key=at,
    )
    return list(found), found.last_evaluated_key


def count_sites(team: str) -> tuple[int, int]:
    """How many projects a team has, and how many of them are live: counted by the index."""
    prefix = SiteRow.gsi1sk.startswith(_LIST)
    live = SiteRow.live == True  # noqa: E712  # a DynamoDB expression
    return (
        SiteRow.by1.count(f"TEAM#{team}", prefix),
        SiteRow.by1.count(f"TEAM#{team}", prefix, filter_condition=live),
    )
