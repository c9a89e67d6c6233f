"""Slugs and names of teams."""

from __future__ import annotations

import re

_RESERVED = """
about account admin api app assets auth billing blog clouddeck dashboard docs edge git help internal
live login logout mail me new root settings static status support system team teams user users www
"""
RESERVED_SLUGS = frozenset(_RESERVED.split())
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")
SLUG_RULE = "1 to 40 of a-z, 0-9 and '-', not at either end, no '--', and no reserved word"


def check_slug(slug: str) -> str:
    """A team's slug; raises ValueError with the rule."""
    if not _SLUG.match(slug) or "--" in slug or slug in RESERVED_SLUGS:
        raise ValueError(f"A slug has {SLUG_RULE}.")
    return slug


def check_name(name: str) -> str:
    """A name that people read; raises ValueError with the rule."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise ValueError("A name has 1 to 80 printable characters.")
    return name


def slug_from(text: str, suffix: str = "") -> str:
    """A slug made of any text, such as a name; with a suffix when the plain one is taken."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:30].strip("-")
    if not base or base in RESERVED_SLUGS:
        base = f"team-{base or 'one'}"
    return f"{base}-{suffix}" if suffix else base
