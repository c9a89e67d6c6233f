"""DNS zones of a team, and their records."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.core.http import Call, Empty, Input, Output, secret_field
from chalicelib.domains.actions import zones
from chalicelib.domains.routes.blueprint import routes
from chalicelib.domains.routes.domains import RecordSetView, record_set
from chalicelib.domains.rows.zones import ZoneRow
from chalicelib.domains.rules.records import MOST_VALUES, TTL_LEAST, TTL_MOST
from chalicelib.teams.actions import Membership


class NewZone(Input):
    """A zone to keep: here, or with a token in a Cloudflare account."""

    name: str = Field(min_length=1, max_length=300)
    token: str | None = secret_field(None, min_length=8, max_length=400)


class ZoneView(Output):
    """A zone; it counts once its registrar names these servers."""

    name: str
    provider: Literal["route53", "cloudflare", "local"]
    name_servers: list[str]
    created_at: str


class ZoneList(Output):
    """Every zone of a team: at most 50."""

    items: list[ZoneView]
    next: None = None


class NewRecordSet(Input):
    """Records of one name and type, in place of those that are there."""

    name: str = Field(min_length=1, max_length=260, description="`@` is the zone itself")
    type: Literal["A", "AAAA", "CNAME", "MX", "TXT", "CAA"]
    values: Annotated[
        list[Annotated[str, Field(max_length=2100)]], Field(min_length=1, max_length=MOST_VALUES)
    ]
    ttl: int = Field(300, ge=TTL_LEAST, le=TTL_MOST, description="seconds")


class RecordSetList(Output):
    """Every record set of a zone that can be managed."""

    items: list[RecordSetView]
    next: None = None


@routes.post(
    "/teams/{team}/zones",
    permission="domain.manage",
    scope="team",
    body=NewZone,
    answer=ZoneView,
    status=201,
    problems=(409,),
    step_up=True,
)
def add_zone(call: Call) -> ZoneView:
    """Keep a zone; the answer names its name servers."""
    row = zones.add(call.actor, _team(call), call.body.name, call.body.token)
    call.trail.resource = row.name
    return _view(row)


@routes.get("/teams/{team}/zones", permission="domain.read", scope="team", answer=ZoneList)
def list_zones(call: Call) -> ZoneList:
    """The zones of a team."""
    return ZoneList(items=[_view(row) for row in zones.of_team(_team(call))])


@routes.get("/teams/{team}/zones/{zone}", permission="domain.read", scope="team", answer=ZoneView)
def get_zone(call: Call) -> ZoneView:
    """One zone."""
    return _view(zones.get(_team(call), call.path["zone"]))


@routes.delete(
    "/teams/{team}/zones/{zone}",
    permission="domain.manage",
    scope="team",
    answer=Empty,
    status=204,
    step_up=True,
)
def remove_zone(call: Call) -> None:
    """Give a zone up; one that is kept here goes with its records."""
    call.trail.resource = zones.remove(_team(call), call.path["zone"]).name


@routes.get(
    "/teams/{team}/zones/{zone}/records",
    permission="domain.read",
    scope="team",
    answer=RecordSetList,
)
def list_records(call: Call) -> RecordSetList:
    """The records of a zone."""
    found = zones.read(_team(call), call.path["zone"])
    return RecordSetList(items=[record_set(one) for one in found])


@routes.put(
    "/teams/{team}/zones/{zone}/records",
    permission="domain.manage",
    scope="team",
    body=NewRecordSet,
    answer=RecordSetView,
    problems=(409,),
)
def put_records(call: Call) -> RecordSetView:
    """Write the records of one name and type."""
    done = zones.put(_team(call), call.path["zone"], call.body.model_dump())
    call.trail.of, call.trail.resource = call.path["zone"], f"{done.type} {done.name}"
    return record_set(done)


@routes.delete(
    "/teams/{team}/zones/{zone}/records/{type}/{record}",
    permission="domain.manage",
    scope="team",
    answer=Empty,
    status=204,
)
def remove_records(call: Call) -> None:
    """Remove the records of one name and type."""
    path = call.path
    done = zones.drop(_team(call), path["zone"], path["record"], path["type"].upper())
    call.trail.of, call.trail.resource = path["zone"], f"{done.type} {done.name}"
    call.trail.before = {"values": list(done.values)}


def _team(call: Call) -> str:
    member: Membership = call.scope
    return member.team


def _view(row: ZoneRow) -> ZoneView:
    return ZoneView(
        name=row.name,
        provider=row.provider,  # type: ignore[arg-type]  # one of ours
        name_servers=list(row.name_servers),
        created_at=row.created_at,
    )
