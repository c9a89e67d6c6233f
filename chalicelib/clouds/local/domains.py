"""Domains on one machine: a host file and a certificate for each, both read by the edge.

The certificate is the local authority's until somebody brings one. A machine that is reached by a
public name says so in `CLOUDDECK_DOMAINS_TARGET`; then a domain is served once its DNS leads
there. Without one nothing is asked: `/etc/hosts` or a name server of the house may do it.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from chalicelib.clouds.local.hosts import HostFiles
from chalicelib.core import nameservers
from chalicelib.core.errors import Unavailable
from chalicelib.edge.rules.domains import (
    PLAIN,
    Brought,
    Certificate,
    DnsRecord,
    Domain,
    Placing,
    State,
)

if TYPE_CHECKING:
    from cryptography import x509

    from chalicelib.core.config import Settings

DAYS = 90
_RENEW = timedelta(days=45)
_POKE_SECONDS = 1.0
_OWN = "own:"


class LocalDomains:
    """Writes what the edge process of this machine reads."""

    def __init__(self, settings: Settings) -> None:
        self._files = HostFiles(settings.home / "edge")
        self._authority = settings.home / "edge" / "ca"
        self._brought = HostFiles(settings.home / "edge" / "own")
        self._domain = settings.sites_domain
        self._target = settings.domains_target
        self._port = settings.edge_port
        self._secret = settings.local_secret

    def refusal(self) -> str:
        """Every installation on one machine can."""
        return ""

    def request(self, host: str, slug: str, how: Placing = PLAIN) -> Domain:
        """Serve a host, once its DNS leads here; one that is here already moves to that site.

        Raises ValueError for what is no host, or belongs to the installation.
        """
        name = host.removeprefix("*.")
        if f".{name}".endswith(f".{self._domain}") or name in {self._domain, self._target} - {""}:
            raise ValueError(f"{host} belongs to the installation")
        there = self._files.read(host) is not None
        leads, why = self._leads_here(name)
        if not leads and not there:
            return Domain(host, "waiting_dns", why, slug, self.records(host))
        self._certify(host, how.reference)
        changed = self._files.write(
            host,
            {
                "host": host,
                "slug": slug,
                "site": how.site,
                "redirect": how.redirect or None,
                "https": how.https,
                "hsts_seconds": how.hsts_seconds,
                "tls": how.tls,
            },
        )
        if changed:
            self._poke()
        state: State = "active" if leads else "misconfigured"
        return Domain(host, state, why, slug, self.records(host), reference=how.reference)

    def attach(self, host: str) -> Domain:
        """Nothing is left to do here: a certificate is there at once."""
        found = self._files.read(host) or {}
        state: State = "active" if found else "absent"
        return Domain(host, state, "", str(found.get("slug", "")), self.records(host))

    def retry(self, host: str) -> Domain:
        """A certificate cannot fail here."""
        return self.attach(host)

    def detach(self, host: str) -> bool:
        """Forget a host, and its key."""
        self._files.remove(host)
        self._poke()
        return True

    def discard(self, reference: str) -> bool:
        """Forget a certificate that somebody brought; the next one of that host stays."""
        host = reference.removeprefix(_OWN).partition("#")[0]
        if self._reference(host) == reference:
            self._brought.remove_pem(host)
        return True

    def records(self, host: str) -> tuple[DnsRecord, ...]:
        """The record that leads here, when this machine has a public name."""
        if not self._target:
            return ()
        return (DnsRecord(host, self._target, at_root="ALIAS, or the addresses of the target"),)

    def certificate(self, host: str) -> Certificate | None:
        """What a host is served with, read from its file."""
        found = _leaf(self._files.pem(host))
        if found is None:
            return None
        return Certificate(
            "ISSUED",
            expires=found.not_valid_after_utc,
            starts=found.not_valid_before_utc,
            renewal="45 days before its end",
            issuer=found.issuer.rfc4514_string(),
            names=_names(found),
        )

    def install(self, host: str, brought: Brought, reference: str) -> str:  # noqa: ARG002 - the port's signature
        """Keep a certificate that somebody brings, readable by the edge alone."""
        pem = b"".join(
            part.strip() + b"\n"
            for part in (brought.key, brought.leaf, brought.chain)
            if part.strip()
        )
        self._brought.write_pem(host, pem)
        return self._reference(host)

    def _reference(self, host: str) -> str:
        """What the certificate is called that somebody brought for a host; empty for none."""
        found = _leaf(self._brought.pem(host))
        return f"{_OWN}{host}#{_fingerprint(found)}" if found is not None else ""

    def _certify(self, host: str, reference: str) -> None:
        """Lay the right certificate beside the host file.

        One that somebody brought who had the host before, or has it now, is for them alone.
        """
        there = self._files.pem(host)
        if reference and reference == self._reference(host):
            brought = self._brought.pem(host)
            if brought and brought != there:
                self._files.write_pem(host, brought)
                self._poke()
            return
        from chalicelib.clouds.local.authority import Authority

        authority = Authority(self._authority)
        found, root = _leaf(there), _leaf(authority.root())
        soon = datetime.now(UTC) + _RENEW
        ours = found is not None and root is not None and found.issuer == root.subject
        if found is None or not ours or found.not_valid_after_utc < soon:
            self._files.write_pem(host, authority.issue([host], DAYS))
            self._poke()

    def _leads_here(self, name: str) -> tuple[bool, str]:
        """Whether the DNS of a name leads to this machine; a wildcard is asked by an example."""
        if not self._target:
            return True, ""
        try:
            if nameservers.leads_to(name, self._target, nameservers.resolver()):
                return True, ""
        except Unavailable as error:
            return False, error.detail
        return False, f"{name} does not lead to {self._target}"

    def _poke(self) -> None:
        """Ask the edge to look now; one that runs looks every second anyway."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=_POKE_SECONDS)
        with suppress(OSError, HTTPException):
            connection.request(
                "POST",
                "/_clouddeck/reload",
                headers={"Host": "127.0.0.1", "X-CloudDeck-Secret": self._secret},
            )
            connection.getresponse().read()
        connection.close()


def _leaf(pem: bytes) -> x509.Certificate | None:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(pem)[0] if pem else None
    except ValueError:
        return None


def _fingerprint(found: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return hashlib.sha256(found.public_bytes(Encoding.PEM)).hexdigest()[:16]


def _names(found: x509.Certificate) -> tuple[str, ...]:
    from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName

    try:
        names = found.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return ()
    return tuple(names.get_values_for_type(DNSName))
