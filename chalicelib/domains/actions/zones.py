"""DNS zones of a team: made here, or in an account that it connects; their records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.core import crypto
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid, Unavailable, not_found
from chalicelib.core.outbound import NotAllowed, OutOfReach
from chalicelib.core.table import lost_condition, write
from chalicelib.domains.actions import naming
from chalicelib.domains.providers.cloudflare import Cloudflare, Refused
from chalicelib.domains.rows import domains as domain_rows
from chalicelib.domains.rows import zones as rows
from chalicelib.domains.rows.zones import ZoneClaim, ZoneRow
from chalicelib.domains.rules import names, records
from chalicelib.edge.rules.domains import RecordSet
from chalicelib.ports import Zones, services
from chalicelib.teams import actions as teams
from chalicelib.teams import rows as team_rows

T = TypeVar("T")

MOST = 50
"""Zones of one team."""


def add(actor: Actor, team: str, text: str, token: str | None) -> ZoneRow:
    """Keep a zone: in the installation, or with a token in a Cloudflare account.

    Asked again it is the same; with a token, that one counts from now on. Raises Invalid
    `domain_invalid`, `zone_refused`, Conflict `zone_taken`, `too_many_zones`, Unavailable
    `dns_provider_unavailable`.
    """
    name = naming.checked(text, "/name")
    if names.is_wildcard(name):
        raise naming.invalid("A zone has no star.", "/name")
    known = rows.get(team, name)
    if known is not None and token is None:
        return known
    if known is None and len(rows.of_team(team)) >= MOST:
        raise Conflict(
            "too_many_zones", f"A team has at most {MOST} zones.", hint="Remove one of them."
        )
    if token is not None:
        return _connect(actor, known, team, name, token)
    for parent, theirs in rows.claimed_above(name).items():
        if theirs != team:  # its records would stand in front of theirs
            raise _taken(parent)
    keeper = services().zones
    row = rows.new(team, name, keeper.kind, actor.id)
    kind = ZoneClaim
    try:
        with write() as transaction:
            transaction.save(
                rows.claim(team, name), condition=kind.pk.does_not_exist() | (kind.team == team)
            )
            _hold(transaction, team, name)
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        teams.get_team(team)  # not found when it was deleted meanwhile
        raise _taken(name) from None
    row.zone, servers = keeper.create(name)
    row.name_servers = list(servers)
    row.save()
    return row


def of_team(team: str) -> list[ZoneRow]:
    """The zones of a team, by name."""
    return rows.of_team(team)


def get(team: str, text: str) -> ZoneRow:
    """A zone of a team; raises NotFound."""
    try:
        row = rows.get(team, names.normal_host(text, private=True))
    except ValueError:
        row = None
    if row is None:
        raise not_found("zone", text)
    return row


def remove(team: str, text: str) -> ZoneRow:
    """Give a zone up. One of the installation is deleted with its records; one of an account
    stays there. Raises NotFound."""
    row = get(team, text)
    if row.sealed is None:
        services().zones.remove(row.zone)
    kind = ZoneClaim
    with write() as transaction:
        transaction.delete(row)
        transaction.delete(team_rows.holding_zone(team, row.name))
        if row.sealed is None:
            transaction.delete(
                rows.claim(team, row.name),
                condition=kind.pk.does_not_exist() | (kind.team == team),
            )
    return row


def read(team: str, text: str) -> list[RecordSet]:
    """The record sets of a zone; raises NotFound, Unavailable."""
    row = get(team, text)
    return _asked(row, lambda keeper: keeper.records(row.zone))


def put(team: str, text: str, wish: dict[str, Any]) -> RecordSet:
    """Write a record set in place of what is there.

    Raises NotFound, Invalid `record_invalid`, Conflict `record_conflict`, Unavailable.
    """
    row = get(team, text)
    try:
        wanted = records.checked(row.name, wish["name"], wish["type"], wish["ttl"], wish["values"])
    except ValueError as error:
        raise _invalid(str(error)) from None

    def write_it(keeper: Zones) -> RecordSet:
        clash = records.clashes(wanted, keeper.records(row.zone))
        if clash:
            raise Conflict("record_conflict", clash, hint="Remove that one first.")
        try:
            keeper.put(row.zone, wanted)
        except Refused:
            raise
        except ValueError as error:
            raise _invalid(str(error)) from None
        return wanted

    return _asked(row, write_it)


def drop(team: str, text: str, name: str, kind: str) -> RecordSet:
    """Remove a record set; raises NotFound `zone_not_found` or `record_not_found`."""
    row = get(team, text)
    try:
        whole = records.full_name(row.name, name)
    except ValueError as error:
        raise _invalid(str(error)) from None

    def remove_it(keeper: Zones) -> RecordSet:
        there = [r for r in keeper.records(row.zone) if (r.name, r.type) == (whole, kind)]
        if not there or not keeper.drop(row.zone, whole, kind):
            raise not_found("record", f"{kind} {whole}")
        return there[0]

    return _asked(row, remove_it)


def zone_of(team: str, host: str) -> ZoneRow | None:
    """The zone of a team that a host lies in, the closest one; None for none."""
    name = names.base(host)
    found = [row for row in rows.of_team(team) if name == row.name or name.endswith(f".{row.name}")]
    return max(found, key=lambda row: len(row.name), default=None)


def apply(row: domain_rows.DomainRow) -> list[RecordSet]:
    """Set what a domain wants in the team's own zone; what was written.

    At the root of a zone, where DNS forbids the CNAME, a zone that cannot flatten one gets the
    proof alone. Raises Conflict `zone_missing`, `record_conflict`.
    """
    zone = zone_of(row.team, row.host)
    if zone is None:
        raise Conflict(
            "zone_missing",
            f"The team keeps no zone for {row.host}.",
            hint="Set the records where its DNS is kept, or add the zone: `deck dns add`.",
        )
    done = []
    for record in naming.wanted_records(row):
        if record["type"] == "CNAME" and record["name"] == zone.name:
            continue
        values = [record["value"]]
        if record["type"] == "TXT":  # other projects' proofs, and a wildcard's, stand there too
            there = [r for r in read(row.team, zone.name) if r.name == record["name"]]
            values += [v for r in there if r.type == "TXT" for v in r.values]
        wish = {"name": record["name"], "type": record["type"], "ttl": 300, "values": values}
        done.append(put(row.team, zone.name, wish))
    return done


def _connect(actor: Actor, known: ZoneRow | None, team: str, name: str, token: str) -> ZoneRow:
    keeper = Cloudflare(token)
    row = rows.new(team, name, keeper.kind, actor.id)
    if known is not None and known.sealed is None:
        raise Conflict(
            "zone_taken",
            f"The zone {name} is kept here already.",
            hint="Remove it first: its records go with it.",
        )
    row.sealed = crypto.seal(services().keys, token.encode(), _context(team, name))
    row.zone, servers = _asked(row, lambda found: found.create(name))
    row.name_servers = list(servers)
    try:
        with write() as transaction:
            transaction.save(row)
            _hold(transaction, team, name)
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        raise not_found("team", team) from None
    return row


def _hold(transaction: TransactWrite, team: str, name: str) -> None:
    """Add to a transaction that a team has a zone; refused when the team was deleted."""
    transaction.save(team_rows.holding_zone(team, name))
    team_rows.grown(transaction, team)


def _asked(row: ZoneRow, ask: Callable[[Zones], T]) -> T:
    """What a zone's keeper answers, its refusals and its silence in our words."""
    keeper: Zones = services().zones
    if row.sealed is not None:
        token = crypto.unseal(services().keys, row.sealed, _context(row.team, row.name))
        keeper = Cloudflare(token.decode())
    try:
        return ask(keeper)
    except LookupError as error:
        raise _refused(str(error.args[0])) from None
    except Refused as error:
        raise _refused(str(error)) from None
    except (OutOfReach, NotAllowed) as error:
        raise Unavailable(
            "dns_provider_unavailable", f"{error}.", hint="Try again in a minute.", retry_after=60
        ) from None


def _taken(name: str) -> Conflict:
    return Conflict(
        "zone_taken",
        f"Another team keeps the zone {name} here.",
        hint="Ask them to remove it, or whoever runs this installation.",
    )


def _context(team: str, name: str) -> dict[str, str]:
    return {"team": team, "zone": name, "use": "dns-token"}


def _refused(detail: str) -> Invalid:
    return Invalid(
        "zone_refused",
        f"The account that keeps the zone refuses: {detail}.",
        hint="The token needs the right to read the zone and to edit its DNS.",
        errors=(FieldError("/token", detail, "zone_refused"),),
    )


def _invalid(detail: str) -> Invalid:
    return Invalid(
        "record_invalid",
        detail,
        hint="Nothing was changed.",
        errors=(FieldError("/values", detail, "record_invalid"),),
    )
