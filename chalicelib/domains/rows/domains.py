"""Rows of domains: what a project wants (`PROJ#p` / `DOMAIN#host`), and whose a host is.

The claim `DOMAIN#host` / `META` is written when the proof was found, and decides: a host is served
for the project that the claim names and for no other. Whoever tells the edge something holds the
claim meanwhile (`busy_until`), and nobody takes a claim that is held, so that what a slow process
says late cannot be about somebody else's host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, table

BUSY_SECONDS = 180
"""Longer than any function that tells the edge may run (`chalicelib/resources`)."""

_WATCH = "DOMAINS"


class DomainRow(table.CoreRow):
    """A host that a project wants, how it shall be served and how it stands.

    `since` is when it came into its state, `due` when it is looked at again by the daily check,
    `run` the number of the machine's last execution. `reference` names its certificate where the
    edge wants to be told, `own` says that somebody brought it, `retired` one to be deleted once
    nothing is served with it. `certificate` describes what is served. `alerted` is the last word
    on its end, in days, `told` the last state that the team had a letter about.
    """

    host = UnicodeAttribute()
    project = UnicodeAttribute()
    team = UnicodeAttribute()
    state = UnicodeAttribute(default="requested")
    detail = UnicodeAttribute(default="")
    since = UnicodeAttribute()
    due = UnicodeAttribute()
    run = NumberAttribute(default=0)
    redirect = UnicodeAttribute(default="")
    served_elsewhere = BooleanAttribute(default=False)
    https = UnicodeAttribute(default="redirect")
    hsts_seconds = NumberAttribute(default=0)
    tls = UnicodeAttribute(default="1.2")
    records = JSONAttribute(default=list)
    redirects = JSONAttribute(default=list)
    reference = UnicodeAttribute(default="")
    own = BooleanAttribute(default=False)
    retired = UnicodeAttribute(default="")
    certificate = JSONAttribute(null=True)
    alerted = NumberAttribute(default=0)
    told = UnicodeAttribute(default="")
    release = BooleanAttribute(default=False)
    proven_at = UnicodeAttribute(null=True)
    checked_at = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()
    version = NumberAttribute(default=1)


class ClaimRow(table.CoreRow):
    """Whose a host is. Once it was removed `free_at` says when another team may have it."""

    host = UnicodeAttribute()
    project = UnicodeAttribute()
    team = UnicodeAttribute()
    since = UnicodeAttribute()
    free_at = NumberAttribute(null=True)
    busy_until = NumberAttribute(default=0)
    generation = NumberAttribute(default=1)


def new(project: str, team: str, host: str, user: str) -> DomainRow:
    """A row of a domain that was just added, not saved yet."""
    now = clock.iso()
    return DomainRow(
        f"PROJ#{project}",
        f"DOMAIN#{host}",
        gsi1pk=f"TEAM#{team}",
        gsi1sk=f"DOMAIN#{host}#{project}",
        gsi2pk=_WATCH,
        gsi2sk=f"{now}#{host}",
        host=host,
        project=project,
        team=team,
        since=now,
        due=now,
        created_at=now,
        created_by=user,
    )


def watched_from(moment: str, host: str) -> str:
    """Key by which the daily check finds a row once that moment has come."""
    return f"{moment}#{host}"


def get(project: str, host: str) -> DomainRow | None:
    """A domain of a project, read consistently."""
    return table.find(DomainRow, f"PROJ#{project}", f"DOMAIN#{host}")


def of_project(project: str) -> list[DomainRow]:
    """The domains of a project, by name."""
    return list(table.below(DomainRow, f"PROJ#{project}", "DOMAIN#"))


def of_team(team: str, **at: Any) -> Any:
    """A page of the domains of a team, by name: for lists, not for decisions."""
    return DomainRow.by1.query(
        f"TEAM#{team}", DomainRow.gsi1sk.startswith("DOMAIN#"), scan_index_forward=True, **at
    )


def due(now: str, most: int) -> Iterator[tuple[str, str]]:
    """(project, host) of domains whose time has come, the longest overdue first. A hint."""
    found = DomainRow.by2.query(_WATCH, DomainRow.gsi2sk < f"{now}~", limit=most)
    for row in found:
        yield str(row.project), str(row.host)


def overdue(now: str) -> tuple[int, str | None]:
    """How many domains should have been looked at by now, and since when the first."""
    past = DomainRow.gsi2sk < f"{now}~"
    first = next(iter(DomainRow.by2.query(_WATCH, past, limit=1)), None)
    if first is None or first.gsi2sk is None:
        return 0, None
    return int(DomainRow.by2.count(_WATCH, past)), str(first.gsi2sk).partition("#")[0]


def change(row: DomainRow, **values: Any) -> DomainRow | None:
    """Write fields of a row if nobody else did since it was read; None when somebody did."""
    kind = DomainRow
    actions = [getattr(kind, name).set(value) for name, value in values.items()]
    if "due" in values:
        actions.append(kind.gsi2sk.set(watched_from(values["due"], row.host)))
    actions.append(kind.version.set(int(row.version) + 1))
    done, now = table.update_or_see(
        row, actions, kind.pk.exists() & (kind.version == int(row.version))
    )
    return now if done else None


def claim(host: str) -> ClaimRow | None:
    """Whose a host is, read consistently."""
    return table.find(ClaimRow, f"DOMAIN#{host}")


def new_claim(row: DomainRow, generation: int) -> ClaimRow:
    """The claim of a domain's project, not saved yet."""
    return ClaimRow(
        f"DOMAIN#{row.host}",
        "META",
        host=row.host,
        project=row.project,
        team=row.team,
        since=clock.iso(),
        generation=generation,
    )


def holds(found: ClaimRow | None, project: str) -> bool:
    """Whether a claim says that its host is a project's."""
    return found is not None and found.project == project and found.free_at is None


def occupy(found: ClaimRow) -> bool:
    """Hold a claim while the edge is told something; False when it changed or is held."""
    kind, now = ClaimRow, clock.epoch()
    done, _ = table.update_or_see(
        found,
        [kind.busy_until.set(now + BUSY_SECONDS)],
        (kind.project == found.project)
        & (kind.generation == int(found.generation))
        & kind.free_at.does_not_exist()
        & (kind.busy_until <= now),
    )
    return done


def vacate(found: ClaimRow) -> None:
    """Hold it no longer."""
    kind = ClaimRow
    try:
        found.update(
            actions=[kind.busy_until.set(0)],
            condition=kind.generation == int(found.generation),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
