"""Signed envelopes, and the public keys with which anybody checks them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.identity.actions import jwks
from chalicelib.ports import services
from chalicelib.supply import rows
from chalicelib.supply.rules import provenance


def sign(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement in an envelope, signed (ES256, the signature as DER) with the key of now.

    No access token can be taken for an envelope, nor the other way round: what is signed here
    begins with `DSSEv1`, and what is signed there with the base64 of a brace.
    """
    name, key = services().keys.signing_key()
    _remember(name)
    payload = provenance.dump(statement)
    signature = key.sign(provenance.to_sign(payload), ec.ECDSA(SHA256()))
    return provenance.envelope(payload, name, signature)


@lru_cache(maxsize=8)
def _remember(name: str) -> None:
    """Keep the public half: tokens outlive a rotation by a day, attestations by years."""
    rows.remember(next(key for key in jwks.public_keys() if key["kid"] == name))


def public_keys() -> list[dict[str, str]]:
    """Every key that an attestation may be signed with, whether it signs still or not."""
    return [dict(row.jwk) for row in rows.all_keys()]
