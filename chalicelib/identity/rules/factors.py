"""Second factors without a database: codes of a moment, recovery codes, and their limits."""

from __future__ import annotations

import re
import secrets

TOTP_SECONDS = 30
TOTP_WINDOW = 1  # steps before and after this one: clocks differ, and people type slowly
PENDING_SECONDS = 15 * 60
MOST_FACTORS = 20
RECOVERY_CODES = 10
CHALLENGE_SECONDS = 5 * 60
CHALLENGE_ANSWERS = 5
LONGEST_NAME = 60

_CODE = re.compile(r"[0-9]{6}\Z")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32
_READ_AS = str.maketrans("ilo", "110", " -")
_RECOVERY = re.compile(rf"[{_ALPHABET}]{{16}}\Z")


def steps_near(now: int) -> list[int]:
    """The time steps (RFC 6238) whose codes are good at `now`, the likeliest first."""
    step = now // TOTP_SECONDS
    return [step, *(step + sign * n for n in range(1, TOTP_WINDOW + 1) for sign in (-1, 1))]


def normal_code(text: str) -> str:
    """Six digits of an authenticator app, as typed with or without spaces; "" for anything else."""
    code = text.replace(" ", "")
    return code if _CODE.match(code) else ""


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, in groups of four characters that are hard to confuse."""
    return [_grouped(secrets.randbits(80)) for _ in range(RECOVERY_CODES)]


def normal_recovery_code(text: str) -> str:
    """A recovery code as it is compared: `o` is 0, `i` and `l` are 1; "" for anything else."""
    code = text.strip().lower().translate(_READ_AS)
    return code if _RECOVERY.match(code) else ""


def check_factor_name(name: str) -> str:
    """The name of a factor, such as "Ada's phone"; raises ValueError with the rule."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise ValueError(f"A name has 1 to {LONGEST_NAME} printable characters.")
    return name


def _grouped(number: int) -> str:
    text = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(75, -5, -5))
    return "-".join(text[place : place + 4] for place in range(0, 16, 4))
