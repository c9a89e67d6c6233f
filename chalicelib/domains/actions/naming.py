"""Which hosts a project may have, and what a person has to set in DNS for one."""

from __future__ import annotations

from urllib.parse import urlsplit

from chalicelib.core import secret
from chalicelib.core.config import settings
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.domains.rows.domains import DomainRow
from chalicelib.domains.rules import names, proof
from chalicelib.edge.rules.domains import DnsRecord
from chalicelib.ports import services


def checked(text: str, field: str = "/domain") -> str:
    """A host that can be somebody's own, normalised; raises Invalid `domain_invalid`."""
    try:
        host = names.normal_host(text, private=settings().cloud == "local")
    except ValueError as error:
        raise invalid(str(error), field) from None
    if names.belongs_to(host, reserved()):
        raise invalid(f"{host} belongs to this installation.", field)
    if _is_public_suffix(names.base(host)):
        raise invalid(f"{names.base(host)} is a public suffix: others own what is below.", field)
    return host


def invalid(detail: str, field: str) -> Invalid:
    """The error of a host that cannot be."""
    return Invalid(
        "domain_invalid",
        detail,
        hint="Name a host that is yours, such as www.example.com or *.example.com.",
        errors=(FieldError(field, detail, "domain_invalid"),),
    )


def reserved() -> tuple[str, ...]:
    """Names that are the installation's own."""
    now = settings()
    urls = (now.api_url, now.live_url, now.console_url)
    hosts = (urlsplit(url).hostname or "" for url in urls if url)
    return tuple({now.sites_domain, now.domains_target, *hosts} - {""})


def challenge(project: str, host: str) -> DnsRecord:
    """The TXT record that proves that a host is a project's."""
    key = secret.shared("domains", services().keys)
    return DnsRecord(
        proof.record_name(host), proof.record_value(key, project, host), "TXT", at_root=""
    )


def at_root(host: str) -> bool:
    """Whether a host is where its zone most likely begins: DNS forbids a CNAME there."""
    from publicsuffixlist import PublicSuffixList

    return bool(PublicSuffixList().privatesuffix(host) == host)


def wanted_records(row: DomainRow) -> list[dict[str, str]]:
    """Every record that the owner has to set, and keep: type, name, value, and a note."""
    proving = challenge(row.project, row.host)
    found = [
        {
            "type": "TXT",
            "name": proving.name,
            "value": proving.value,
            "note": "proves that the domain is yours",
        }
    ]
    for record in row.records or ():
        note = "leads visitors here" if record["name"] == row.host else "proves the certificate"
        if record["name"] == row.host and at_root(row.host):
            note = f"at the root of a zone: {record['at_root']}"
        found.append({**{key: record[key] for key in ("type", "name", "value")}, "note": note})
    return found


def _is_public_suffix(domain: str) -> bool:
    from publicsuffixlist import PublicSuffixList

    return bool(PublicSuffixList(accept_unknown=False).is_public(domain))
