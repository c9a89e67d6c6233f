"""Names and passwords of HTTP (RFC 7617), as rules protect paths with them."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import secrets
from base64 import b64decode
from collections import OrderedDict

ROUNDS = 10_000
_MOST_KNOWN = 1_000
_UNKNOWN_SALT = bytes(16)

Users = tuple[tuple[str, str, str], ...]


class _Known:
    """Passwords that were right before, so that the next request need not compute for long.

    Only keyed digests are held, with a key that is this process's own.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._held: OrderedDict[bytes, None] = OrderedDict()

    def digest(self, *parts: str) -> bytes:
        """What is held of a name, its password and what that was compared with."""
        return hmac.digest(self._key, "\0".join(parts).encode("utf-8", "replace"), "sha256")

    def holds(self, digest: bytes) -> bool:
        """Whether it was right before."""
        return digest in self._held

    def add(self, digest: bytes) -> None:
        """Remember; what came first goes first."""
        self._held[digest] = None
        while len(self._held) > _MOST_KNOWN:
            self._held.popitem(last=False)


_known = _Known()


def hashed(password: str, salt: bytes) -> str:
    """What is kept of a password, in hex."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS).hex()


def right(authorization: str, users: Users) -> bool:
    """Whether an Authorization header names one of `users` with the right password.

    An unknown name takes as long as a wrong password.
    """
    given = _read(authorization)
    if given is None:
        return False
    name, password = given
    stored = [(salt, digest) for user, salt, digest in users if user == name]
    for salt, digest in stored[:4]:
        mark = _known.digest(name, password, salt, digest)
        if _known.holds(mark):
            return True
        if hmac.compare_digest(hashed(password, bytes.fromhex(salt)), digest):
            _known.add(mark)
            return True
    if not stored:
        hashed(password, _UNKNOWN_SALT)
    return False


def _read(authorization: str) -> tuple[str, str] | None:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = b64decode(token.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    name, mark, password = text.partition(":")
    return (name, password) if mark else None
