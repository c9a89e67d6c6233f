"""An export of advisories, as OSV publishes them, becomes the installation's own copy.

Those who run the installation bring it: `all.zip` of an ecosystem, or of several in one. The
advisories are as good as whoever brings them, so only they may.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.core import clock, ids
from chalicelib.core.errors import Invalid
from chalicelib.ports import Signed, services
from chalicelib.supply.actions import advisories as copies
from chalicelib.supply.rules import advisories, osv
from chalicelib.supply.rules.components import ECOSYSTEMS
from chalicelib.supply.rules.gate import FRESH_DAYS

MAX_EXPORT = 512 * 1024 * 1024
MAX_RECORD = 4 * 1024 * 1024
MAX_RECORDS = 1_000_000
MAX_UNPACKED = 6 * 1024 * 1024 * 1024
SIGNED_SECONDS = 3600
STATUS = "osv/status.json"

Found = dict[str, dict[str, list[osv.Advisory]]]  # ecosystem -> package -> advisories


class ExportError(ValueError):
    """An export that cannot be taken; the message says why."""


def begin(size: int, sha256: str) -> tuple[str, Signed]:
    """An id for a new export, and the request that uploads it."""
    identifier = ids.new("osv")
    key = advisories.incoming_key(identifier)
    return identifier, services().store.signed_put(key, SIGNED_SECONDS, length=size, sha256=sha256)


def ask(identifier: str, smaller: bool) -> dict[str, Any]:
    """Have an uploaded export taken in; the answer says that it waits.

    With `smaller` it may hold less than half of what the present copy does.
    """
    if not ids.is_id(identifier, "osv"):
        raise Invalid("export_unknown", f"{identifier[:40]!r} is no id of an export.")
    if services().store.size(advisories.incoming_key(identifier)) is None:
        raise Invalid(
            "export_missing",
            "The export was not uploaded.",
            hint="PUT it to `url` with `headers` first.",
        )
    status = _say(identifier, "waiting", "")
    services().bus.put("osv.uploaded", {"version": 1, "export": identifier, "smaller": smaller})
    return status


def take_in(identifier: str, smaller: bool) -> dict[str, Any]:
    """Read an export and put what it says in place of the copies of its ecosystems.

    Whoever looks at a copy meanwhile sees the old one or the new one. Once it is read, the
    export is removed; the event that comes again then finds nothing to do.
    """
    store = services().store
    key = advisories.incoming_key(identifier)
    raw = store.get(key)
    if raw is None:
        return {"outcome": "gone"}
    try:
        found, newest = read(raw)
        if not smaller:
            _check_growth(found)
    except (ExportError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as why:
        _say(identifier, "refused", str(why)[:300] or "It is no ZIP file.")
        store.delete([key])
        return {"outcome": "refused"}
    for ecosystem, packages in found.items():
        _replace(ecosystem, packages, newest[ecosystem])
    _say(identifier, "done", f"Taken in for {', '.join(sorted(found))}.")
    store.delete([key])
    return {"outcome": "ok"}


def read(raw: bytes) -> tuple[Found, dict[str, str]]:
    """The advisories of an export, and the newest moment each ecosystem's speak of.

    An export is as old as its newest advisory: one from last year that is brought today is not
    of today, and one that speaks of a day to come says nothing about how old it is. Raises
    ExportError, or what `zipfile` raises.
    """
    found: Found = {}
    newest: dict[str, str] = {}
    for record in _records(raw):
        try:
            entries = osv.read(record)
            modified = _moment(record["modified"])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ExportError(f"{str(record.get('id'))[:100]!r} is no advisory of OSV.") from None
        for ecosystem, name, advisory in entries:
            found.setdefault(ecosystem, {}).setdefault(name, []).append(advisory)
            newest[ecosystem] = max(newest.get(ecosystem, ""), modified)
    if not found:
        known = ", ".join(ECOSYSTEMS)
        raise ExportError(f"It holds no advisory about an ecosystem that we read: {known}.")
    return found, newest


def _check_growth(found: Found) -> None:
    """An export that was cut off would turn what is known into what is not."""
    for ecosystem, packages in found.items():
        before = copies.head(ecosystem)
        if before is not None and 2 * _count(packages) < int(before["advisories"]):
            raise ExportError(
                f"It holds {_count(packages)} advisories about {ecosystem}, and the present copy "
                f"{before['advisories']}: it looks cut off."
            )


def _count(packages: dict[str, list[osv.Advisory]]) -> int:
    return len({advisory.id for listed in packages.values() for advisory in listed})


_BEGINNING = 0
_SKEW_MS = 86_400_000  # clocks and time zones of those who write advisories


def _moment(text: str) -> str:
    """When an advisory was changed; what nobody can have changed yet is as old as can be."""
    from datetime import datetime

    moment = int(datetime.fromisoformat(text).timestamp() * 1000)
    now = clock.now_ms()
    return clock.iso(min(moment, now) if moment <= now + _SKEW_MS else _BEGINNING)


def _records(raw: bytes) -> Iterator[dict[str, Any]]:
    left = MAX_UNPACKED
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if len(archive.filelist) > MAX_RECORDS:
            raise ExportError(f"It holds more than {MAX_RECORDS:,} files.")
        for entry in archive.filelist:
            if not entry.filename.endswith(".json"):
                continue
            left -= entry.file_size
            if entry.file_size > MAX_RECORD or left < 0:
                raise ExportError(f"{entry.filename[:100]!r} is too large.")
            with archive.open(entry) as file:
                content = file.read(MAX_RECORD + 1)
            try:
                record = json.loads(content)
            except (ValueError, RecursionError):
                raise ExportError(f"{entry.filename[:100]!r} is no JSON.") from None
            if not isinstance(record, dict):
                raise ExportError(f"{entry.filename[:100]!r} is no advisory of OSV.")
            yield record


def _replace(ecosystem: str, packages: dict[str, list[osv.Advisory]], as_of: str) -> None:
    """Write a new generation, point the head at it, and remove the one before the last."""
    store = services().store
    before = copies.head(ecosystem)
    generation = ids.ulid()
    store.put(
        advisories.names_key(ecosystem, generation),
        advisories.pack_names(list(packages)),
        "application/octet-stream",
    )
    parts = advisories.pack_parts(packages)
    empty = b"{}"
    with ThreadPoolExecutor(16) as pool:
        list(
            pool.map(
                lambda part: store.put(
                    advisories.part_key(ecosystem, generation, part), parts.get(part, empty)
                ),
                advisories.PARTS,
            )
        )
    head = {
        "version": 1,
        "ecosystem": ecosystem,
        "generation": generation,
        "as_of": as_of,
        "imported_at": clock.iso(),
        "packages": len(packages),
        "advisories": _count(packages),
    }
    store.put(advisories.head_key(ecosystem), json.dumps(head, sort_keys=True).encode())
    kept = {generation, str(before["generation"]) if before else ""}
    old = [
        key
        for key, _ in store.sizes(f"osv/{ecosystem}/")
        if key.removeprefix(f"osv/{ecosystem}/").partition("/")[0] not in kept
    ]
    store.delete(old)


def _say(identifier: str, state: str, message: str) -> dict[str, Any]:
    status = {"id": identifier, "state": state, "message": message, "at": clock.iso()}
    services().store.put(STATUS, json.dumps(status).encode())
    return status


def overview() -> dict[str, Any]:
    """Every ecosystem with the copy there is, and how the last export fared."""
    raw = services().store.get(STATUS)
    return {
        "items": [_ecosystem(name) for name in ECOSYSTEMS],
        "last": json.loads(raw) if raw else None,
    }


def _ecosystem(name: str) -> dict[str, Any]:
    head = copies.head(name)
    if head is None:
        return {"ecosystem": name, "state": "absent", "as_of": None, "imported_at": None} | {
            "packages": 0,
            "advisories": 0,
        }
    fresh = copies.age_days(head["as_of"]) <= FRESH_DAYS
    return {
        "ecosystem": name,
        "state": "fresh" if fresh else "old",
        **{field: head[field] for field in ("as_of", "imported_at", "packages", "advisories")},
    }
