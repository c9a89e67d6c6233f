"""Rows of what builds leave for later ones: archives of caches, and outputs that may be reused."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import clock, table
from chalicelib.projects.rows import key as project_key

HIT_SECONDS = 90 * 24 * 3600
CACHE_SECONDS = 30 * 24 * 3600
"""As long as the store keeps the archive (`resources.BUCKETS`)."""


class Hit(table.CoreRow):
    """Which deployment holds the output of these inputs."""

    deployment = UnicodeAttribute()
    made_at = UnicodeAttribute()


class CacheRow(table.CoreRow):
    """An archive that a build saved; `mac` binds its content to who may use it, and as what.

    `install_ms` is what the install took that made it: the time that an exact hit saves.
    """

    kind = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    size = NumberAttribute()
    mac = UnicodeAttribute()
    build = UnicodeAttribute()
    install_ms = NumberAttribute(default=0)
    made_at = UnicodeAttribute()


def hit(project: str, key: str) -> Hit | None:
    """The output that was made from the inputs behind `key`, read consistently."""
    return table.find(Hit, project_key(project), f"HIT#{key}")


def hit_row(project: str, key: str, deployment: str) -> Hit:
    """An output that may be reused, not yet saved."""
    return Hit(
        pk=project_key(project),
        sk=f"HIT#{key}",
        deployment=deployment,
        made_at=clock.iso(),
        ttl=clock.epoch(HIT_SECONDS),
    )


def cache(project: str, environment: str, kind: str, key: str) -> CacheRow | None:
    """The archive saved under a key, read consistently."""
    return table.find(CacheRow, project_key(project), _cache_key(environment, kind, key))


def cache_row(  # noqa: PLR0917  # where it stands and what it is
    project: str,
    environment: str,
    kind: str,
    key: str,
    sha256: str,
    size: int,
    mac: str,
    build: str,
) -> CacheRow:
    """The record of a saved archive, not yet saved."""
    return CacheRow(
        pk=project_key(project),
        sk=_cache_key(environment, kind, key),
        kind=kind,
        sha256=sha256,
        size=size,
        mac=mac,
        build=build,
        made_at=clock.iso(),
        ttl=clock.epoch(CACHE_SECONDS),
    )


def _cache_key(environment: str, kind: str, key: str) -> str:
    return f"CACHE#{environment}#{kind}#{key}"
