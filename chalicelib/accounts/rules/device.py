"""Signing in a device without a browser (RFC 8628): codes and how often it may ask."""

from __future__ import annotations

import re
import secrets

ALPHABET = "BCDFGHJKMNPQRSTVWXZ"
"""Consonants alone, so that no code is a word; without L, which small looks like a one."""

LENGTH = 8
SECONDS = 15 * 60
INTERVAL = 5
SLOWER = 5
"""Seconds by which the pause grows when a device asks too early (section 3.5)."""

_CODE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}\Z")


def new_user_code() -> str:
    """Eight letters, 34 bits, for a person to type: good for a quarter of an hour."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """A code as people read it, `BCDF-GHJK`."""
    return f"{code[:4]}-{code[4:]}"


def normal_user_code(text: str) -> str | None:
    """The code that somebody typed, however they did; None when it cannot be one."""
    code = re.sub(r"[\s_-]", "", text).upper()
    return code if _CODE.match(code) else None


def next_interval(interval: int, waited: float) -> int:
    """Seconds to wait from now on, after an answer that was asked for `waited` seconds after the
    one before. A second's grace, because clocks and networks are not exact."""
    return interval if waited >= interval - 1 else interval + SLOWER
