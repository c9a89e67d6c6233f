"""Rows of DNS zones: `TEAM#t` / `ZONE#name`, and `UNIQ#zone#name`, so that each is one team's.

A zone in an account that a team connects is told by a token of that account, so several teams may
know one of those: only zones of the installation are unique.
"""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.core import clock, table


class ZoneRow(table.CoreRow):
    """A zone: who keeps it (`route53`, `local`, `cloudflare`), by which id and, sealed, token."""

    name = UnicodeAttribute()
    team = UnicodeAttribute()
    provider = UnicodeAttribute()
    zone = UnicodeAttribute(default="")
    name_servers = JSONAttribute(default=list)
    sealed = BinaryAttribute(null=True, legacy_encoding=False)
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()


class ZoneClaim(table.CoreRow):
    """Which team has a zone of the installation."""

    team = UnicodeAttribute()


def new(team: str, name: str, provider: str, user: str) -> ZoneRow:
    """A row of a zone, not saved yet."""
    return ZoneRow(
        f"TEAM#{team}",
        f"ZONE#{name}",
        name=name,
        team=team,
        provider=provider,
        created_at=clock.iso(),
        created_by=user,
    )


def claim(team: str, name: str) -> ZoneClaim:
    """The claim of a zone, not saved yet."""
    return ZoneClaim(f"UNIQ#zone#{name}", "META", team=team)


def claimed_above(name: str) -> dict[str, str]:
    """The zones of the installation that a name lies below, each with its team."""
    labels = name.split(".")
    parents = [".".join(labels[at:]) for at in range(1, len(labels) - 1)]
    found = {parent: table.find(ZoneClaim, f"UNIQ#zone#{parent}") for parent in parents}
    return {parent: str(claim.team) for parent, claim in found.items() if claim is not None}


def get(team: str, name: str) -> ZoneRow | None:
    """A zone of a team, read consistently."""
    return table.find(ZoneRow, f"TEAM#{team}", f"ZONE#{name}")


def of_team(team: str) -> list[ZoneRow]:
    """The zones of a team, by name."""
    return list(table.below(ZoneRow, f"TEAM#{team}", "ZONE#"))
