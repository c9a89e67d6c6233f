"""Reading a certificate that somebody brings: does all of it fit together, and to the host?"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from chalicelib.domains.rules.names import covers
from chalicelib.edge.rules.domains import Brought

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MOST_BYTES = 64 * 1024
MOST_CHAIN = 5
LEAST_DAYS = 3
_RSA_BITS = range(2048, 4097)
_CURVES = {"secp256r1", "secp384r1"}


def read(host: str, certificate: str, key: str, chain: str = "") -> Brought:
    """The parts of a certificate for a host, checked; raises ValueError with what is wrong.

    The chain may follow in the same text as the certificate. Nothing of the key is ever said.
    """
    if max(len(certificate), len(key), len(chain)) > MOST_BYTES:
        raise ValueError(f"None of the files is longer than {MOST_BYTES} bytes.")
    found = [*_certificates(certificate, "certificate"), *_certificates(chain, "chain")]
    if not found:
        raise ValueError("There is no certificate in the file: it begins with BEGIN CERTIFICATE.")
    try:
        return _fitting(host, found, _key(key))
    except _unreadable() as odd:
        raise ValueError("The certificate has parts that cannot be read.") from odd


def _fitting(host: str, found: list[Certificate], private: Any) -> Brought:
    """The parts, once all of them fit together."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    leaf, above = found[0], found[1:]
    if len(above) > MOST_CHAIN:
        raise ValueError(f"A chain has at most {MOST_CHAIN} certificates.")
    if private.public_key() != leaf.public_key():
        raise ValueError("The key does not belong to the certificate.")
    _check_strength(private)
    _check_leaf(host, leaf)
    _check_chain([leaf, *above])
    return Brought(
        leaf.public_bytes(Encoding.PEM),
        b"".join(one.public_bytes(Encoding.PEM) for one in above),
        private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    )


def _unreadable() -> tuple[type[Exception], ...]:
    """What the library raises, beside ValueError, for what it does not know."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    odd = (x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)
    return (UnsupportedAlgorithm, *odd)


def fingerprint(leaf: bytes) -> str:
    """SHA-256 of a certificate, by which people compare it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    found = x509.load_pem_x509_certificate(leaf)
    return hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest()


def _certificates(text: str, what: str) -> list[Certificate]:
    from cryptography import x509

    if "PRIVATE KEY" in text:
        raise ValueError(f"There is a private key in the {what}; it belongs into its own field.")
    if not text.strip():
        return []
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise ValueError(f"The {what} cannot be read as PEM.") from None


def _key(text: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if "ENCRYPTED" in text:
        raise ValueError("The key has a passphrase; take it off first: openssl pkey -in FILE.")
    try:
        return load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("The key cannot be read: it begins with BEGIN PRIVATE KEY.") from None


def _check_strength(private: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size not in _RSA_BITS:
            raise ValueError("An RSA key has 2,048 to 4,096 bits.")
        return
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name not in _CURVES:
        raise ValueError("A key is RSA, or of the curves P-256 or P-384: what every edge takes.")


def _check_leaf(host: str, leaf: Certificate) -> None:
    from cryptography import x509

    now = datetime.now(UTC)
    if leaf.not_valid_before_utc > now:
        raise ValueError(f"The certificate begins on {leaf.not_valid_before_utc:%Y-%m-%d}.")
    if leaf.not_valid_after_utc < now + timedelta(days=LEAST_DAYS):
        raise ValueError(
            f"The certificate ends on {leaf.not_valid_after_utc:%Y-%m-%d}; it has to last"
            f" {LEAST_DAYS} more days."
        )
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        covered = names.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        covered = []
    if not any(covers(name.lower(), host) for name in covered):
        listed = ", ".join(covered[:5]) or "nothing"
        raise ValueError(f"The certificate is for {listed}, not for {host}.")
    try:
        basic = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return
    if basic.ca:
        raise ValueError("This is the certificate of an authority: put the host's own first.")


def _check_chain(found: list[Certificate]) -> None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    for below, above in pairwise(found):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            raise ValueError(
                "The chain is out of order: each certificate is signed by the one after it."
            ) from None
