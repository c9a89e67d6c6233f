"""Encryption of values at rest: a fresh key per value, itself wrapped by the keeper of keys.

Sealed value, version 1:
    0x01 | length of wrapped key, 2 bytes | wrapped key | nonce, 12 bytes | AES-256-GCM text and tag
Everything before the nonce and the context are authenticated with the text, so a value that is
moved to another row, or whose wrapped key is exchanged, does not open.
"""

from __future__ import annotations

import json
import secrets
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
_NONCE = 12


class KeyKeeper(Protocol):
    """The part of `ports.Keys` that sealing needs."""

    def wrap(self, plain: bytes, context: dict[str, str]) -> bytes:
        """Encrypt, bound to `context`."""

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        """Decrypt; raises ValueError when the context or a byte differs."""


def seal(keys: KeyKeeper, plain: bytes, context: dict[str, str]) -> bytes:
    """`plain`, encrypted with a new data key and bound to `context`."""
    data_key = secrets.token_bytes(32)
    wrapped = keys.wrap(data_key, context)
    head = bytes([VERSION]) + len(wrapped).to_bytes(2, "big") + wrapped
    return head + encrypt(data_key, plain, head + _canonical(context))


def unseal(keys: KeyKeeper, sealed: bytes, context: dict[str, str]) -> bytes:
    """What was sealed; raises ValueError when a byte or the context differs."""
    if len(sealed) < 3 or sealed[0] != VERSION:
        raise ValueError("not a sealed value of a known version")
    end = 3 + int.from_bytes(sealed[1:3], "big")
    head, body = sealed[:end], sealed[end:]
    if len(head) != end:
        raise ValueError("the sealed value is cut off")
    data_key = keys.unwrap(head[3:], context)
    if len(data_key) != 32:
        raise ValueError("the wrapped key has a wrong length")
    return decrypt(data_key, body, head + _canonical(context))


def encrypt(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """AES-GCM with a random nonce in front; `bound_to` is authenticated, not stored."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """The reverse of `encrypt`; raises ValueError when anything differs."""
    if len(sealed) < _NONCE + 16:
        raise ValueError("the encrypted value is cut off")
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)
    except InvalidTag:
        raise ValueError("the encrypted value or its context was changed") from None


def derive(secret: bytes, purpose: str, salt: bytes = b"") -> bytes:
    """A 32-byte key for one purpose from a secret (HKDF-SHA-256)."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=purpose.encode()).derive(
        secret
    )


def _canonical(context: dict[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True, separators=(",", ":")).encode()
