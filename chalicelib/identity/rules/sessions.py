"""Tokens of a session: how long they live, and what a refresh token looks like."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

ACCESS_TYPE = "at+jwt"
AUDIENCE = "clouddeck-api"
ALGORITHM = "ES256"
LONGEST_ACCESS_SECONDS = 24 * 3600
REFRESH_SECONDS = 30 * 24 * 3600
REFRESH_GRACE_SECONDS = 10  # two requests of one client may cross; a thief comes later
SEEN_SECONDS = 60

_REFRESH = re.compile(r"rt_(ses_[0-9a-z]{26})\.([\w-]{22})\.([\w-]{43})\Z", re.ASCII)


def new_refresh_token(session: str, family: str | None = None) -> tuple[str, str, str]:
    """(token, family part, secret part) for a session.

    The family part stays for the life of a session, the secret changes at every refresh: a token
    with the right family and an old secret was really ours once, so its second use is a theft,
    while a guess is only a guess and ends nobody's session.
    """
    family = family or secrets.token_urlsafe(16)
    secret = secrets.token_urlsafe(32)
    return f"rt_{session}.{family}.{secret}", family, secret


def split_refresh_token(token: str) -> tuple[str, str, str] | None:
    """(session, family part, secret part), or None when it is no refresh token."""
    found = _REFRESH.match(token)
    return (found[1], found[2], found[3]) if found else None


def digest(secret: str) -> str:
    """What is stored of a secret with at least 128 random bits."""
    return sha256(secret.encode()).hexdigest()
