"""File lists and manifests as data: checks, shards, keys. Pure.

A file list comes from a machine that ran a stranger's code; nothing in it is believed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

MAX_FILES = 100_000
MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_TOTAL_BYTES = 10 * 1024 * 1024 * 1024
MAX_PATH_BYTES = 1024
MAX_LIST_BYTES = 64 * 1024 * 1024
INLINE_FILES = 1000
"""Up to here a manifest names its files itself; above, it names shards."""

FEW_FILES = 8000
"""Up to here there are 16 shards, above 256."""

CONFIGURATION = frozenset(
    {"clouddeck.toml", "_redirects", "_headers", "netlify.toml", "vercel.json"}
)
"""Files at the top of an output that say how it is served: nobody is shown them."""

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_BAD_PATH = re.compile(
    r"(?P<control>[\x00-\x1f\x7f-\x9f\ud800-\udfff])|(?P<slash>\\)|(?:\A|/)\.{0,2}(?:/|\Z)"
)
_MODES = (0o644, 0o755)


class FileListError(ValueError):
    """A file list that cannot be published; `code` and the sentence go to the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class File(NamedTuple):
    """One file of a deployment: its content is the blob named by `sha256`."""

    path: str
    sha256: str
    size: int
    mode: int = 0o644


def path_fault(path: str) -> str:
    """Why a path cannot be published, as a sentence; empty when it can."""
    found = _BAD_PATH.search(path)
    if found is None and len(path) <= MAX_PATH_BYTES // 4:
        return ""
    if not path or len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        return f"a path has 1 to {MAX_PATH_BYTES} bytes"
    if found is None:
        return ""
    if found["control"]:
        return "a file name holds a control character or is not UTF-8"
    if found["slash"] or path.startswith("/"):
        return "a path is relative and separated by /"
    return "a path has no empty, . or .. part"


def read_list(raw: bytes) -> list[File]:
    """The files of an uploaded list, sorted by path; raises FileListError."""
    if len(raw) > MAX_LIST_BYTES:
        raise too_long()
    if raw.count(b",") > 20 * MAX_FILES:  # parsed, millions of tiny values take gigabytes
        raise FileListError("output_rejected", "The file list holds too many values.")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise FileListError("output_rejected", "The file list is not JSON.") from None
    entries = content.get("files") if isinstance(content, dict) else None
    if not isinstance(entries, list) or content.get("version") != 1:
        raise FileListError("output_rejected", "The file list is not of version 1.")
    if not entries:
        raise FileListError("output_missing", "There is no file to publish.")
    if len(entries) > MAX_FILES:
        raise FileListError("output_rejected", f"{len(entries)} files; the limit is {MAX_FILES}.")
    files = [_file(entry) for entry in entries]
    files.sort(key=lambda f: f.path)
    _check_together(files)
    return files


def served(files: list[File]) -> list[File]:
    """The files of an output that visitors may see."""
    return [file for file in files if file.path not in CONFIGURATION]


def too_long() -> FileListError:
    """A list that nobody needs to read to know that it is too long."""
    return FileListError("output_rejected", f"The file list has over {MAX_LIST_BYTES} bytes.")


def _file(entry: Any) -> File:
    if not isinstance(entry, dict):
        raise FileListError("output_rejected", "An entry of the file list is not an object.")
    path, sha256, size = entry.get("path"), entry.get("sha256"), entry.get("size")
    fault = path_fault(path) if isinstance(path, str) else "a path is a text"
    if fault:
        raise FileListError("output_rejected", f"{path!r}: {fault}.")
    if not isinstance(sha256, str) or not _SHA256.match(sha256):
        raise FileListError("output_rejected", f"{path!r}: the sha256 is not 64 hex digits.")
    if type(size) is not int or not 0 <= size <= MAX_FILE_BYTES:
        raise FileListError(
            "output_rejected", f"{path!r}: a file has at most {MAX_FILE_BYTES} bytes."
        )
    mode = entry.get("mode")
    executable = isinstance(mode, int) and bool(mode & 0o100)
    return File(str(path), sha256, size, _MODES[executable])


