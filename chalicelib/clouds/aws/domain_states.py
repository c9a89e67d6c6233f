"""What CloudFront's answers mean for a domain of somebody's own. Pure."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.edge.rules.domains import Redirect, State
from chalicelib.edge.rules.hosts import normalise_host

_UNFIT = {"failed", "validation-timed-out", "inactive"}
_LOST = {"expired", "revoked"}
_NOT_OURS_YET = re.compile(r"owner|verify.{0,40}domain|domain.{0,40}verif", re.I | re.S)


def domain_name(text: str) -> str:
    """A host of somebody's own, or a wildcard, normalised; raises ValueError for anything else."""
    star = "*." if text.startswith("*.") else ""
    host = normalise_host(text.removeprefix(star))
    labels = host.split(".") if host else []
    if host is None or ":" in text or len(labels) < 2 or not re.search("[a-z]", labels[-1]):
        raise ValueError(f"not a domain name: {text!r}")
    return star + host


def attached(tenant: dict[str, Any]) -> str:
    """ARN of the certificate that a tenant serves with, or an empty text."""
    certificate = (tenant.get("Customizations") or {}).get("Certificate") or {}
    return str(certificate.get("Arn", ""))


def slug_of(tenant: dict[str, Any]) -> str:
    """The site that a tenant's viewers get."""
    return _said(tenant, "slug")


def redirect_of(tenant: dict[str, Any]) -> str:
    """The host that a tenant's viewers are sent to, or an empty text."""
    return _said(tenant, "redirect")


def _said(tenant: dict[str, Any], name: str) -> str:
    said = {p["Name"]: p["Value"] for p in tenant.get("Parameters") or ()}
    return str(said.get(name, ""))


def judge(
    host: str, tenant: dict[str, Any], certificate: dict[str, Any], dns: dict[str, Any]
) -> tuple[State, str]:
    """State and reason, from a tenant, its managed certificate and what CloudFront sees in DNS.

    `certificate` and `dns` are empty when CloudFront has none to tell of.
    """
    status = certificate.get("CertificateStatus", "")
    if not tenant.get("Enabled", True):
        return "removing", ""
    if status in _LOST or (status in _UNFIT and not attached(tenant)):
        return "failed", f"its certificate is {status}"
    if not attached(tenant):
        return _on_its_way(certificate, dns)
    if not _served(host, tenant):
        return "attaching", ""
    if dns.get("Status") == "invalid-configuration":
        return "misconfigured", str(dns.get("Reason", ""))
    return "active", ""


def _on_its_way(certificate: dict[str, Any], dns: dict[str, Any]) -> tuple[State, str]:
    """Before a certificate is attached."""
    if certificate.get("CertificateStatus") == "issued":
        return "issued", ""
    elsewhere = certificate.get("ValidationTokenHost") == "self-hosted"
    if elsewhere or dns.get("Status") == "valid-configuration":
        return "waiting_certificate", ""
    return "waiting_dns", str(dns.get("Reason", ""))


def refusal(code: str, message: str) -> State | None:
    """What a refused request for a domain means; None when it is no answer about the domain.

    Until the domain's DNS points at us CloudFront refuses to take it (InvalidArgument): that is
    the normal first state. Somebody else's domain (CNAMEAlreadyExists) stays theirs.
    """
    if code == "CNAMEAlreadyExists":
        return "conflict"
    if code == "InvalidArgument" and _NOT_OURS_YET.search(message):
        return "waiting_dns"
    return None


def redirects(certificate: dict[str, Any]) -> tuple[Redirect, ...]:
    """What has to be redirected while somebody else serves the domain."""
    return tuple(
        Redirect(entry.get("RedirectFrom", ""), entry.get("RedirectTo", ""))
        for entry in certificate.get("ValidationTokenDetails") or ()
        if entry.get("RedirectTo")
    )


def _served(host: str, tenant: dict[str, Any]) -> bool:
    return any(
        entry["Domain"] == host and entry.get("Status") == "active"
        for entry in tenant.get("Domains") or ()
    )
