"""Checking ECDSA signatures on P-256 (FIPS 186-5), so that `deck` needs no library for it.

Only public things go through here: nothing has to take the same time for every input.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""How a P-256 key begins as SubjectPublicKeyInfo (RFC 5480), before its two numbers."""

_Point = tuple[int, int] | None  # None is the point at infinity


@dataclass(frozen=True)
class PublicKey:
    """A point of the curve."""

    x: int
    y: int

    def __post_init__(self) -> None:
        """Raise ValueError for what is no point of the curve."""
        inside = 0 <= self.x < _P and 0 <= self.y < _P
        if not inside or (self.y**2 - (self.x**3 - 3 * self.x + _B)) % _P:
            raise ValueError("the key is no point of P-256")

    @classmethod
    def from_jwk(cls, jwk: dict[str, str]) -> PublicKey:
        """From a JSON Web Key (RFC 7517); raises ValueError, KeyError or TypeError."""
        if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
            raise ValueError("the key is not of P-256")
        return cls(*(int.from_bytes(_unpadded(jwk[name]), "big") for name in "xy"))

    @classmethod
    def from_pem(cls, text: str) -> PublicKey:
        """From a PEM file with `BEGIN PUBLIC KEY`; raises ValueError."""
        lines = [line.strip() for line in text.strip().splitlines()]
        if lines[0] != "-----BEGIN PUBLIC KEY-----" or lines[-1] != "-----END PUBLIC KEY-----":
            raise ValueError("not a public key as PEM")
        raw = base64.b64decode("".join(lines[1:-1]), validate=True)
        if not raw.startswith(_SPKI) or len(raw) != len(_SPKI) + 64:
            raise ValueError("the key is not of P-256")
        numbers = raw[len(_SPKI) :]
        return cls(int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big"))

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether a signature (DER) over the SHA-256 of `message` is this key's."""
        try:
            r, s = _numbers(signature)
        except ValueError:
            return False
        if not (0 < r < _N and 0 < s < _N):
            return False
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        w = pow(s, -1, _N)
        point = _add(_times(digest * w % _N, _G), _times(r * w % _N, (self.x, self.y)))
        return point is not None and point[0] % _N == r


def _unpadded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("a number of the key is not base64url") from None


def _numbers(der: bytes) -> tuple[int, int]:
    """The two numbers of a signature; anything but the one right spelling raises ValueError."""
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2:
        raise ValueError("not a signature")
    found, at = [], 2
    for _ in range(2):
        if at + 2 > len(der) or der[at] != 0x02:
            raise ValueError("not a number")
        length = der[at + 1]
        body = der[at + 2 : at + 2 + length]
        if len(body) != length or not body or body[0] & 0x80:
            raise ValueError("cut off, or negative")
        if len(body) > 1 and body[0] == 0 and not body[1] & 0x80:
            raise ValueError("not the shortest spelling")
        found.append(int.from_bytes(body, "big"))
        at += 2 + length
    if at != len(der):
        raise ValueError("something follows")
    return found[0], found[1]


def _add(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0]:
        if (one[1] + other[1]) % _P == 0:
            return None
        slope = (3 * one[0] ** 2 - 3) * pow(2 * one[1], -1, _P) % _P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P) % _P
    x = (slope**2 - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _times(factor: int, point: _Point) -> _Point:
    total: _Point = None
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total
