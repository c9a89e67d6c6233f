"""Manifests and shards as they lie in the store: checked before anything is served from them."""

import hashlib
import json
import re
from typing import Any

from chalicelib.edge.rules.resolve import SiteRules

MAX_BYTES = 8 * 1024 * 1024
"""No manifest and no shard is larger; more is not read."""

Files = dict[str, tuple[str, int]]
"""Path -> (sha256 in hex, size in bytes)."""

_ID = r"[0-7][0-9a-hjkmnp-tv-z]{25}\Z"
_DEPLOYMENT = re.compile("dpl_" + _ID)
_PROJECT = re.compile("prj_" + _ID)
_TEAM = re.compile("team_" + _ID)
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_SHARD = re.compile(r"[0-9a-f]{1,2}\Z")


class BadManifestError(ValueError):
    """A manifest or a shard that says nothing usable."""


class Manifest:
    """What a deployment consists of. `files` is None when the files stand in `shards`.

    `routing` is the digest of its routing rules, None when it has none.
    """

    __slots__ = (
        "_digits",
        "deployment",
        "files",
        "project",
        "routing",
        "rules",
        "shards",
        "slug",
        "target",
        "team",
    )

    def __init__(self, body: dict[str, Any]) -> None:
        self.deployment: str = body["deployment"]
        self.project: str = body["project"]
        self.team: str = body["team"]
        self.slug = str(body.get("slug", ""))
        self.rules = SiteRules(bool(body.get("spa", False)), bool(body.get("clean_urls", True)))
        self.target = str(body.get("target", ""))
        self.routing: str | None = body.get("routing")
        self.files = parse_files(body["files"]) if "files" in body else None
        self.shards = _shards(body["shards"]) if "shards" in body else {}
        self._digits = len(next(iter(self.shards), ""))

    def shard_of(self, path: str) -> str | None:
        """The digest of the shard that would name `path`; None when there is no such shard."""
        return self.shards.get(hashlib.sha256(path.encode()).hexdigest()[: self._digits])


def parse_manifest(data: bytes, deployment: str) -> Manifest:
    """The manifest of `deployment`; raises BadManifestError rather than serve from half of one."""
    body = _json(data)
    if body.get("version") != 1 or body.get("deployment") != deployment:
        raise BadManifestError(f"the manifest is not that of {deployment}")
    for name, pattern in (("deployment", _DEPLOYMENT), ("project", _PROJECT), ("team", _TEAM)):
        if not isinstance(body.get(name), str) or not pattern.match(body[name]):
            raise BadManifestError(f"{deployment}: {name} is no id")
    routing = body.get("routing")
    if routing is not None and not (isinstance(routing, str) and _SHA256.match(routing)):
        raise BadManifestError(f"{deployment}: routing is no digest")
    if ("files" in body) == ("shards" in body):
        raise BadManifestError(f"{deployment}: the manifest lists no files")
    return Manifest(body)


def parse_shard(data: bytes, digest: str) -> Files:
    """A shard's files, which must have this very SHA-256; raises BadManifestError."""
    if hashlib.sha256(data).hexdigest() != digest:
        raise BadManifestError(f"shard {digest} is damaged")
    return parse_files(_json(data).get("files"))


def parse_files(files: object) -> Files:
    """The path -> (digest, size) table of a manifest or a shard; raises BadManifestError."""
    if not isinstance(files, dict):
        raise BadManifestError("a file table is not an object")
    table: Files = {}
    for path, entry in files.items():
        digest, size = (entry.get("h"), entry.get("s")) if isinstance(entry, dict) else (None, None)
        if not isinstance(digest, str) or not _SHA256.match(digest):
            raise BadManifestError(f"no digest for {path}")
        if type(size) is not int or size < 0:
            raise BadManifestError(f"no size for {path}")
        table[path] = (digest, size)
    return table


def _shards(shards: object) -> dict[str, str]:
    if not isinstance(shards, dict):
        raise BadManifestError("the shard table is not an object")
    for shard, digest in shards.items():
        if not _SHARD.match(shard) or not isinstance(digest, str) or not _SHA256.match(digest):
            raise BadManifestError(f"no digest for shard {shard}")
    if len({len(shard) for shard in shards}) > 1:
        raise BadManifestError("the shards are not named alike")
    return shards


def _json(data: bytes) -> dict[str, Any]:
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadManifestError("not JSON") from error
    if not isinstance(body, dict):
        raise BadManifestError("not a JSON object")
    return body
