"""Upload what is missing, verify it, and write it down as a manifest.

Content is checked where it is stored: a signed PUT carries the blob's SHA-256 and length, and S3
refuses anything else. So a blob that exists under its name with its length is whole, and the
trusted side needs to look only at what is new.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chalicelib.artifacts import rows, rules
from chalicelib.artifacts.rules import File, FileListError
from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, not_found
from chalicelib.ports import Signed, services
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions as teams

PAGE = 1000
SIGNED_SECONDS = 3600
_LIST_RATHER_THAN_ASK = 300
"""From so many new blobs on, listing the store is cheaper than asking for each."""


@dataclass(frozen=True)
class Wanted:
    """A page of blobs that the store lacks, each with the request that stores it."""

    total: int
    missing: int
    uploads: list[tuple[str, Signed]]
    following: str | None


def open_upload(actor: Actor, project: project_rows.Project, kind: str) -> tuple[str, Signed]:
    """A new upload and the request that takes its file list."""
    identifier = ids.new("upl")
    row = rows.new_upload(identifier, project.team, project.id, kind, actor.id)
    row.base = project_rows.production_of(project.id) if kind == "output" else None
    row.save()
    return identifier, list_request(identifier)


def list_request(upload: str) -> Signed:
    """The signed PUT of an upload's file list."""
    return services().store.signed_put(rules.list_key(upload), SIGNED_SECONDS)


def authorise(actor: Actor, permission: str, _scope: str, path: dict[str, str]) -> rows.Upload:
    """The upload that a route's path names, when the actor may deploy its project."""
    absent = not_found("upload", path["upload"])
    row = rows.upload(path["upload"])
    if row is None:
        raise absent
    teams.require(actor, row.team, permission, absent=absent, on=_resource(row))
    return row


def find(upload: str) -> tuple[str, teams.Resource] | None:
    """An upload by id, for policies that name it: its team, and what it is there."""
    row = rows.upload(upload) if ids.is_id(upload, "upl") else None
    return None if row is None else (row.team, _resource(row))


def _resource(row: rows.Upload) -> teams.Resource:
    return teams.Resource("upload", row.id, project=row.project)


def files_of(upload: str) -> list[File]:
    """The checked file list of an upload; raises Problem."""
    return checked_list(upload, None)[0]


def checked_list(upload: str, expected: str | None) -> tuple[list[File], str]:
    """The checked file list of an upload and its SHA-256; raises Problem.

    Whoever uploads may replace the list for as long as their URL is good: with `expected` only
    the list with that SHA-256 will do.
    """
    key = rules.list_key(upload)
    if (services().store.size(key) or 0) > rules.MAX_LIST_BYTES:
        raise _refused(rules.too_long())
    raw = services().store.get(key)
    if raw is None:
        raise Conflict(
            "file_list_missing",
            "The file list was not uploaded.",
            hint="PUT it to `list_url` first.",
        )
    found = hashlib.sha256(raw).hexdigest()
    if expected not in {None, found}:
        raise Conflict(
            "file_list_changed",
            "The file list was replaced after it had been checked.",
            hint="Upload again, and write the list once.",
        )
    try:
        return rules.read_list(raw), found
    except FileListError as fault:
        raise _refused(fault) from None


def _refused(fault: FileListError) -> Invalid:
    return Invalid(fault.code, fault.message, hint="Correct the files and upload again.")


def missing(upload: str, team: str, base: str | None, cursor: str | None) -> Wanted:
    """The blobs of an upload that the store lacks, in pages of a thousand, ordered by hash.

    What is missing is looked up for the first page and kept for the others.
    """
    sizes = rules.digests(files_of(upload))
    absent = _kept_absent(upload) if cursor else None
    if absent is None:
        absent = sorted(_absent(team, sizes, base))
        if len(absent) > PAGE:
            services().store.put(rules.missing_key(upload), rules.pack(absent))
    start = bisect_right(absent, cursor or "")
    asked = absent[start : start + PAGE]
    store = services().store
    uploads = [
        (d, store.signed_put(rules.blob_key(team, d), SIGNED_SECONDS, length=sizes[d], sha256=d))
        for d in asked
        if d in sizes
    ]
    following = asked[-1] if start + PAGE < len(absent) else None
    return Wanted(len(sizes), len(absent), uploads, following)


