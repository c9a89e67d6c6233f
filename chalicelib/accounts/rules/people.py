"""What people say of themselves."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST_ADDRESS = 2000
_PLAIN = re.compile(r"[!#-&(-;=?-\[\]-~]+\Z")
"""ASCII without space, quotes, angle brackets and backslash: fit to stand in a page."""


def check_avatar_url(url: str) -> str:
    """The address of a picture; raises ValueError with the rule. Nobody here ever asks it."""
    rule = "The address of a picture begins with https:// and has a host and no user."
    if (
        len(url) > LONGEST_ADDRESS
        or not url.isascii()
        or any(c <= " " or c in "\"'<>\\" for c in url)
    ):
        raise ValueError(rule)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(rule) from None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ValueError(rule)
    return url


def check_line(text: str) -> str:
    """One line of a text such as an organisation's name; raises ValueError with the rule."""
    text = " ".join(text.split())
    if not 1 <= len(text) <= 120 or not text.isprintable():
        raise ValueError("This has 1 to 120 printable characters.")
    return text


def check_reason(text: str) -> str:
    """Why somebody asks; may have several lines. Raises ValueError with the rule."""
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not 1 <= len(text) <= 2000 or not text.replace("\n", "").replace("\t", "").isprintable():
        raise ValueError("A reason has 1 to 2,000 printable characters.")
    return text
