"""API keys: random, checkable without a read, easy to find in a leaked text."""

from __future__ import annotations

import re
import secrets
import string
import zlib

KEY_PREFIX = "ck_"
LAST_USED_SECONDS = 60
TOMBSTONE_SECONDS = 90 * 24 * 3600

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECKSUM = 43, 6  # characters for 256 and 32 bits
_KEY = re.compile(rf"ck_[0-9A-Za-z]{{{_RANDOM + _CHECKSUM}}}\Z")


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


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return "".join(reversed(digits))
