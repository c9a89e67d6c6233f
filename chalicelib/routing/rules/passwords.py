"""Names and passwords of protected paths, of which only salted digests are kept (RFC 8018)."""

from __future__ import annotations

import hashlib
import re

from chalicelib.edge.rules.routing.credentials import hashed
from chalicelib.edge.rules.routing.shapes import MAX_USERS
from chalicelib.routing.rules.report import RuleError

_DIGEST = re.compile(r"pbkdf2:([0-9a-f]{32}):([0-9a-f]{64})\Z")

User = tuple[str, str, str]
"""Name, salt in hex, PBKDF2-HMAC-SHA256 in hex."""


def users(pairs: list[tuple[str, str]], salt_of: str) -> tuple[User, ...]:
    """Everybody who may come in, each name once; raises RuleError.

    A password may be a digest already, `pbkdf2:<salt>:<digest>`. `salt_of` names the project: the
    salts follow from it, so that equal rules are equal tables, and projects have different ones.
    """
    if not pairs or len(pairs) > MAX_USERS:
        raise RuleError(
            f"a protected path has 1 to {MAX_USERS} names, not {len(pairs)}",
            "Write name and password of each.",
        )
    if len({name for name, _ in pairs}) < len(pairs):
        raise RuleError("a name stands there twice", "Write every name once.")
    return tuple(_user(name, password, salt_of) for name, password in pairs)


def _user(name: str, password: str, salt_of: str) -> User:
    if not name or ":" in name or len(name) > 128 or not name.isprintable():
        raise RuleError(
            "a name has 1 to 128 printable characters and no colon", "Write name:password."
        )
    kept = _DIGEST.match(password)
    if kept:
        return name, kept[1], kept[2]
    if not 1 <= len(password) <= 256 or not password.isprintable():
        raise RuleError(
            f"the password of {name} does not have 1 to 256 printable characters",
            "Write name:password.",
        )
    salt = hashlib.sha256(f"{salt_of}\0{name}".encode()).digest()[:16]
    return name, salt.hex(), hashed(password, salt)
