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
from pynamodb.transactions import TransactWrite

from chalicelib.core import census, counters, table
from chalicelib.projects.rows.projects import Project, key

_LIST = "SITE#"
LOOKED_AT = 1_000
"""So many projects are looked at in one read when something is looked for."""


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


class TallyRow(table.CoreRow):
    """How many projects a team has, and how many are live: counters of `TEAM#t` / `TALLY`."""


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


def list_new(transaction: TransactWrite, project: Project) -> None:
    """List a project that a transaction makes."""
    actions = [*placed(project.id, project.team, project.created_at), named_so(project)]
    transaction.update(site(project.id), actions=actions)
    _count(transaction, project.id, project.team, projects=1)


def go_live(transaction: TransactWrite, project: str, team: str) -> list[Action]:
    """Changes that say that visitors are shown something; it is counted in the transaction."""
    _count(transaction, project, team, live=1)
    return [SiteRow.live.set(True)]


def unlist(transaction: TransactWrite, project: Project, known: SiteRow | None) -> None:
    """Take a project that a transaction removes off the list, if it is as `known` says."""
    listed, live = (bool(known.search), bool(known.live)) if known is not None else (False, False)
    _count(transaction, project.id, project.team, projects=-int(listed), live=-int(live))
    transaction.delete(site(project.id), condition=_as_known(known))


def complete(project: Project, latest: str | None, at: str) -> bool:
    """List a project of an older make; False when it is listed. Repeating it changes nothing."""
    known = site_of(project.id)
    if known is not None and known.search:
        return False
    actions = [named_so(project)]
    if known is None:
        actions += placed(project.id, project.team, at)
        if latest is not None:
            actions.append(SiteRow.latest.set(latest))
    goes_live = project.production is not None and not (known is not None and known.live)
    try:
        with table.write() as transaction:
            if goes_live:
                actions.append(SiteRow.live.set(True))
            transaction.update(site(project.id), actions=actions, condition=_as_known(known))
            _count(transaction, project.id, project.team, projects=1, live=int(goes_live))
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def _as_known(known: SiteRow | None) -> Condition:
    """That a row is counted as it was when it was read, and was not made or removed since."""
    if known is None:
        absent: Condition = SiteRow.pk.does_not_exist()
        return absent
    live = SiteRow.live == True  # noqa: E712  # a DynamoDB expression
    named = SiteRow.search.exists() if known.search else SiteRow.search.does_not_exist()
    counted: Condition = SiteRow.pk.exists() & named & (live if known.live else ~live)
    return counted


def _count(
    transaction: TransactWrite, project: str, team: str, *, projects: int = 0, live: int = 0
) -> None:
    """Count for the team, and projects for the installation too; a row is written to once."""
    if projects:
        census.count(transaction, project, {"projects": projects})
    if numbers := counters.add({"projects": projects, "live": live}):
        transaction.update(TallyRow(f"TEAM#{team}", "TALLY"), actions=numbers)


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
        page_size=LOOKED_AT if query else None,  # at once; it would be `limit`, however few match
        last_evaluated_key=at,
    )
    return list(found), found.last_evaluated_key


def count_sites(team: str) -> tuple[int, int]:
    """How many projects a team has, and how many of them are live."""
    rows = counters.between(TallyRow, f"TEAM#{team}", "TALLY", "TALLY")
    found = next((numbers for _, numbers in rows), {})
    return found.get("projects", 0), found.get("live", 0)
