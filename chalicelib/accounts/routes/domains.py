"""The domains of a team: claimed, proven, listed, given back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chalicelib.accounts.actions import domains
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.rows.sso import DomainRow
from chalicelib.accounts.rules.domains import record_name, record_value
from chalicelib.core import stepup
from chalicelib.core.http import Call, Empty, Input, Output
from chalicelib.teams.actions import Membership


class ClaimDomain(Input):
    """A domain that shall be the team's."""

    domain: str = Field(min_length=1, max_length=300)


class DomainView(Output):
    """A domain that the team claims, and the record that proves it."""

    domain: str
    state: Literal["pending", "proven"]
    record_type: Literal["TXT"] = "TXT"
    record_name: str
    record_value: str
    created_at: str
    checked_at: str | None
    proven_at: str | None


class DomainList(Output):
    """Every domain that the team claims: at most 20."""

    items: list[DomainView]
    next: None = None


@routes.post(
    "/teams/{team}/sso/domains",
    permission="sso.manage",
    scope="team",
    body=ClaimDomain,
    answer=DomainView,
    status=201,
    problems=(409,),
)
def claim_domain(call: Call) -> DomainView:
    """Begin to prove that a domain is the team's."""
    stepup.require_person(call.actor, "change how people sign in")
    row = domains.claim_domain(call.actor, _team(call), call.body.domain)
    call.trail.resource = row.domain
    return _domain(row)


@routes.get("/teams/{team}/sso/domains", permission="sso.read", scope="team", answer=DomainList)
def list_domains(call: Call) -> DomainList:
    """The domains that a team claims."""
    return DomainList(items=[_domain(row) for row in domains.list_domains(_team(call))])


@routes.post(
    "/teams/{team}/sso/domains/{domain}/verify",
    permission="sso.manage",
    scope="team",
    answer=DomainView,
    problems=(409,),
)
def verify_domain(call: Call) -> DomainView:
    """Look for the record that proves a domain, now."""
    stepup.require_person(call.actor, "change how people sign in")
    row = domains.verify_domain(_team(call), call.path["domain"])
    call.trail.resource = row.domain
    return _domain(row)


@routes.delete(
    "/teams/{team}/sso/domains/{domain}",
    permission="sso.manage",
    scope="team",
    answer=Empty,
    status=204,
    problems=(409,),
    step_up=True,
)
def remove_domain(call: Call) -> None:
    """Give a domain back."""
    stepup.require_person(call.actor, "change how people sign in")
    call.trail.resource = domains.remove_domain(_team(call), call.path["domain"]).domain


def _team(call: Call) -> str:
    member: Membership = call.scope
    return member.team


def _domain(row: DomainRow) -> DomainView:
    return DomainView(
        domain=row.domain,
        state="proven" if row.proven_at else "pending",
        record_name=record_name(row.domain),
        record_value=record_value(row.token),
        created_at=row.created_at,
        checked_at=row.checked_at,
        proven_at=row.proven_at,
    )
