"""Rows of share links."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import table
from chalicelib.projects.rows import key


class Share(table.CoreRow):
    """A link that lets whoever has it see a protected site until `expires` (seconds since 1970).

    Its token is signed, not kept: a link that was lost is made anew, and this one is taken back.
    """

    id = UnicodeAttribute()
    project = UnicodeAttribute()
    host = UnicodeAttribute()
    note = UnicodeAttribute(default="")
    expires = NumberAttribute()
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()
    ttl = NumberAttribute()


def share_key(share: str) -> str:
    """Sort key of a share link."""
    return f"SHARE#{share}"


def share(project: str, identifier: str) -> Share | None:
    """One share link, read consistently."""
    return table.find(Share, key(project), share_key(identifier))


def shares(project: str) -> list[Share]:
    """The share links of a project, the one that ends first first."""
    found = Share.query(key(project), Share.sk.startswith("SHARE#"), consistent_read=True)
    return sorted(found, key=lambda row: int(row.expires))
