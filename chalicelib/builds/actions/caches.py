"""What builds keep for the next: archives that nobody but a trusted build can have written.

An archive is content-addressed, and its upload is bound to the digest that the runner announced.
The record that leads to it carries a MAC over project, environment, kind, key, digest and size,
with a key that no runner ever sees; a record whose MAC does not hold leads nowhere.

A build writes for its own environment, and reads what was written for that or for production: who
may deploy previews only shall not get a word into production, and what a build leaves in its
folders is his word. Builds of strangers' code read dependencies, because those follow from a lock
file, and nothing of what a framework computed; they write nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from chalicelib.builds import kept, rows
from chalicelib.builds.actions.variables import TRUSTED, trust_of
from chalicelib.builds.kept import CacheRow
from chalicelib.builds.rows import Build
from chalicelib.core import clock, secret
from chalicelib.core.errors import Conflict
from chalicelib.core.observe import logger
from chalicelib.ports import Signed, services

SIGNED_SECONDS = 3600
PRODUCTION = "production"


@dataclass(frozen=True)
class Archive:
    """One archive, as its runner announces it; `size` in bytes."""

    kind: str
    key: str
    sha256: str
    size: int


Offer = tuple[dict[str, Any], int]
"""A cache of a plan as its runner is told of it, and how long an install took that it saves."""


def offered(row: Build, planned: list[dict[str, Any]]) -> list[Offer]:
    """The caches of a plan, with the archive that this build may restore and whether it saves."""
    trusted = trust_of(row.spec) == TRUSTED
    found = [_restorable(row, cache, trusted) for cache in planned]
    return [
        ({**cache, "url": url, "sha256": sha256, "write": trusted}, install_ms)
        for cache, (url, sha256, install_ms) in zip(planned, found, strict=True)
    ]


def _restorable(
    row: Build, cache: dict[str, Any], trusted: bool
) -> tuple[str | None, str | None, int]:
    """Address and SHA-256 of what a build may restore, and what its install took."""
    environments = dict.fromkeys((_environment(row), PRODUCTION))
    for environment in environments if trusted or cache["kind"] == "dependencies" else ():
        found = kept.cache(row.project, environment, cache["kind"], cache["key"])
        if found is None:
            continue
        archive = Archive(cache["kind"], cache["key"], found.sha256, int(found.size))
        owner = (row.project, environment)
        if not hmac.compare_digest(found.mac, _mac(owner, archive)):
            logger().warning("cache_forged", extra={"project": row.project, "key": archive.key})
            continue
        place = _place(owner, archive)
        if services().store.size(place) == archive.size:
            url = services().store.signed_get(place, SIGNED_SECONDS)
            return url, archive.sha256, int(found.install_ms)
    return None, None, 0


def noted(offers: list[Offer]) -> list[dict[str, Any]]:
    """The caches as a build's row keeps them: no address, but what using one would save."""
    return [{**cache, "url": None, "install_ms": ms} for cache, ms in offers]


def request(build: str, archive: Archive) -> Signed:
    """The upload of exactly this archive; raises Conflict when the build may not save it."""
    row = _writer(build, archive)
    place = _place((row.project, _environment(row)), archive)
    return services().store.signed_put(
        place, SIGNED_SECONDS, length=archive.size, sha256=archive.sha256
    )


def saved(build: str, archive: Archive, install_ms: int) -> None:
    """Record an uploaded archive, so that later builds find it; the newest one counts.

    Raises Conflict when the build may not save it, or it is not there.
    """
    row = _writer(build, archive)
    owner = project, environment = row.project, _environment(row)
    if services().store.size(_place(owner, archive)) != archive.size:
        raise Conflict("cache_missing", "The archive is not in the store.", hint="Upload it first.")
    record: CacheRow = kept.cache_row(
        project,
        environment,
        archive.kind,
        archive.key,
        archive.sha256,
        archive.size,
        _mac(owner, archive),
        row.id,
    )
    record.install_ms = install_ms
    record.save()


def _writer(build: str, archive: Archive) -> Build:
    """The build, if it may save this archive; after its outcome too, for caches are saved last.

    But not for ever: its token holds for as long as its row.
    """
    row = rows.get(build)
    planned = ((row.plan or {}).get("caches") or []) if row else []
    known = any(c["kind"] == archive.kind and c["key"] == archive.key for c in planned)
    late = row is not None and clock.now_ms() - int(row.heartbeat_ms) > SIGNED_SECONDS * 1000
    if row is None or not known or late or row.outcome not in {None, "ok"}:
        raise Conflict("cache_unknown", "This cache does not belong to this build.")
    if trust_of(row.spec) != TRUSTED:
        raise Conflict(
            "cache_read_only",
            "A build of code that is not trusted saves no cache.",
            hint="Nothing to do: it may read the dependencies that trusted builds saved.",
        )
    return row


def _environment(row: Build) -> str:
    return str(row.spec["environment"])


def _place(owner: tuple[str, str], archive: Archive) -> str:
    project, environment = owner
    return f"caches/{project}/{environment}/{archive.kind}/{archive.sha256}.tar.gz"


def _mac(owner: tuple[str, str], archive: Archive) -> str:
    """A MAC over all that an archive is good for; lengths come first, so that no two read alike."""
    parts = (*owner, archive.kind, archive.key, archive.sha256, str(archive.size))
    text = "".join(f"{len(part)}:{part}" for part in parts)
    key = secret.shared("caches", services().keys)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
