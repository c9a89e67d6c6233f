"""What builds keep for the next: archives that nobody but a trusted build can have written.

An archive is content-addressed, and its upload is bound to the digest that the runner announced.
The record that leads to it carries a MAC over project, trust, kind, key, digest and size, with a
key that no runner ever sees; a record whose MAC does not hold leads nowhere. Builds of strangers'
code read the dependencies of trusted builds, because those follow from a lock file, and nothing of
what a framework computed; they write nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from chalicelib.builds import kept, rows
from chalicelib.builds.actions.variables import trust_of
from chalicelib.builds.kept import CacheRow
from chalicelib.builds.rows import Build
from chalicelib.core import secret
from chalicelib.core.errors import Conflict
from chalicelib.core.observe import logger
from chalicelib.ports import Signed, services

SIGNED_SECONDS = 3600
WRITERS = "trusted"
"""The trust whose builds write, and whose archives are read."""


@dataclass(frozen=True)
class Archive:
    """One archive, as its runner announces it; `size` in bytes."""

    kind: str
    key: str
    sha256: str
    size: int


def offered(row: Build, planned: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The caches of a plan, with the archive that this build may restore and whether it saves."""
    trusted = trust_of(row.spec) == WRITERS
    return [
        {**cache, **_restorable(row, cache, trusted=trusted), "write": trusted} for cache in planned
    ]


def _restorable(row: Build, cache: dict[str, Any], *, trusted: bool) -> dict[str, str | None]:
    nothing: dict[str, str | None] = {"url": None, "sha256": None}
    if not trusted and cache["kind"] != "dependencies":
        return nothing
    found = kept.cache(row.project, WRITERS, cache["kind"], cache["key"])
    if found is None:
        return nothing
    archive = Archive(cache["kind"], cache["key"], found.sha256, int(found.size))
    if not hmac.compare_digest(found.mac, _mac(row.project, archive)):
        logger().warning("cache_forged", extra={"project": row.project, "key": archive.key})
        return nothing
    place = _place(row.project, archive)
    if services().store.size(place) != archive.size:
        return nothing
    return {"url": services().store.signed_get(place, SIGNED_SECONDS), "sha256": archive.sha256}


def noted(row: Build, offers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The caches as a build's row keeps them: no address, but what using one would save."""
    found = (kept.cache(row.project, WRITERS, o["kind"], o["key"]) for o in offers if o["url"])
    spent = {record.kind: int(record.install_ms) for record in found if record is not None}
    return [{**o, "url": None, "install_ms": spent.get(o["kind"], 0)} for o in offers]


def request(build: str, archive: Archive) -> Signed:
    """The upload of exactly this archive; raises Conflict when the build may not save it."""
    row = _writer(build, archive)
    return services().store.signed_put(
        _place(row.project, archive), SIGNED_SECONDS, length=archive.size, sha256=archive.sha256
    )


def saved(build: str, archive: Archive, install_ms: int) -> None:
    """Record an uploaded archive, so that later builds find it; the newest one counts.

    Raises Conflict when the build may not save it, or it is not there.
    """
    row = _writer(build, archive)
    if services().store.size(_place(row.project, archive)) != archive.size:
        raise Conflict("cache_missing", "The archive is not in the store.", hint="Upload it first.")
    record: CacheRow = kept.cache_row(
        row.project,
        WRITERS,
        archive.kind,
        archive.key,
        archive.sha256,
        archive.size,
        _mac(row.project, archive),
        row.id,
    )
    record.install_ms = install_ms
    record.save()


def _writer(build: str, archive: Archive) -> Build:
    """The build, if it may save this archive; after its outcome too, for caches are saved last."""
    row = rows.get(build)
    planned = ((row.plan or {}).get("caches") or []) if row else []
    known = any(c["kind"] == archive.kind and c["key"] == archive.key for c in planned)
    if row is None or not known or row.outcome not in {None, "ok"}:
        raise Conflict("cache_unknown", "This cache does not belong to this build.")
    if trust_of(row.spec) != WRITERS:
        raise Conflict(
            "cache_read_only",
            "A build of code that is not trusted saves no cache.",
            hint="Nothing to do: it may read the dependencies that trusted builds saved.",
        )
    return row


def _place(project: str, archive: Archive) -> str:
    return f"caches/{project}/{WRITERS}/{archive.kind}/{archive.sha256}.tar.gz"


def _mac(project: str, archive: Archive) -> str:
    """A MAC over all that an archive is good for; lengths come first, so that no two read alike."""
    parts = (project, WRITERS, archive.kind, archive.key, archive.sha256, str(archive.size))
    text = "".join(f"{len(part)}:{part}" for part in parts)
    key = secret.shared("caches", services().keys)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
