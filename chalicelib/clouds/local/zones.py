"""DNS zones on one machine: a file each, which `python -m adapters.local names` serves.

`<home>/dns/<zone>.json` = `{"version":1,"zone","records":[{"name","type","ttl","values"}]}`.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.edge.rules.domains import RecordSet
from chalicelib.edge.rules.hosts import normalise_host


class LocalZones:
    """The zones of one installation, in a folder."""

    kind = "local"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Make an empty zone; one that is there stays as it is."""
        with self._locked():
            if not self._path(name).exists():
                self._write(name, {})
        return name, ("ns.localhost",)

    def remove(self, zone: str) -> None:
        """Delete a zone."""
        with self._locked():
            self._path(zone).unlink(missing_ok=True)

    def records(self, zone: str) -> list[RecordSet]:
        """Every record set, by name and type."""
        found = self._read(zone)
        return [found[key] for key in sorted(found)]

    def put(self, zone: str, wanted: RecordSet) -> None:
        """Write a record set in place of what is there."""
        with self._locked():
            self._write(zone, {**self._read(zone), (wanted.name, wanted.type): wanted})

    def drop(self, zone: str, name: str, kind: str) -> bool:
        """Remove a record set; False when there is none."""
        with self._locked():
            found = self._read(zone)
            if found.pop((name, kind), None) is None:
                return False
            self._write(zone, found)
            return True

    def _path(self, zone: str) -> Path:
        if normalise_host(zone) != zone or ":" in zone:
            raise ValueError(f"not a zone: {zone!r}")
        return self._folder / f"{zone}.json"

    def _read(self, zone: str) -> dict[tuple[str, str], RecordSet]:
        try:
            document = json.loads(self._path(zone).read_bytes())
        except FileNotFoundError:
            return {}
        sets = [
            RecordSet(r["name"], r["type"], int(r["ttl"]), tuple(r["values"]))
            for r in document["records"]
        ]
        return {(one.name, one.type): one for one in sets}

    def _write(self, zone: str, records: dict[tuple[str, str], RecordSet]) -> None:
        path = self._path(zone)
        document = {
            "version": 1,
            "zone": zone,
            "records": [vars(records[key]) for key in sorted(records)],
        }
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        with temporary.open("w") as file:
            json.dump(document, file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, over all processes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