def _check_together(files: list[File]) -> None:
    sizes: dict[str, int] = {}
    total = 0
    previous = ""
    folders: set[str] = set()
    for path, sha256, size, _ in files:
        if path == previous:
            raise FileListError("output_rejected", f"{path!r} is listed twice.")
        if sizes.setdefault(sha256, size) != size:
            raise FileListError("output_rejected", f"{path!r}: one hash with two lengths.")
        total += size
        previous = path
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    clash = next((f.path for f in files if f.path in folders), None)
    if clash is not None:
        raise FileListError("output_rejected", f"{clash!r} is a file and a folder.")
    if total > MAX_TOTAL_BYTES:
        raise FileListError("output_rejected", f"{total} bytes; the limit is {MAX_TOTAL_BYTES}.")


def digests(files: list[File]) -> dict[str, int]:
    """Length by hash, each blob once."""
    return {f.sha256: f.size for f in files}


def pack(hashes: Iterable[str]) -> bytes:
    """Hashes sorted, 32 bytes each."""
    return b"".join(bytes.fromhex(d) for d in sorted(hashes))


def unpack(packed: bytes) -> list[str]:
    """The hashes of `pack`, in order."""
    text = packed.hex()
    return [text[i : i + 64] for i in range(0, len(text), 64)]


def pack_sizes(sizes: dict[str, int]) -> bytes:
    """Hashes sorted, 32 bytes each, every one followed by its length in 8 bytes."""
    return b"".join(bytes.fromhex(d) + sizes[d].to_bytes(8, "big") for d in sorted(sizes))


def unpack_sizes(packed: bytes) -> dict[str, int]:
    """What `pack_sizes` packed."""
    starts = range(0, len(packed), 40)
    return {
        packed[i : i + 32].hex(): int.from_bytes(packed[i + 32 : i + 40], "big") for i in starts
    }


def dump(content: Any) -> bytes:
    """Canonical JSON: equal content gives equal bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def shards(files: list[File]) -> dict[str, bytes]:
    """The files in 16 or 256 parts, by the first one or two hex digits of sha256(path)."""
    digits = 1 if len(files) <= FEW_FILES else 2
    parts: dict[str, dict[str, Any]] = {}
    for path, sha256, size, _ in files:
        name = hashlib.sha256(path.encode()).hexdigest()[:digits]
        parts.setdefault(name, {})[path] = {"h": sha256, "s": size}
    return {name: dump({"files": entries}) for name, entries in sorted(parts.items())}


def manifest(
    head: dict[str, Any], files: list[File], parts: dict[str, bytes] | None
) -> dict[str, Any]:
    """The manifest document; `head` says whose it is and how it is served."""
    document: dict[str, Any] = {
        "version": 1,
        **head,
        "count": len(files),
        "bytes": sum(f.size for f in files),
    }
    if parts is None:
        document["files"] = {f.path: {"h": f.sha256, "s": f.size} for f in files}
    else:
        document["shards"] = {n: hashlib.sha256(b).hexdigest() for n, b in parts.items()}
    return document


def blob_key(team: str, sha256: str) -> str:
    """Where a blob lives; blobs are never shared between teams."""
    return f"blobs/{team}/{sha256}"


def shard_key(team: str, sha256: str) -> str:
    """Where a manifest shard lives."""
    return f"shards/{team}/{sha256}.json"


def manifest_key(deployment: str) -> str:
    """Where a deployment's manifest lives."""
    return f"manifests/{deployment}.json"


def sizes_key(deployment: str) -> str:
    """Where the packed hashes and lengths of a deployment live."""
    return f"sizes/{deployment}"


def missing_key(upload: str) -> str:
    """Where the hashes that an upload lacks are kept between two pages of the answer."""
    return f"incoming/{upload}/missing"


def list_key(upload: str) -> str:
    """Where the file list of an upload arrives."""
    return f"incoming/{upload}/files.json"
