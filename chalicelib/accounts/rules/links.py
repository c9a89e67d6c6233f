"""The secrets in mails: how they look, how long they hold, what is stored of them."""

from __future__ import annotations

import re
import secrets
from typing import Literal

Purpose = Literal["verify", "email", "reset", "invited"]
"""What a link is good for: proving an address, moving to another one, choosing a new password,
making an account that needs no further proof."""

SECONDS: dict[Purpose, int] = {
    "verify": 24 * 3600,
    "email": 24 * 3600,
    "reset": 3600,
    "invited": 7 * 24 * 3600,
}

_TOKEN = re.compile(r"[\w-]{43}\Z", re.ASCII)


def new_token() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether it looks like one of ours: a typing error costs no read."""
    return bool(_TOKEN.match(text))
