"""Certificates to bring, signed by an authority of the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


@lru_cache(maxsize=1)
def authority(name: str = "Tests") -> tuple[Any, x509.Certificate]:
    """A key and its root certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return key, _signed(subject, subject, key, key, [], days=3650, ca=True)


def rsa_key(bits: int = 2048) -> Any:
    return rsa.generate_private_key(65537, bits)


def pair(
    *hosts: str, days: float = 90, begins: float = -1, key: Any = None, ca: bool = False
) -> tuple[str, str, str]:
    """Certificate, key and chain as PEM; `days` and `begins` count from now."""
    signer, root = authority()
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a site")])
    leaf = _signed(subject, root.subject, own, signer, list(hosts), days=days, begins=begins, ca=ca)
    return text(leaf), private(own), text(root)


def text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def private(key: Any, passphrase: bytes | None = None) -> str:
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden).decode()


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: Any,
    signer: Any,
    hosts: list[str],
    *,
    days: float,
    begins: float = -1,
    ca: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=min(begins, days - 1)))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())
