"""A passkey in software: real CBOR, COSE and ES256, attestation `none`, as a browser sends it."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey and the page that uses it; every field can be made to lie."""

    origin: str = "http://localhost:8080"
    rp: str = "localhost"
    verifies: bool = True
    counts: bool = True
    counter: int = 0
    cross_origin: bool = False
    user: bytes = b""
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.create(options)`."""
        self.user = unb64(options["user"]["id"])
        client = self._client("webauthn.create", options["challenge"], lies)
        attested = (
            bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + self._cose()
        )
        data = self._data(ATTESTED, lies) + attested
        return self._answer(
            {
                "clientDataJSON": b64(client),
                "attestationObject": b64(
                    cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
                ),
                "transports": ["internal", "hybrid"],
            }
        )

    def get(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.get(options)`; `lies` change what is signed."""
        client = self._client(lies.pop("type", "webauthn.get"), options["challenge"], lies)
        if self.counts:
            self.counter += 1
        data = self._data(0, lies)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": b64(lies.get("user", self.user)),
            }
        )

    def _client(self, kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
        return json.dumps(
            {
                "type": kind,
                "challenge": lies.get("challenge", challenge),
                "origin": lies.get("origin", self.origin),
                "crossOrigin": lies.get("cross_origin", self.cross_origin),
            }
        ).encode()

    def _data(self, flags: int, lies: dict[str, Any]) -> bytes:
        if lies.get("present", True):
            flags |= PRESENT
        if lies.get("verified", self.verifies):
            flags |= VERIFIED
        host = sha256(lies.get("rp", self.rp).encode()).digest()
        return host + bytes([flags]) + lies.get("counter", self.counter).to_bytes(4, "big")

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": b64(self.credential),
            "rawId": b64(self.credential),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
