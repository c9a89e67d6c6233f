"""The public keys of access tokens, for others who check them (RFC 7517)."""

from __future__ import annotations

import base64
from typing import Any

from chalicelib.identity.rules import ALGORITHM
from chalicelib.ports import services

_P256_BYTES = 32


def public_keys() -> list[dict[str, str]]:
    """Every key that access tokens may be signed with, newest first: two during a rotation."""
    return [_jwk(name, key) for name, key in services().keys.verifying_keys().items()]


def _jwk(name: str, key: Any) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": _number(numbers.x),
        "y": _number(numbers.y),
        "kid": name,
        "alg": ALGORITHM,
        "use": "sig",
    }


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes(_P256_BYTES, "big")).rstrip(b"=").decode()
