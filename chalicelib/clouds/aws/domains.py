"""Domains of people's own: each is one distribution tenant of CloudFront.

A tenant has one domain, because it can have one managed certificate on its way at a time. Whoever
looks after domains calls `request` until CloudFront takes the domain, `state` until a certificate
is issued, `attach`, and `detach` on every way out: tenants are billed by the month. None of these
waits, and each may be repeated. Certificates and tenants live in us-east-1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.clouds.aws import domain_states as states
from chalicelib.clouds.aws.domain_states import DnsRecord, Domain, domain_name
from chalicelib.clouds.aws.routes import slug_of
from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings

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


@dataclass(frozen=True)
class Conflict:
    """Something of CloudFront that has a domain already; `account` is masked when not ours."""

    domain: str
    kind: str
    resource: str
    account: str


@dataclass(frozen=True)
class Certificate:
    """A certificate as ACM has it; `expires` is None until it is issued."""

    status: str
    reason: str
    expires: datetime | None
    renewal: str


class Domains:
    """The tenants of one cell, named `<prefix>-<hash of the host>`."""

    def __init__(self, settings: Settings, cell: Cell) -> None:
        self._prefix = settings.prefix
        self._reserved = (settings.sites_domain, cell.target)
        self._cell = cell

    def request(self, host: str, slug: str, *, served_elsewhere: bool = False) -> Domain:
        """Ask for a domain to serve a site; a domain that is here already moves to that site.

        Whether it may is for the caller to know: the same answer is given to whoever asks.
        With `served_elsewhere` the certificate is proved by redirects on the present server, so
        that its DNS can be moved once everything is ready. Raises ValueError for what is no
        domain or site, or is below a name of the installation's own (CloudFront would let such a
        tenant go before everybody's wildcard), and ClientError when the installation is at fault
        (limits, permissions).
        """
        host, slug = domain_name(host), slug_of(slug)
        if any(f".{host}".endswith(f".{name}") for name in self._reserved):
            raise ValueError(f"{host} belongs to the installation")
        tenant = self._find(host)
        if tenant is None:
            refused = self._create(host, slug, served_elsewhere)
            if refused is not None:
                return refused
        elif tenant["DistributionId"] != self._cell.distribution:
            return self._domain(host, "conflict", "it belongs to another distribution of ours")
        elif states.slug_of(tenant) != slug:
            self._update(host, {"Parameters": _parameters(slug)})
        return self.state(host)

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

    def conflicts(self, host: str) -> list[Conflict]:
        """What else of CloudFront has this domain, or a wildcard over it.

        Needs a tenant or distribution of ours with a certificate for the domain: CloudFront
        tells nobody else.
        """
        host = domain_name(host)
        tenant = self._find(host)
        proof = (
            {"DistributionTenantId": tenant["Id"]}
            if tenant
            else {"DistributionId": self._cell.distribution}
        )
        return [
            Conflict(
                entry["Domain"], entry["ResourceType"], entry["ResourceId"], entry["AccountId"]
            )
            for page in self._conflict_pages(host, proof)
            for entry in page
        ]

    def records(self, host: str) -> tuple[DnsRecord, ...]:
        """The DNS records that the owner of a domain has to set."""
        return (DnsRecord(domain_name(host), self._cell.target),)

    def endpoint(self) -> str:
        """Host name of the connection group, which `cell.target` has to lead to."""
        answer = self._cloudfront.get_connection_group(Identifier=self._cell.connection_group)
        return str(answer["ConnectionGroup"]["RoutingEndpoint"])

    def certificate(self, host: str) -> Certificate | None:
        """What ACM knows of a domain's certificate; None when there is none."""
        tenant = self._find(domain_name(host))
        details = self._certificate_of(tenant["Id"]) if tenant else {}
        arn = details.get("CertificateArn") or (states.attached(tenant) if tenant else "")
        if not arn:
            return None
        found = client("acm", REGION).describe_certificate(CertificateArn=arn)["Certificate"]
        return Certificate(
            found.get("Status", ""),
            found.get("FailureReason", ""),
            found.get("NotAfter"),
            found.get("RenewalSummary", {}).get("RenewalStatus", ""),
        )

    def _create(self, host: str, slug: str, served_elsewhere: bool) -> Domain | None:
        """Make a tenant; a Domain when CloudFront does not take it (yet)."""
        cloudfront = self._cloudfront
        try:
            cloudfront.create_distribution_tenant(
                DistributionId=self._cell.distribution,
                Name=f"{self._prefix}-{hashlib.sha256(host.encode()).hexdigest()[:32]}",
                Domains=[{"Domain": host}],
                Parameters=_parameters(slug),
                ConnectionGroupId=self._cell.connection_group,
                ManagedCertificateRequest={
                    "ValidationTokenHost": "self-hosted" if served_elsewhere else "cloudfront",
                    "PrimaryDomainName": host,
                },
                Enabled=True,
            )
        except cloudfront.exceptions.ClientError as error:
            # "exists" may be our own request, whose answer got lost
            if code_of(error) == "EntityAlreadyExists" and self._find(host) is not None:
                return None
            return self._refused(host, error)
        return None

    def _update(self, host: str, change: dict[str, Any]) -> Domain | None:
        """Change a tenant whoever else does; a Domain when CloudFront refuses it."""
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

    def _domain(self, host: str, state: states.State, detail: str = "") -> Domain:
        return Domain(host, state, detail, records=self.records(host))

    def _find(self, host: str) -> dict[str, Any] | None:
        answer = self._get(host)
        return None if answer is None else answer["DistributionTenant"]

    def _get(self, host: str) -> dict[str, Any] | None:
        return self._known("get_distribution_tenant_by_domain", Domain=host)

    def _certificate_of(self, tenant: str) -> dict[str, Any]:
        answer = self._known("get_managed_certificate_details", Identifier=tenant) or {}
        return dict(answer.get("ManagedCertificateDetails", {}))

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

    def _conflict_pages(self, host: str, proof: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
        asked: dict[str, Any] = {"Domain": host, "DomainControlValidationResource": proof}
        while True:
            answer = self._cloudfront.list_domain_conflicts(**asked)
            yield answer.get("DomainConflicts", [])
            if not answer.get("NextMarker"):
                return
            asked["Marker"] = answer["NextMarker"]

    @property
    def _cloudfront(self) -> Any:
        return client("cloudfront", REGION)


def _parameters(slug: str) -> list[dict[str, str]]:
    """What the viewer's request learns of the tenant: `functions/edge/viewer_request.js`."""
    return [{"Name": "slug", "Value": slug}]


def _whole(tenant: dict[str, Any]) -> dict[str, Any]:
    """All that an update can say, as it is: whatever an update leaves out is up to CloudFront."""
    said = {name: tenant[name] for name in _KEPT if tenant.get(name)}
    domains = [{"Domain": entry["Domain"]} for entry in tenant["Domains"]]
    return {**said, "Domains": domains, "Enabled": tenant.get("Enabled", True)}


_KEPT = ("DistributionId", "Customizations", "Parameters", "ConnectionGroupId")
