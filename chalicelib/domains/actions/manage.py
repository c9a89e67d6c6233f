"""What people do with domains: add, list, change, check, remove."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import PutError

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid, not_found
from chalicelib.core.paging import Part
from chalicelib.core.table import lost_condition
from chalicelib.domains.actions import looking, naming
from chalicelib.domains.rows import domains as rows
from chalicelib.domains.rows.domains import DomainRow
from chalicelib.domains.rules import names, states
from chalicelib.ports import services
from chalicelib.projects.rows import Project

MOST = 100
"""Domains of one project."""


def add(
    actor: Actor,
    project: Project,
    text: str,
    *,
    redirect: str | None = None,
    served_elsewhere: bool = False,
) -> DomainRow:
    """Begin to serve a project at a host; asked again it is the same.

    Whose the host is shows later, by its record: nobody is kept from adding one, and nobody has
    it before it is proven. Raises Invalid `domain_invalid`, Conflict `domains_unavailable`,
    `domain_leaving`, `too_many_domains` or `domain_redirect_invalid`.
    """
    why_not = services().domains.refusal()
    if why_not:
        raise Conflict(
            "domains_unavailable",
            why_not,
            hint="Whoever runs the installation can choose the profile `standard`.",
        )
    host = naming.checked(text)
    known = rows.get(project.id, host)
    if known is not None and known.state == "removing":
        raise Conflict(
            "domain_leaving",
            f"{host} is being taken off the project; adding it now would be undone.",
            hint="Add it again once it is gone from the list; that takes a few minutes at most.",
        )
    if known is not None and known.state != "removed":
        return known
    there = [row for row in rows.of_project(project.id) if row.state != "removed"]
    if len(there) >= MOST:
        raise Conflict(
            "too_many_domains",
            f"A project has at most {MOST} domains.",
            hint="Remove one that is not needed; a wildcard stands for many.",
        )
    row = rows.new(project.id, project.team, host, actor.id)
    row.served_elsewhere = served_elsewhere
    if redirect:
        row.redirect = _redirect(project, host, redirect)
    row.records = [vars(record) for record in services().domains.records(host)]
    kind = DomainRow
    try:
        row.save(condition=kind.pk.does_not_exist() | (kind.state == "removed"))
    except PutError as error:
        if not lost_condition(error):
            raise
        return rows.get(project.id, host) or row
    return looking.start(row)


def of_project(project: Project) -> list[DomainRow]:
    """The domains of a project, by name; not those that were removed."""
    return [row for row in rows.of_project(project.id) if row.state != "removed"]


def of_team(team: str, **at: Any) -> Part[DomainRow]:
    """A page of the domains of a team: the inventory of its certificates."""
    return Part(rows.of_team(team, **at), lambda row: row.state != "removed")


def get(project: Project, text: str) -> DomainRow:
    """A domain of a project; raises NotFound."""
    try:
        row = rows.get(project.id, names.normal_host(text, private=True))
    except ValueError:
        row = None
    if row is None:
        raise not_found("domain", text)
    return row


def check(project: Project, text: str) -> DomainRow:
    """Look at a domain now, and go on looking until it is settled.

    One that was given up begins anew. Raises NotFound.
    """
    row = get(project, text)
    if row.state in {"failed", "conflict"}:
        row = rows.change(row, state="requested", since=clock.iso(), detail="") or get(
            project, row.host
        )
    row = looking.step(row)
    return row if row.state in states.SETTLED else looking.start(row)


def update(project: Project, text: str, changes: dict[str, Any]) -> DomainRow:
    """Change how a domain is served; raises NotFound, Conflict `domain_changed` or what
    `add` says of redirects."""
    row = get(project, text)
    if "redirect" in changes:
        wanted = changes["redirect"]
        changes = {**changes, "redirect": _redirect(project, row.host, wanted) if wanted else ""}
    told = rows.change(row, **changes)
    if told is None:
        raise Conflict(
            "domain_changed", "The domain was changed meanwhile.", hint="Look again, then repeat."
        )
    return looking.start(told)


def remove(project: Project, text: str, *, release: bool = False) -> DomainRow:
    """Take a domain off. For a day only the same team can add it again, unless `release`.

    Raises NotFound, Conflict `domain_in_use` while others of the project redirect to it.
    """
    row = get(project, text)
    others = [r.host for r in of_project(project) if r.redirect == row.host]
    if others:
        raise Conflict(
            "domain_in_use",
            f"{others[0]} redirects to {row.host}.",
            hint="Remove that one first, or let it redirect elsewhere.",
        )
    return _leave(row, release=release)


def leave(project: str) -> int:
    """Take every domain of a deleted project off; how many there were."""
    found = [r for r in rows.of_project(project) if r.state not in {"removing", "removed"}]
    for row in found:
        _leave(row, release=True)
    return len(found)


def _leave(row: DomainRow, *, release: bool) -> DomainRow:
    while row.state not in {"removing", "removed"}:
        told = rows.change(
            row, state="removing", since=clock.iso(), due=clock.iso(), detail="", release=release
        )
        if told is not None:
            return looking.start(told)
        row = rows.get(row.project, row.host) or row
    return row


def _redirect(project: Project, host: str, text: str) -> str:
    """The host that visitors are sent to: another domain of the project that answers itself."""
    target = naming.checked(text, "/redirect")
    row = rows.get(project.id, target)
    fault = ""
    if names.is_wildcard(target):
        fault = "A redirect leads to one host, not to a wildcard."
    elif target == host:
        fault = "A domain cannot redirect to itself."
    elif row is None or row.state in {"removing", "removed"}:
        fault = f"{target} is no domain of this project; add it first."
    elif row.redirect:
        fault = f"{target} redirects itself; name {row.redirect}."
    elif any(r.redirect == host for r in of_project(project)):
        fault = f"Other domains redirect to {host}, so it has to answer itself."
    if fault:
        raise Invalid(
            "domain_redirect_invalid",
            fault,
            hint="Name another domain of this project that shows the site.",
            errors=(FieldError("/redirect", fault, "domain_redirect_invalid"),),
        )
    return target
