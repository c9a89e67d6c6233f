"""What comes out of the routes of domains."""

from __future__ import annotations

from typing import Any, Literal

from chalicelib.core.http import Output
from chalicelib.domains.actions import naming, served
from chalicelib.domains.rows.domains import DomainRow
from chalicelib.domains.rules import states
from chalicelib.domains.rules.states import State


class RecordView(Output):
    """A DNS record that the owner of a domain sets, and leaves in place."""

    type: str
    name: str
    value: str
    note: str


class RedirectView(Output):
    """What the present server has to redirect, so that a certificate can be made beforehand."""

    source: str
    target: str


class CertificateView(Output):
    """What a domain is served with; never its key."""

    source: Literal["managed", "own"]
    status: str
    reason: str
    issuer: str
    names: list[str]
    starts_at: str | None
    expires_at: str | None
    days_left: int | None
    renewal: str


class DomainView(Output):
    """A domain of a project: how it stands, why, and what to do next."""

    domain: str
    project: str
    team: str
    state: State
    reason: str
    detail: str
    next_step: str
    records: list[RecordView]
    redirects: list[RedirectView]
    redirect: str | None
    served_elsewhere: bool
    https: Literal["redirect", "both"]
    hsts_seconds: int
    tls: Literal["1.2", "1.3"]
    certificate: CertificateView | None
    since: str
    proven_at: str | None
    checked_at: str | None
    created_at: str


def certificate_view(row: DomainRow) -> CertificateView | None:
    """The certificate of a domain as its row has it."""
    found: dict[str, Any] | None = row.certificate
    if not found:
        return None
    left = served.days_left(found)
    return CertificateView(source="own" if row.own else "managed", days_left=left, **found)


def view(row: DomainRow) -> DomainView:
    """What the API says of a domain."""
    state: Any = row.state
    meaning = states.meaning(state)
    return DomainView(
        domain=row.host,
        project=row.project,
        team=row.team,
        state=state,
        reason=meaning.reason,
        detail=row.detail,
        next_step=meaning.next_step,
        records=[RecordView(**record) for record in naming.wanted_records(row)],
        redirects=[RedirectView(**one) for one in row.redirects or ()],
        redirect=row.redirect or None,
        served_elsewhere=bool(row.served_elsewhere),
        https=row.https,  # type: ignore[arg-type]  # checked when it was set
        hsts_seconds=int(row.hsts_seconds),
        tls=row.tls,  # type: ignore[arg-type]  # checked when it was set
        certificate=certificate_view(row),
        since=row.since,
        proven_at=row.proven_at,
        checked_at=row.checked_at,
        created_at=row.created_at,
    )
