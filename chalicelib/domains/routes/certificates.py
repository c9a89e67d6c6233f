"""The certificate of a domain: shown, brought, given back."""

from __future__ import annotations

from pydantic import Field

from chalicelib.core.errors import not_found
from chalicelib.core.http import Call, Empty, Input, secret_field
from chalicelib.domains.actions import certificates, manage, pem
from chalicelib.domains.routes.blueprint import routes
from chalicelib.domains.routes.shapes import CertificateView, DomainView, certificate_view, view


class OwnCertificate(Input):
    """A certificate of one's own, as PEM; the chain may follow in `certificate`."""

    certificate: str = Field(min_length=1, max_length=pem.MOST_BYTES)
    chain: str = Field("", max_length=pem.MOST_BYTES)
    private_key: str = secret_field(min_length=1, max_length=pem.MOST_BYTES)


@routes.get(
    "/projects/{project}/domains/{domain}/certificate",
    permission="domain.read",
    scope="project",
    answer=CertificateView,
)
def get_certificate(call: Call) -> CertificateView:
    """What a domain is served with."""
    row = manage.get(call.scope, call.path["domain"])
    found = certificate_view(row)
    if found is None:
        raise not_found("certificate", row.host)
    return found


@routes.put(
    "/projects/{project}/domains/{domain}/certificate",
    permission="domain.manage",
    scope="project",
    body=OwnCertificate,
    answer=DomainView,
    problems=(409,),
    step_up=True,
)
def bring_certificate(call: Call) -> DomainView:
    """Serve a domain with a certificate of one's own. Its key is never shown again."""
    body: OwnCertificate = call.body
    row = certificates.bring(
        call.scope, call.path["domain"], body.certificate, body.private_key, body.chain
    )
    call.trail.of, call.trail.resource, call.trail.label = call.scope.id, row.host, row.host
    call.trail.after = {"certificate": row.reference}
    return view(row)


@routes.delete(
    "/projects/{project}/domains/{domain}/certificate",
    permission="domain.manage",
    scope="project",
    answer=Empty,
    status=204,
    problems=(409,),
    step_up=True,
)
def give_back_certificate(call: Call) -> None:
    """Serve a domain with a certificate that is made and renewed for it again."""
    row = certificates.give_back(call.scope, call.path["domain"])
    call.trail.of, call.trail.resource, call.trail.label = call.scope.id, row.host, row.host
