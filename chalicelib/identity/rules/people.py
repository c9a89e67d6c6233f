"""Shapes of e-mails and passwords."""

from __future__ import annotations

import re

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256

_EMAIL = re.compile(
    r"[^@\s\x00-\x20\"(),:;<>\[\\\]#]{1,64}@(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}\Z"
)


def normal_email(text: str) -> str:
    """The e-mail by which an account is unique; raises ValueError with the rule."""
    text = text.strip()
    email = text.lower()
    if len(email) > 254 or not email.isprintable() or not _EMAIL.match(email):
        raise ValueError("An e-mail address looks like ada@example.com.")
    if _beyond_ascii(email) < _beyond_ascii(text):
        # a sign such as the Kelvin became the letter k: that is somebody else's address
        raise ValueError("An e-mail address looks like ada@example.com.")
    return email


def _beyond_ascii(text: str) -> int:
    return sum(not c.isascii() for c in text)


def check_password(password: str) -> str:
    """The password; raises ValueError with the rule."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    return password
