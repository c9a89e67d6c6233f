"""Rows of blobs and uploads."""

from __future__ import annotations

from collections.abc import Iterable

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import clock, table

UPLOAD_SECONDS = 24 * 3600


class Blob(table.CoreRow):
    """A blob that was verified; absent means: not there, or not known to be whole."""

    size = NumberAttribute()


class Upload(table.CoreRow):
    """An upload from outside a build: a source tree, or a finished output."""

    id = UnicodeAttribute()
    team = UnicodeAttribute()
    project = UnicodeAttribute()
    kind = UnicodeAttribute()
    base = UnicodeAttribute(null=True)
    created_by = UnicodeAttribute()
    created_at = UnicodeAttribute()


def _blob_key(team: str, sha256: str) -> str:
    return f"BLOB#{team}#{sha256}"


def known(team: str, digests: Iterable[str]) -> set[str]:
    """Which of these blobs are verified."""
    keys = [(_blob_key(team, d), "META") for d in digests]
    return {row.pk.rpartition("#")[2] for row in table.find_many(Blob, keys)}


def record(team: str, blobs: dict[str, int]) -> None:
    """Remember verified blobs (length by hash); repeating it changes nothing."""
    with Blob.batch_write() as batch:
        for sha256, size in blobs.items():
            batch.save(Blob(pk=_blob_key(team, sha256), sk="META", size=size))


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
