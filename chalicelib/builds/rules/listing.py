"""A source tree as a list: the digest of every file, and the texts that say how it is built."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LINK = 0o120000
"""Mode of a link; its digest is that of the path it names."""

MAX_TEXT = 256 * 1024
MAX_TEXTS = 8 * 1024 * 1024
"""Bytes of one text, and of all texts of a tree."""

_TELLING = re.compile(
    r"(?:\A|/)(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|pnpm-(?:lock|workspace)\.yaml"
    r"|yarn\.lock|bun\.lock|turbo\.json|nx\.json|project\.json|lerna\.json|rush\.json|deno\.jsonc?"
    r"|Cargo\.(?:toml|lock)|go\.(?:mod|sum|work)|pyproject\.toml|(?:uv|poetry|pdm)\.lock"
    r"|requirements[^/]{0,60}\.(?:txt|in)|Pipfile(?:\.lock)?|runtime\.txt|setup\.cfg"
    r"|Gemfile(?:\.lock)?|clouddeck\.toml|netlify\.toml|vercel\.json|render\.yaml"
    r"|amplify\.ya?ml|buildspec\.ya?ml|\.(?:nvmrc|node-version|python-version|tool-versions))\Z"
)
_FOREIGN = re.compile(r"(?:\A|/)(?:node_modules|\.git|vendor/bundle)/")


@dataclass(frozen=True)
class Tree:
    """What a source holds: `files` is path -> (SHA-256, mode), `texts` path -> content.

    `tree` is one digest of all of `files`.
    """

    tree: str
    files: Mapping[str, tuple[str, int]]
    texts: Mapping[str, str]

    def to_json(self) -> bytes:
        """The object `trees/<project>/<commit>.json`."""
        content = {
            "version": 1,
            "tree": self.tree,
            "files": {path: list(entry) for path, entry in self.files.items()},
            "texts": dict(self.texts),
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def tree_of(files: Mapping[str, tuple[str, int]], texts: Mapping[str, str]) -> Tree:
    """A tree with its digest; the order in which files came does not matter."""
    return Tree(digest_of(files), dict(files), dict(texts))


def digest_of(files: Mapping[str, tuple[str, int]]) -> str:
    """One digest of paths, contents and modes."""
    digest = hashlib.sha256()
    for path in sorted(files):
        sha256, mode = files[path]
        name = path.encode("utf-8", "surrogatepass")
        digest.update(b"%d %s %o\0" % (len(name), sha256.encode(), mode) + name)
    return digest.hexdigest()


def read_tree(raw: bytes) -> Tree:
    """What `to_json` wrote; raises ValueError for anything else."""
    content: Any = json.loads(raw)
    if not isinstance(content, dict) or content.get("version") != 1:
        raise ValueError("not a tree of version 1")
    files = {path: (str(sha), int(mode)) for path, (sha, mode) in content["files"].items()}
    return Tree(str(content["tree"]), files, content["texts"])


def is_telling(path: str) -> bool:
    """Whether a file says how a tree is built, what it needs or which parts it has."""
    return bool(_TELLING.search(path)) and not _FOREIGN.search(path)
