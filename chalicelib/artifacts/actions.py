"""Upload what is missing, verify it, and write it down as a manifest.

Content is checked where it is stored: a signed PUT carries the blob's SHA-256 and length, and S3
refuses anything else. So a blob that exists under its name with its length is whole, and the
trusted side needs to look only at what is new.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
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
    teams.require(actor, row.team, permission, absent=absent)
    return row


def files_of(upload: str) -> list[File]:
    """The checked file list of an upload; raises Problem."""
    raw = services().store.get(rules.list_key(upload))
    if raw is None:
        raise Conflict(
            "file_list_missing",
            "The file list was not uploaded.",
            hint="PUT it to `list_url` first.",
        )
    try:
        return rules.read_list(raw)
    except FileListError as fault:
        raise Invalid(
            fault.code, fault.message, hint="Correct the files and upload again."
        ) from None


def missing(upload: str, team: str, base: str | None, cursor: str | None) -> Wanted:
    """The blobs of an upload that the store lacks, in pages of a thousand, ordered by hash."""
    sizes = rules.digests(files_of(upload))
    absent = sorted(_absent(team, sizes, base))
    start = cursor or ""
    page = list(islice((d for d in absent if d > start), PAGE))
    store = services().store
    uploads = [
        (d, store.signed_put(rules.blob_key(team, d), SIGNED_SECONDS, length=sizes[d], sha256=d))
        for d in page
    ]
    following = page[-1] if page and page[-1] != absent[-1] else None
    return Wanted(len(sizes), len(absent), uploads, following)


def _absent(team: str, sizes: dict[str, int], base: str | None) -> set[str]:
    candidates = set(sizes) - (_digests_of(base) if base else set())
    return candidates - rows.known(team, candidates)


def _digests_of(deployment: str) -> set[str]:
    packed = services().store.get(rules.digests_key(deployment))
    return rules.unpack_digests(packed) if packed else set()


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
    """Paths whose blob is absent or has another length; what is whole is remembered.

    Only blobs that are neither in `base` nor remembered are looked up in the store.
    """
    sizes = rules.digests(files)
    new = {d: sizes[d] for d in _absent(team, sizes, base)}
    found = _sizes_in_store(team, new)
    whole = {d: size for d, size in new.items() if found.get(d) == size}
    rows.record(team, whole)
    broken = set(new) - set(whole)
    return [f.path for f in files if f.sha256 in broken]


def _sizes_in_store(team: str, wanted: dict[str, int]) -> dict[str, int]:
    store = services().store
    found: dict[str, int] = {}
    rest = set(wanted)
    if len(wanted) >= _LIST_RATHER_THAN_ASK:
        for key, size in islice(store.sizes(f"blobs/{team}/"), 20 * len(wanted)):
            digest = key.rpartition("/")[2]
            if digest in rest:
                found[digest] = size
                rest.discard(digest)
    with ThreadPoolExecutor(16) as pool:
        sizes = pool.map(lambda d: (d, store.size(rules.blob_key(team, d))), sorted(rest))
        found.update({d: size for d, size in sizes if size is not None})
    return found


def write_manifest(deployment: str, head: dict[str, Any], files: list[File]) -> None:
    """Write down what a deployment is. The last write before anything may point at it."""
    parts = rules.shards(files) if len(files) > rules.INLINE_FILES else None
    store = services().store
    store.put(rules.digests_key(deployment), rules.pack_digests(files), "application/octet-stream")
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
