"""Identity without a database: shapes of e-mails, passwords, tokens and keys."""

from __future__ import annotations

import re
import secrets
import string
import zlib
from hashlib import sha256

ACCESS_TYPE = "at+jwt"
AUDIENCE = "clouddeck-api"
ALGORITHM = "ES256"
REFRESH_SECONDS = 30 * 24 * 3600
REFRESH_GRACE_SECONDS = 10  # two requests of one client may cross; a thief comes later
FAILURES_ALLOWED = 10
FAILURE_WINDOW_SECONDS = 15 * 60
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256
KEY_PREFIX = "ck_"
LAST_USED_SECONDS = 60
TOMBSTONE_SECONDS = 90 * 24 * 3600

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECKSUM = 43, 6  # characters for 256 and 32 bits
_KEY = re.compile(rf"ck_[0-9A-Za-z]{{{_RANDOM + _CHECKSUM}}}\Z")
_EMAIL = re.compile(
    r"[^@\s\x00-\x20\"(),:;<>\[\\\]#]{1,64}@(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}\Z"
)
_REFRESH = re.compile(r"rt_(ses_[0-9a-z]{26})\.([\w-]{22})\.([\w-]{43})\Z", re.ASCII)


def normal_email(text: str) -> str:
    """The e-mail by which an account is unique; raises ValueError with the rule."""
    email = text.strip().lower()
    if len(email) > 254 or not _EMAIL.match(email):
        raise ValueError("An e-mail address looks like ada@example.com.")
    return email


def check_password(password: str) -> str:
    """The password; raises ValueError with the rule."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    return password


def new_api_key() -> str:
    """`ck_`, 256 random bits and a checksum, in base62: easy to find in a leaked text."""
    body = _base62(secrets.randbits(256), _RANDOM)
    return KEY_PREFIX + body + _checksum(body)


def is_api_key(token: str) -> bool:
    """Whether shape and checksum are those of an API key: a typing error costs no read."""
    if not _KEY.match(token):
        return False
    body = token[len(KEY_PREFIX) : -_CHECKSUM]
    return secrets.compare_digest(_checksum(body), token[-_CHECKSUM:])


def shown_prefix(key: str) -> str:
    """The beginning of a key, by which its owner recognises it."""
    return key[: len(KEY_PREFIX) + 6]


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


def locked_for(failures: int, now: int) -> int:
    """Seconds that an e-mail may not sign in after so many failures; 0 = it may."""
    if failures <= FAILURES_ALLOWED:
        return 0
    return FAILURE_WINDOW_SECONDS - now % FAILURE_WINDOW_SECONDS


def failure_window(now: int) -> int:
    """Number of the quarter of an hour in which failures are counted together."""
    return now // FAILURE_WINDOW_SECONDS


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return "".join(reversed(digits))
