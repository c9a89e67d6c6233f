"""CloudFront's distribution tenants, their certificates, and the DNS of the world around them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fakes.cloud import Fault, client

UNPROVEN = (
    "To add a domain, CloudFront has to verify domain name ownership. Add a DNS record that"
    " points to the routing endpoint."
)


@dataclass
class FakeTenants:
    """`pointed` are hosts whose DNS leads here, `taken` those that somebody else has.

    `lose_answer` lets the next creation happen and breaks the line before its answer. An update
    takes `switching` calls of delete to be through.
    """

    pointed: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    tenants: dict[str, dict[str, Any]] = field(default_factory=dict)
    certificates: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    lose_answer: bool = False
    switching: int = 0
    crossing: int = 0
    limit: int = 100

    def client(self) -> Any:
        return client("cloudfront", self)

    def issue(self, host: str, status: str = "issued") -> None:
        """The certificate of a host comes to this."""
        self.certificates[self._of(host)["Id"]]["CertificateStatus"] = status
        self.versions[self._of(host)["Id"]] += 1  # CloudFront touches the tenant as well

    def spread(self, host: str) -> None:
        """Every corner of the edge serves a host."""
        tenant = self._of(host)
        served = bool(tenant.get("Customizations", {}).get("Certificate")) and tenant["Enabled"]
        tenant["Domains"][0]["Status"] = "active" if served else "inactive"
        self.switching = 0

    # what CloudFront answers

    def create_distribution_tenant(self, **asked: Any) -> dict[str, Any]:
        self.calls.append("create")
        host = asked["Domains"][0]["Domain"]
        if host in self.taken:
            raise Fault("CNAMEAlreadyExists", "it is defined already", 409)
        if any(t["Name"] == asked["Name"] for t in self.tenants.values()):
            raise Fault("EntityAlreadyExists", "the name is not unique", 409)
        if len(self.tenants) >= self.limit:
            raise Fault("EntityLimitExceeded", "too many tenants")
        request = asked.pop("ManagedCertificateRequest", None)
        assert request or asked["Customizations"]["Certificate"]["Arn"]
        if request and request["ValidationTokenHost"] == "cloudfront" and host not in self.pointed:
            raise Fault("InvalidArgument", UNPROVEN)
        identifier = f"dt_{len(self.versions) + 1}"
        self.versions[identifier] = 1
        self.tenants[identifier] = {
            **asked,
            "Id": identifier,
            "Domains": [{"Domain": host, "Status": "inactive"}],
        }
        if request:
            self._certify(identifier, host, request)
        if self.lose_answer:
            self.lose_answer = False
            self.calls.append("lost")
            raise Fault("EntityAlreadyExists", "what a repeat by the SDK is told", 409)
        return self._answer(identifier)

    def get_distribution_tenant_by_domain(self, Domain: str) -> dict[str, Any]:  # noqa: N803
        return self._answer(self._of(Domain)["Id"])

    def update_distribution_tenant(self, Id: str, IfMatch: str, **asked: Any) -> dict[str, Any]:  # noqa: N803
        self.calls.append("update")
        if self.crossing:
            self.crossing -= 1
            self.versions[Id] += 1
        self._match(Id, IfMatch)
        tenant = self.tenants[Id]
        request = asked.pop("ManagedCertificateRequest", None)
        host = tenant["Domains"][0]["Domain"]
        assert [entry["Domain"] for entry in asked.pop("Domains")] == [host]
        if request:
            self._certify(Id, host, request)
        # the strictest reading: what an update does not say is forgotten
        kept = {name: tenant[name] for name in ("Id", "Name", "Domains")}
        self.tenants[Id] = {**kept, **asked}
        self.versions[Id] += 1
        return self._answer(Id)

    def delete_distribution_tenant(self, Id: str, IfMatch: str) -> None:  # noqa: N803
        self.calls.append("delete")
        self._match(Id, IfMatch)
        if self.tenants[Id]["Enabled"] or self.switching > 0:
            self.switching -= 1
            raise Fault("ResourceNotDisabled", "disable it first", 409)
        del self.tenants[Id]
        self.certificates.pop(Id, None)

    def get_managed_certificate_details(self, Identifier: str) -> dict[str, Any]:  # noqa: N803
        if Identifier not in self.certificates:
            raise Fault("EntityNotFound", "no certificate", 404)
        return {"ManagedCertificateDetails": copy.deepcopy(self.certificates[Identifier])}

    def verify_dns_configuration(self, Domain: str, Identifier: str) -> dict[str, Any]:  # noqa: N803
        assert Identifier in self.tenants
        right = Domain in self.pointed
        seen = {
            "Domain": Domain,
            "Status": "valid-configuration" if right else "invalid-configuration",
            "Reason": "" if right else "no CNAME leads to the routing endpoint",
        }
        return {"DnsConfigurationList": [seen]}

    def describe_certificate(self, CertificateArn: str) -> dict[str, Any]:  # noqa: N803
        """ACM's, not CloudFront's."""
        found = next(c for c in self.certificates.values() if c["CertificateArn"] == CertificateArn)
        status = found["CertificateStatus"].upper().replace("-", "_")
        more = {"NotAfter": datetime(2027, 6, 1, tzinfo=UTC)} if status == "ISSUED" else {}
        return {"Certificate": {"CertificateArn": CertificateArn, "Status": status, **more}}

    def _certify(self, identifier: str, host: str, request: dict[str, str]) -> None:
        self.certificates[identifier] = {
            "CertificateArn": f"arn:aws:acm:us-east-1:123456789012:certificate/{identifier}",
            "CertificateStatus": "pending-validation",
            "ValidationTokenHost": request["ValidationTokenHost"],
            "ValidationTokenDetails": [
                {
                    "Domain": host,
                    "RedirectFrom": f"{host}/.well-known/pki-validation/token.txt",
                    "RedirectTo": "https://validation.us-east-1.acm-validations.aws/x.txt",
                }
            ],
        }

    def _of(self, host: str) -> dict[str, Any]:
        for tenant in self.tenants.values():
            if tenant["Domains"][0]["Domain"] == host:
                return tenant
        raise Fault("EntityNotFound", "no such tenant", 404)

    def _match(self, identifier: str, etag: str) -> None:
        if identifier not in self.tenants:
            raise Fault("EntityNotFound", "no such tenant", 404)
        if etag != f"e{self.versions[identifier]}":
            raise Fault("PreconditionFailed", "it was changed", 412)

    def _answer(self, identifier: str) -> dict[str, Any]:
        return {
            "DistributionTenant": copy.deepcopy(self.tenants[identifier]),
            "ETag": f"e{self.versions[identifier]}",
        }
