"""What the slots process is told by its environment, checked once."""

import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib.resources import BUCKETS, everywhere

MEGABYTE = 1024 * 1024
FIRST_UID = 700_000
SLOTS_PER_HOME = 64


class SettingsError(ValueError):
    """A setting is missing or makes no sense; the message names it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one build may take: bytes, inodes, processes, cores. The settings hold the most that any
    build gets; an order asks for its share of that (`sizes.fit`)."""

    memory_bytes: int
    disk_bytes: int
    inodes: int
    pids: int
    cpus: float


@dataclass(frozen=True, slots=True)
class Settings:
    """The slots process's settings.

    `s3_keys` is (key id, secret) when signatures of presigned URLs are to be checked; `runner` is
    a packed runner to use instead of packing the one in this repository.
    """

    home: Path
    port: int
    api: str
    s3: str
    buckets: frozenset[str]
    secret: str
    slots: int
    limits: Limits
    egress_allow: tuple[str, ...]
    isolation: str
    s3_keys: tuple[str, str] | None = None
    runner: Path | None = None

    @property
    def instance(self) -> str:
        """A name for this data folder that two clouds on one machine do not share."""
        return f"clouddeck-{zlib.crc32(os.fsencode(self.home)):08x}"

    def uid(self, slot: int) -> int:
        """The user id that builds of this slot run as."""
        family = zlib.crc32(os.fsencode(self.home)) % 4096
        return FIRST_UID + family * SLOTS_PER_HOME + slot


def read(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables; raises SettingsError naming the bad one."""
    limits = Limits(
        memory_bytes=_number(environ, "CLOUDDECK_BUILD_MEMORY_MB", 4096) * MEGABYTE,
        disk_bytes=(disk := _number(environ, "CLOUDDECK_BUILD_DISK_MB", 4096)) * MEGABYTE,
        inodes=inodes_of(disk),
        pids=_number(environ, "CLOUDDECK_BUILD_PIDS", 512),
        cpus=_cores(environ),
    )
    slots = _number(environ, "CLOUDDECK_SLOTS", max(1, os.cpu_count() or 1))
    if slots > SLOTS_PER_HOME:
        raise SettingsError(f"CLOUDDECK_SLOTS is {slots}; at most {SLOTS_PER_HOME} are possible")
    isolation = environ.get("CLOUDDECK_BUILD_ISOLATION", "auto")
    if isolation not in {"auto", "require", "none"}:
        raise SettingsError(f"CLOUDDECK_BUILD_ISOLATION is {isolation!r}: auto, require or none")
    return Settings(
        home=Path(_text(environ, "CLOUDDECK_HOME")).absolute(),
        port=_number(environ, "CLOUDDECK_SLOTS_PORT", None),
        api=_url(environ, "CLOUDDECK_API"),
        s3=_url(environ, "CLOUDDECK_S3"),
        buckets=_buckets(environ.get("CLOUDDECK_PREFIX", "clouddeck")),
        secret=_text(environ, "CLOUDDECK_LOCAL_SECRET"),
        slots=slots,
        limits=limits,
        egress_allow=tuple(
            host.strip().lower()
            for host in environ.get("CLOUDDECK_EGRESS_ALLOW", "").split(",")
            if host.strip()
        ),
        isolation=isolation,
        s3_keys=_keys(environ.get("CLOUDDECK_S3_KEYS", "")),
        runner=Path(runner) if (runner := environ.get("CLOUDDECK_RUNNER", "")) else None,
    )


def inodes_of(disk_mb: int) -> int:
    """How many files a disk of so many MB may hold."""
    return max(10_000, disk_mb * 256)


def _buckets(prefix: str) -> frozenset[str]:
    """What a build reads and writes: sources, caches and blobs."""
    return frozenset(f"{prefix}-{bucket.name}" for bucket in everywhere(BUCKETS))


def _text(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def _number(environ: Mapping[str, str], name: str, default: int | None) -> int:
    raw = environ.get(name, "")
    if not raw and default is not None:
        return default
    if not (raw.isascii() and raw.isdigit()) or int(raw) < 1:
        raise SettingsError(f"{name} is {raw!r}; expected a whole number of at least 1")
    return int(raw)


def _cores(environ: Mapping[str, str]) -> float:
    raw = environ.get("CLOUDDECK_BUILD_CPUS", "2")
    try:
        cores = float(raw)
    except ValueError:
        cores = 0.0
    if not 0.05 <= cores <= 4096:
        raise SettingsError(f"CLOUDDECK_BUILD_CPUS is {raw!r}; expected a number such as 2 or 0.5")
    return cores


def _url(environ: Mapping[str, str], name: str) -> str:
    value = _text(environ, name)
    parts = urlsplit(value)
    if parts.scheme != "http" or not parts.hostname or parts.path.strip("/"):
        raise SettingsError(f"{name} is {value!r}; expected http://host:port")
    return value.rstrip("/")


def _keys(raw: str) -> tuple[str, str] | None:
    if not raw:
        return None
    key_id, separator, secret = raw.partition(":")
    if not (key_id and separator and secret):
        raise SettingsError("CLOUDDECK_S3_KEYS is not of the form key-id:secret")
    return key_id, secret
