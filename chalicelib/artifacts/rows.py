"""Rows of uploads."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core import clock, table

UPLOAD_SECONDS = 24 * 3600


class Upload(table.CoreRow):
    """An upload from outside a build: a source tree, or a finished output."""

    id = UnicodeAttribute()
    team = UnicodeAttribute()
    project = UnicodeAttribute()
    kind = UnicodeAttribute()
    base = UnicodeAttribute(null=True)
    created_by = UnicodeAttribute()
    created_at = UnicodeAttribute()


def new_upload(identifier: str, team: str, project: str, kind: str, actor: str) -> Upload:
    """An upload row, not yet saved."""
    return Upload(
        pk=f"UPL#{identifier}",
        sk="META",
        id=identifier,
        team=team,
        project=project,
        kind=kind,
        created_by=actor,
        created_at=clock.iso(),
        ttl=clock.epoch(UPLOAD_SECONDS),
    )


def upload(identifier: str) -> Upload | None:
    """An upload by id, read consistently."""
    return table.find(Upload, f"UPL#{identifier}")
