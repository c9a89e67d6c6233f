"""The keys that sign ID tokens."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa


@dataclass
class Keys:
    """A key for RS256 and one for ES256; `rotate` replaces both, and forgets the old ones."""

    generation: int = 0
    rsa: rsa.RSAPrivateKey = field(init=False)
    ec: ec.EllipticCurvePrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """New keys under new names."""
        self.generation += 1
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())

    def sign(self, claims: dict[str, Any], algorithm: str = "RS256") -> str:
        """A JWT."""
        key = self.rsa if algorithm == "RS256" else self.ec
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": self._kid(algorithm)})

    def public(self) -> dict[str, Any]:
        """The JWK set."""
        rsa_key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key()))
        ec_key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.ec.public_key()))
        return {"keys": [self._described(rsa_key, "RS256"), self._described(ec_key, "ES256")]}

    def _described(self, key: dict[str, Any], algorithm: str) -> dict[str, Any]:
        return {**key, "kid": self._kid(algorithm), "use": "sig", "alg": algorithm}

    def _kid(self, algorithm: str) -> str:
        return f"{algorithm.lower()}-{self.generation}"
