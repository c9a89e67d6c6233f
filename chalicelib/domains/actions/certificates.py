"""Certificates of people's own: brought, shown without their key, taken back."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.errors import Conflict, FieldError, Invalid, Unavailable
from chalicelib.domains.actions import looking, manage, pem
from chalicelib.domains.rows import domains as rows
from chalicelib.domains.rows.domains import DomainRow
from chalicelib.ports import services
from chalicelib.projects.rows import Project


def bring(project: Project, text: str, certificate: str, key: str, chain: str) -> DomainRow:
    """Serve a domain with a certificate of one's own. It is not renewed by itself.

    The key goes to the edge's keeper and nowhere else. Raises NotFound, Invalid
    `certificate_invalid`, Conflict `domain_not_proven`, and Unavailable `domain_busy`.
    """
    row = manage.get(project, text)
    try:
        brought = pem.read(row.host, certificate, key, chain)
    except ValueError as error:
        raise Invalid(
            "certificate_invalid",
            str(error),
            hint="Nothing was changed. Send the certificate, its chain and its key as PEM.",
            errors=(FieldError("/certificate", str(error), "certificate_invalid"),),
        ) from None
    claim = rows.claim(row.host)
    if claim is None or not rows.holds(claim, row.project):
        raise Conflict(
            "domain_not_proven",
            f"{row.host} is not proven yet.",
            hint="Set the TXT record first: `deck domains show` says which.",
        )
    if not rows.occupy(claim):
        raise Unavailable("domain_busy", "The edge is being told something else at this moment.")
    try:
        reference = services().domains.install(row.host, brought, row.reference)
    finally:
        rows.vacate(claim)
    retired = row.reference if row.reference not in {"", reference} else row.retired
    told = rows.change(row, reference=reference, own=True, alerted=0, retired=retired)
    if told is None:
        raise Conflict("domain_changed", "The domain was changed meanwhile.", hint="Send it again.")
    return looking.start(_begun(told))


def give_back(project: Project, text: str) -> DomainRow:
    """Serve a domain with a certificate that is made and renewed for it; raises NotFound."""
    row = manage.get(project, text)
    if not row.own:
        return row
    told = rows.change(row, reference="", own=False, alerted=0, retired=row.reference)
    if told is None:
        raise Conflict(
            "domain_changed", "The domain was changed meanwhile.", hint="Look again, then repeat."
        )
    return looking.start(_begun(told))


def _begun(row: DomainRow) -> DomainRow:
    """One that failed for want of a certificate begins anew."""
    if row.state != "failed":
        return row
    return rows.change(row, state="requested", since=clock.iso(), detail="") or row
