"""Keys that live as long as the test."""

from __future__ import annotations

import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.ports import Keys


class FakeKeys(Keys):
    """A master key and one signing key in memory; `rotate` adds a newer signing key."""

    def __init__(self) -> None:
        self.master = AESGCM(secrets.token_bytes(32))
        self.signing = {"k1": ec.generate_private_key(ec.SECP256R1())}
        self.unwrapped = 0

    def rotate(self) -> None:
        """A new signing key; tokens of the old one stay valid."""
        self.signing[f"k{len(self.signing) + 1}"] = ec.generate_private_key(ec.SECP256R1())

    def wrap(self, plain: bytes, context: dict[str, str]) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + self.master.encrypt(nonce, plain, _associated(context))

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        self.unwrapped += 1
        try:
            return self.master.decrypt(wrapped[:12], wrapped[12:], _associated(context))
        except InvalidTag:
            raise ValueError("not wrapped by this key, or for another context") from None

    def signing_key(self) -> tuple[str, Any]:
        newest = list(self.signing)[-1]
        return newest, self.signing[newest]

    def verifying_keys(self) -> dict[str, Any]:
        return {name: key.public_key() for name, key in self.signing.items()}


def _associated(context: dict[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()
