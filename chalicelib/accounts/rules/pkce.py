"""Proof key for code exchange (RFC 7636): only whoever began a sign-in can finish it. S256 only."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from hashlib import sha256

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
"""32 bytes in base64url: the last of the 43 characters carries four bits only."""

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


def new_verifier() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def is_challenge(text: str) -> bool:
    """Whether `text` can be an S256 challenge."""
    return bool(_CHALLENGE.match(text))


def proves(verifier: str, challenge: str) -> bool:
    """Whether this verifier belongs to the challenge."""
    return bool(_VERIFIER.match(verifier)) and hmac.compare_digest(
        challenge_of(verifier), challenge
    )
