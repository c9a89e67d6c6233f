"""Domains of a project, and all those of a team."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core import paging
from chalicelib.core.http import Call, Input, Output
from chalicelib.core.paging import Page, PageQuery
from chalicelib.domains.actions import manage, zones
from chalicelib.domains.routes.blueprint import routes
from chalicelib.domains.routes.shapes import DomainView, view
from chalicelib.projects.rows import Project
from chalicelib.teams.actions import Membership

Host = Annotated[str, Field(min_length=1, max_length=300)]
HSTS_MOST = 2 * 365 * 24 * 3600


class NewDomain(Input):
    """A domain that a project shall answer at."""

    domain: Host
    redirect: Annotated[
        Host | None, Field(description="another domain of the project that visitors are sent to")
    ] = None
    served_elsewhere: Annotated[
        bool, Field(description="another server has its visitors until everything is ready")
    ] = False


class DomainChanges(Input):
    """What may change; absent fields stay."""

    redirect: Host | None = None
    https: Literal["redirect", "both"] | None = None
    hsts_seconds: Annotated[int | None, Field(ge=0, le=HSTS_MOST)] = None
    tls: Literal["1.2", "1.3"] | None = None


class DomainList(Output):
    """Every domain of a project: at most 100."""

    items: list[DomainView]
    next: None = None


class RemovalQuery(Input):
    """How a domain is given up."""

    release: bool = Field(False, description="other teams need not wait a day to have it")


class RecordSetView(Output):
    """Records of one name and type."""

    name: str
    type: str
    ttl: int
    values: list[str]


class Applied(Output):
    """The records that were written into the team's zone."""

    items: list[RecordSetView]
    next: None = None


@routes.post(
    "/projects/{project}/domains",
    permission="domain.manage",
    scope="project",
    body=NewDomain,
    answer=DomainView,
    status=201,
    problems=(409,),
)
def add_domain(call: Call) -> DomainView:
    """Begin to serve a project at a domain; the answer says which records to set."""
    body: NewDomain = call.body
    row = manage.add(
        call.actor,
        call.scope,
        body.domain,
        redirect=body.redirect,
        served_elsewhere=body.served_elsewhere,
    )
    _trail(call, row.host)
    return view(row)


@routes.get(
    "/projects/{project}/domains", permission="domain.read", scope="project", answer=DomainList
)
def list_domains(call: Call) -> DomainList:
    """The domains of a project."""
    return DomainList(items=[view(row) for row in manage.of_project(call.scope)])


@routes.get(
    "/projects/{project}/domains/{domain}",
    permission="domain.read",
    scope="project",
    answer=DomainView,
)
def get_domain(call: Call) -> DomainView:
    """How a domain stands."""
    return view(manage.get(call.scope, call.path["domain"]))


@routes.patch(
    "/projects/{project}/domains/{domain}",
    permission="domain.manage",
    scope="project",
    body=DomainChanges,
    answer=DomainView,
    problems=(409,),
)
def update_domain(call: Call) -> DomainView:
    """Change how a domain is served."""
    body: DomainChanges = call.body
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    given = {k: v for k, v in changes.items() if v is not None or k == "redirect"}
    row = manage.update(call.scope, call.path["domain"], given)
    _trail(call, row.host)
    return view(row)


@routes.delete(
    "/projects/{project}/domains/{domain}",
    permission="domain.manage",
    scope="project",
    query=RemovalQuery,
    answer=DomainView,
    status=202,
    problems=(409,),
    step_up=True,
)
def remove_domain(call: Call) -> DomainView:
    """Take a domain off; this takes some minutes."""
    row = manage.remove(call.scope, call.path["domain"], release=call.query.release)
    _trail(call, row.host)
    return view(row)


@routes.post(
    "/projects/{project}/domains/{domain}/check",
    permission="domain.manage",
    scope="project",
    answer=DomainView,
    problems=(409,),
)
def check_domain(call: Call) -> DomainView:
    """Look at a domain now."""
    row = manage.check(call.scope, call.path["domain"])
    _trail(call, row.host)
    return view(row)


@routes.post(
    "/projects/{project}/domains/{domain}/apply",
    permission="domain.manage",
    scope="project",
    answer=Applied,
    problems=(409,),
)
def apply_records(call: Call) -> Applied:
    """Write the records that a domain wants into the team's own zone."""
    row = manage.get(call.scope, call.path["domain"])
    _trail(call, row.host)
    done = zones.apply(row)
    call.trail.after = {"records": [f"{one.type} {one.name}" for one in done]}
    return Applied(items=[record_set(one) for one in done])


@routes.get(
    "/teams/{team}/domains",
    permission="domain.read",
    scope="team",
    query=PageQuery,
    answer=Page[DomainView],
)
def list_team_domains(call: Call) -> Page[DomainView]:
    """The inventory: every domain of a team with its certificate."""
    member: Membership = call.scope
    return paging.page(call, lambda **at: manage.of_team(member.team, **at), view)


def record_set(found: Any) -> RecordSetView:
    """What the API says of a record set."""
    return RecordSetView(name=found.name, type=found.type, ttl=found.ttl, values=list(found.values))


def _trail(call: Call, host: str) -> None:
    project: Project = call.scope
    call.trail.of, call.trail.resource, call.trail.label = project.id, host, host
