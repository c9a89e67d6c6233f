"""Who sends: the installation's own key, by which push services know us (RFC 8292).

The key is made of a secret that all processes share and the keeper of keys wraps, so it is the
same for as long as the installation lives: with another one every subscription would be lost.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.core import clock, secret
from chalicelib.core.config import settings
from chalicelib.ports import services
from chalicelib.push.actions.encryption import encoded, public_bytes

HOURS = 12
"""How long what proves us is good; RFC 8292 allows 24."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-5)."""

_known: list[tuple[Any, ec.EllipticCurvePrivateKey]] = []


def private_key() -> ec.EllipticCurvePrivateKey:
    """The installation's key, read and derived once per process."""
    keeper = services().keys
    if not _known or _known[0][0] is not keeper:
        _known[:] = [(keeper, derive(secret.shared("web-push", keeper)))]
    return _known[0][1]


def derive(material: bytes) -> ec.EllipticCurvePrivateKey:
    """A key from 32 random bytes; 48 derived ones leave no bias in it (FIPS 186-5, A.2.1)."""
    wide = HKDF(algorithm=SHA256(), length=48, salt=None, info=b"clouddeck web push").derive(
        material
    )
    return ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def public_key() -> str:
    """What a browser subscribes with, as `applicationServerKey`."""
    return encoded(public_bytes(private_key().public_key()))


def authorization(endpoint: str) -> str:
    """The Authorization header for the push service of an endpoint."""
    import jwt

    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": clock.epoch(HOURS * 3600),
        "sub": _contact(),
    }
    token = jwt.encode(claims, private_key(), algorithm="ES256")
    return f"vapid t={token}, k={public_key()}"


def _contact() -> str:
    """Whom a push service can turn to: services refuse what is neither an address nor a page."""
    found = settings()
    if found.mail_sender:
        from email.utils import parseaddr

        return f"mailto:{parseaddr(found.mail_sender)[1]}"
    page = next((u for u in (found.console_url, found.api_url) if u.startswith("https://")), "")
    return page or "mailto:postmaster@localhost"
