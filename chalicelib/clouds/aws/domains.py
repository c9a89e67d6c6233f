"""Domains of people's own: each is one distribution tenant of CloudFront.

A tenant has one domain, because it can have one managed certificate on its way at a time. Whoever
looks after domains calls `request` until CloudFront takes the domain, `state` until a certificate
is issued, `attach`, and `detach` on every way out: tenants are billed by the month. None of these
waits, and each may be repeated. Certificates and tenants live in us-east-1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.clouds.aws import certificates
from chalicelib.clouds.aws import domain_states as states
from chalicelib.clouds.aws.domain_states import domain_name
from chalicelib.clouds.aws.routes import slug_of
from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings
from chalicelib.edge.rules.domains import (
    PLAIN,
    Brought,
    Certificate,
    DnsRecord,
    Domain,
    Placing,
    State,
)

REGION = "us-east-1"
_TRIES = 4
_ABSENT = {"EntityNotFound"}
_STALE = {"PreconditionFailed", "InvalidIfMatchVersion"}


@dataclass(frozen=True)
class Cell:
    """Where tenants are made: a multi-tenant distribution, a connection group, and the name that
    owners of domains point at (a CNAME of ours for the group's endpoint, so that it can move).
    """

    distribution: str
    connection_group: str
    target: str


def cell_of(settings: Settings) -> Cell | None:
    """The cell of an installation; None without a distribution for tenants (profile `hobby`)."""
    distributions = settings.distributions.replace(",", " ").split()
    if len(distributions) < 2 or settings.tenants_group in {"", "none"}:
        return None
    return Cell(distributions[1], settings.tenants_group, settings.domains_target)


class Domains:
    """The tenants of one cell, named `<prefix>-<hash of the host>`."""

    def __init__(self, settings: Settings, cell: Cell | None = None) -> None:
        self._prefix = settings.prefix
        self._found = cell or cell_of(settings)
        self._reserved = (settings.sites_domain, self._found.target if self._found else "")

    @property
    def _cell(self) -> Cell:
        if self._found is None:
            raise RuntimeError(self.refusal())
        return self._found

    def refusal(self) -> str:
        """Why there can be no tenants; empty when there can."""
        if self._found is not None:
            return ""
        return "This installation has no distribution for domains of its users: profile `hobby`."

    def request(self, host: str, slug: str, how: Placing = PLAIN) -> Domain:
        """Ask for a domain to serve a site; a domain that is here already moves to that site.

        Whether it may is for the caller to know: the same answer is given to whoever asks.
        With `how.served_elsewhere` the certificate is proved by redirects on the present server,
        so that its DNS can be moved once everything is ready. One for a wildcard CloudFront does
        not make: it is ordered from ACM, which wants a record, and goes by `reference` from then
        on. Versions of TLS and HSTS are the distribution's. Raises ValueError for what is no
        domain or site, or is below a name of the installation's own (CloudFront would let such a
        tenant go before everybody's wildcard), and ClientError when the installation is at fault
        (limits, permissions).
        """
        host, slug, cell = domain_name(host), slug_of(slug), self._cell
        if any(f".{host}".endswith(f".{name}") for name in self._reserved if name):
            raise ValueError(f"{host} belongs to the installation")
        if not how.reference and host.startswith("*."):
            how = replace(how, reference=certificates.order(self._acm, host))
        if how.reference:
            state, detail, proof = certificates.progress(self._acm, how.reference)
            if state != "issued":
                told = (*self.records(host), *proof)
                return Domain(host, state, detail, slug, told, reference=how.reference)
        tenant = self._find(host)
        if tenant is None:
            refused = self._create(host, slug, how)
            if refused is not None:
                return refused
        elif tenant["DistributionId"] != cell.distribution:
            return self._domain(host, "conflict", "it belongs to another distribution of ours")
        else:
            change = _changes(tenant, slug, how)
            if not how.reference and states.attached(tenant) and not self._managed(tenant):
                # it was served with one that somebody brought: CloudFront makes the next one
                wanted = {"ValidationTokenHost": "cloudfront", "PrimaryDomainName": host}
                change["ManagedCertificateRequest"] = wanted
            refused = self._update(host, change)
            if refused is not None:
                return refused
        return replace(self.state(host), reference=how.reference)

    def state(self, host: str) -> Domain:
        """How a domain stands, with the DNS records that its owner has to set."""
        host = domain_name(host)
        tenant = self._find(host)
        if tenant is None:
            return self._domain(host, "absent")
        certificate = self._certificate_of(tenant["Id"])
        state, detail = states.judge(host, tenant, certificate, self._dns(host, tenant["Id"]))
        return Domain(
            host,
            state,
            detail,
            states.slug_of(tenant),
            self.records(host),
            states.redirects(certificate),
        )

    def attach(self, host: str) -> Domain:
        """Serve a domain with its certificate, once that is issued; before, nothing changes."""
        host = domain_name(host)
        tenant = self._find(host)
        if tenant is not None:
            certificate = self._certificate_of(tenant["Id"])
            arn = certificate.get("CertificateArn", "")
            if certificate.get("CertificateStatus") == "issued" and arn != states.attached(tenant):
                others = tenant.get("Customizations") or {}
                refused = self._update(
                    host, {"Customizations": {**others, "Certificate": {"Arn": arn}}}
                )
                if refused is not None:
                    return refused
        return self.state(host)

    def retry(self, host: str) -> Domain:
        """Ask for a certificate again: CloudFront never does so after one failed."""
        host = domain_name(host)
        found = self.state(host)
        if found.state != "failed":
            return found
        if host.startswith("*."):
            return replace(found, reference=certificates.order(self._acm, host, again=True))
        wanted = {"ValidationTokenHost": "cloudfront", "PrimaryDomainName": host}
        return self._update(host, {"ManagedCertificateRequest": wanted}) or self.state(host)

    def detach(self, host: str) -> bool:
        """Take a domain off, in whatever state: True when it is gone, False to be called again."""
        host = domain_name(host)
        cloudfront = self._cloudfront
        for _ in range(_TRIES):
            answer = self._get(host)
            if answer is None:
                return True
            tenant, etag = answer["DistributionTenant"], answer["ETag"]
            try:
                if tenant.get("Enabled", True):
                    off = {**_whole(tenant), "Enabled": False}
                    etag = cloudfront.update_distribution_tenant(
                        **off, Id=tenant["Id"], IfMatch=etag
                    )["ETag"]
                cloudfront.delete_distribution_tenant(Id=tenant["Id"], IfMatch=etag)
            except cloudfront.exceptions.ClientError as error:
                if code_of(error) == "ResourceNotDisabled":
                    return False  # being switched off takes CloudFront a while
                if code_of(error) not in _STALE | _ABSENT:
                    raise
        return False

    def records(self, host: str) -> tuple[DnsRecord, ...]:
        """The DNS records that the owner of a domain has to set."""
        return (DnsRecord(domain_name(host), self._cell.target),)

    def certificate(self, host: str) -> Certificate | None:
        """What ACM knows of a domain's certificate; None when there is none."""
        tenant = self._find(domain_name(host))
        details = self._certificate_of(tenant["Id"]) if tenant else {}
        arn = details.get("CertificateArn") or (states.attached(tenant) if tenant else "")
        if not arn:
            return None
        return certificates.described(self._acm, arn)

    def install(self, host: str, brought: Brought, reference: str) -> str:
        """Import a certificate into ACM, under the ARN `reference` when there is one."""
        return certificates.bring(self._acm, domain_name(host), brought, reference)

    def discard(self, reference: str) -> bool:
        """Delete a certificate from ACM; False while a tenant is still served with it."""
        return certificates.drop(self._acm, reference)

    def _create(self, host: str, slug: str, how: Placing) -> Domain | None:
        """Make a tenant; a Domain when CloudFront does not take it (yet)."""
        cloudfront = self._cloudfront
        certificate: dict[str, Any] = {
            "ManagedCertificateRequest": {
                "ValidationTokenHost": "self-hosted" if how.served_elsewhere else "cloudfront",
                "PrimaryDomainName": host,
            }
        }
        if how.reference:
            certificate = {"Customizations": {"Certificate": {"Arn": how.reference}}}
        try:
            cloudfront.create_distribution_tenant(
                DistributionId=self._cell.distribution,
                Name=f"{self._prefix}-{hashlib.sha256(host.encode()).hexdigest()[:32]}",
                Domains=[{"Domain": host}],
                Parameters=_parameters(slug, how.redirect),
                ConnectionGroupId=self._cell.connection_group,
                Enabled=True,
                **certificate,
            )
        except cloudfront.exceptions.ClientError as error:
            # "exists" may be our own request, whose answer got lost
            if code_of(error) == "EntityAlreadyExists" and self._find(host) is not None:
                return None
            return self._refused(host, error)
        return None

    def _update(self, host: str, change: dict[str, Any]) -> Domain | None:
        """Change a tenant whoever else does; a Domain when CloudFront refuses it."""
        if not change:
            return None
        cloudfront = self._cloudfront
        for attempt in range(_TRIES):
            answer = self._get(host)
            if answer is None:
                return None
            tenant = answer["DistributionTenant"]
            try:
                cloudfront.update_distribution_tenant(
                    **{**_whole(tenant), **change}, Id=tenant["Id"], IfMatch=answer["ETag"]
                )
                return None
            except cloudfront.exceptions.ClientError as error:
                if code_of(error) not in _STALE or attempt == _TRIES - 1:
                    return self._refused(host, error)
        return None

    def _refused(self, host: str, error: Exception) -> Domain:
        """What a refusal says of the domain; raises `error` when it says nothing of it."""
        message = str(getattr(error, "response", {}).get("Error", {}).get("Message", ""))
        state = states.refusal(code_of(error), message)
        if state is None:
            raise error
        return self._domain(host, state, message)

    def _domain(self, host: str, state: State, detail: str = "") -> Domain:
        return Domain(host, state, detail, records=self.records(host))

    def _find(self, host: str) -> dict[str, Any] | None:
        answer = self._get(host)
        return None if answer is None else answer["DistributionTenant"]

    def _get(self, host: str) -> dict[str, Any] | None:
        return self._known("get_distribution_tenant_by_domain", Domain=host)

    def _certificate_of(self, tenant: str) -> dict[str, Any]:
        answer = self._known("get_managed_certificate_details", Identifier=tenant) or {}
        return dict(answer.get("ManagedCertificateDetails", {}))

    def _managed(self, tenant: dict[str, Any]) -> bool:
        """Whether CloudFront has made, or makes, a certificate for a tenant."""
        return bool(self._certificate_of(tenant["Id"]))

    def _dns(self, host: str, tenant: str) -> dict[str, Any]:
        answer = self._known("verify_dns_configuration", Domain=host, Identifier=tenant) or {}
        seen = answer.get("DnsConfigurationList", ())
        return next((dict(entry) for entry in seen if entry["Domain"] == host), {})

    def _known(self, operation: str, **parameters: str) -> dict[str, Any] | None:
        """CloudFront's answer, or None when it knows nothing of what is asked for."""
        cloudfront = self._cloudfront
        try:
            return dict(getattr(cloudfront, operation)(**parameters))
        except cloudfront.exceptions.ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise

    @property
    def _acm(self) -> Any:
        return client("acm", REGION)

    @property
    def _cloudfront(self) -> Any:
        return client("cloudfront", REGION)


def _parameters(slug: str, redirect: str = "") -> list[dict[str, str]]:
    """What the viewer's request learns of the tenant: `functions/edge/viewer_request.js`."""
    said = [{"Name": "slug", "Value": slug}]
    return [*said, {"Name": "redirect", "Value": redirect}] if redirect else said


def _changes(tenant: dict[str, Any], slug: str, how: Placing) -> dict[str, Any]:
    """What has to change of a tenant that is there."""
    change: dict[str, Any] = {}
    if (states.slug_of(tenant), states.redirect_of(tenant)) != (slug, how.redirect):
        change["Parameters"] = _parameters(slug, how.redirect)
    if how.reference and states.attached(tenant) != how.reference:
        others = tenant.get("Customizations") or {}
        change["Customizations"] = {**others, "Certificate": {"Arn": how.reference}}
    return change


def _whole(tenant: dict[str, Any]) -> dict[str, Any]:
    """All that an update can say, as it is: whatever an update leaves out is up to CloudFront."""
    said = {name: tenant[name] for name in _KEPT if tenant.get(name)}
    domains = [{"Domain": entry["Domain"]} for entry in tenant["Domains"]]
    return {**said, "Domains": domains, "Enabled": tenant.get("Enabled", True)}


_KEPT = ("DistributionId", "Customizations", "Parameters", "ConnectionGroupId")