def _kept_absent(upload: str) -> list[str] | None:
    packed = services().store.get(rules.missing_key(upload))
    return rules.unpack(packed) if packed else None


def _absent(team: str, sizes: dict[str, int], base: str | None) -> set[str]:
    """Which blobs are neither in `base`, all of which were verified, nor whole in the store."""
    known = _sizes_of(base) if base else {}
    candidates = {d: size for d, size in sizes.items() if known.get(d) != size}
    found = _sizes_in_store(team, candidates)
    return {d for d, size in candidates.items() if found.get(d) != size}


def _sizes_of(deployment: str) -> dict[str, int]:
    packed = services().store.get(rules.sizes_key(deployment))
    return rules.unpack_sizes(packed) if packed else {}


def write_shards(team: str, files: list[File], base: str | None) -> dict[str, bytes] | None:
    """Store the manifest shards that are new; None when the files fit into the manifest itself."""
    if len(files) <= rules.INLINE_FILES:
        return None
    parts = rules.shards(files)
    known = set((_manifest_of(base) or {}).get("shards", {}).values()) if base else set()
    fresh = {h: b for b in parts.values() if (h := hashlib.sha256(b).hexdigest()) not in known}
    store = services().store
    with ThreadPoolExecutor(16) as pool:
        list(
            pool.map(lambda item: store.put(rules.shard_key(team, item[0]), item[1]), fresh.items())
        )
    return parts


def _manifest_of(deployment: str) -> dict[str, Any] | None:
    import json

    raw = services().store.get(rules.manifest_key(deployment))
    return json.loads(raw) if raw else None


def verify(team: str, files: list[File], base: str | None) -> list[str]:
    """Paths whose blob is absent or has another length.

    Blobs of `base` were verified when it was published; only the others are looked up.
    """
    broken = _absent(team, rules.digests(files), base)
    return [f.path for f in files if f.sha256 in broken]


def _sizes_in_store(team: str, wanted: dict[str, int]) -> dict[str, int]:
    """Lengths of those of the wanted blobs that exist."""
    store = services().store
    prefix = rules.blob_key(team, "")
    with ThreadPoolExecutor(16) as pool:
        if len(wanted) < _LIST_RATHER_THAN_ASK:
            asked = pool.map(lambda d: (d, store.size(prefix + d)), wanted)
            return {d: size for d, size in asked if size is not None}
        lists = pool.map(lambda digit: list(store.sizes(prefix + digit)), "0123456789abcdef")
        return {key.removeprefix(prefix): size for part in lists for key, size in part}


def write_manifest(deployment: str, head: dict[str, Any], files: list[File]) -> None:
    """Write down what a deployment is. The last write before anything may point at it."""
    parts = rules.shards(files) if len(files) > rules.INLINE_FILES else None
    store = services().store
    sizes = rules.pack_sizes(rules.digests(files))
    store.put(rules.sizes_key(deployment), sizes, "application/octet-stream")
    store.put(rules.manifest_key(deployment), rules.dump(rules.manifest(head, files, parts)))


def listing(deployment: str) -> list[tuple[str, str, int]]:
    """(path, hash, length) of every file of a published deployment, sorted by path."""
    try:
        return list(_published(deployment))
    except LookupError:
        return []


@lru_cache(maxsize=4)
def _published(deployment: str) -> tuple[tuple[str, str, int], ...]:
    """The same, kept for the next page: what is published never changes. LookupError before."""
    document = _manifest_of(deployment)
    if document is None:
        raise LookupError(deployment)
    entries: dict[str, dict[str, Any]] = dict(document.get("files", {}))
    shards = document.get("shards", {}).values()
    with ThreadPoolExecutor(16) as pool:
        for files in pool.map(lambda sha256: _shard(document["team"], sha256), shards):
            entries.update(files)
    return tuple(sorted((path, e["h"], e["s"]) for path, e in entries.items()))


def _shard(team: str, sha256: str) -> dict[str, dict[str, Any]]:
    import json

    raw = services().store.get(rules.shard_key(team, sha256))
    if raw is None:
        raise LookupError(sha256)
    files: dict[str, dict[str, Any]] = json.loads(raw)["files"]
    return files
