"""From a commit in a pack to a .tar.gz of its files.

The result holds exactly what is in the tree, whatever .gitattributes says of archives: a build
wants all files. Submodules are folders of somebody else and stay out.
"""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.core import clock
from chalicelib.git.providers import Tip
from chalicelib.git.providers.wire.delta import rejected
from chalicelib.git.providers.wire.http import too_large
from chalicelib.git.providers.wire.pack import Pack

MAX_FILES = 200_000
MAX_DEPTH = 100
MAX_PATH = 4096
MESSAGE_CHARACTERS = 4096

_FOLDER, _FILE, _PROGRAM, _SYMLINK, _SUBMODULE = "40000", "100644", "100755", "120000", "160000"
_FILES = {_FILE, "100664", _PROGRAM}


@dataclass(frozen=True)
class Item:
    """Something in a tree: a path, git's mode and the object's id."""

    path: str
    mode: str
    identifier: str


def described(pack: Pack, commit: str) -> Tip:
    """A commit as it says itself: message, author and time of the commit."""
    headers, _, message = pack.read(commit, "commit").decode("utf-8", "replace").partition("\n\n")
    author, seconds = "", ""
    for line in headers.splitlines():
        name, _, value = line.partition(" ")
        if name == "author":
            author = value.partition(" <")[0]
        elif name == "committer":
            seconds = value.rpartition("> ")[2].split(" ")[0]
    time = clock.iso(int(seconds) * 1000) if seconds.isdigit() and len(seconds) < 12 else ""
    signed = None if "\ngpgsig" in headers else False
    return Tip(commit, message.strip()[:MESSAGE_CHARACTERS], author[:200], time, signed)


def tree_of(pack: Pack, commit: str) -> str:
    """The id of a commit's tree."""
    first = pack.read(commit, "commit").split(b"\n", 1)[0].decode("ascii", "replace")
    if not first.startswith("tree "):
        raise rejected("the commit names no tree")
    return first.removeprefix("tree ")


def items(pack: Pack, tree: str, width: int = 20) -> Iterator[Item]:
    """Everything in a tree, folders before what is in them, in git's order."""
    seen = 0
    stack: list[tuple[str, Iterator[tuple[str, str, str]]]] = [("", _entries(pack, tree, width))]
    while stack:
        folder, entries = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
            continue
        mode, name, identifier = entry
        path = f"{folder}{name}"
        seen += 1
        if seen > MAX_FILES:
            raise rejected(f"the tree has more than {MAX_FILES} files")
        if len(path.encode("utf-8", "surrogateescape")) > MAX_PATH or len(stack) > MAX_DEPTH:
            raise rejected("folders are nested too deeply")
        yield Item(path, mode, identifier)
        if mode == _FOLDER:
            stack.append((f"{path}/", _entries(pack, identifier, width)))


def archive(pack: Pack, commit: str, into: BinaryIO, limit: int) -> None:
    """Write the tree of a commit as .tar.gz, the same bytes for the same commit.

    Raises Refused `source_too_large` beyond `limit` bytes.
    """
    width = len(commit) // 2
    moment = described(pack, commit).time
    seconds = clock_seconds(moment)
    bounded = _Bounded(into, limit)
    with (
        gzip.GzipFile(filename="", fileobj=bounded, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for item in items(pack, tree_of(pack, commit), width):
            _add(tar, pack, item, seconds)


def clock_seconds(moment: str) -> int:
    """Seconds since 1970 of a time as we write it; 0 for none."""
    from datetime import datetime

    return int(datetime.fromisoformat(moment).timestamp()) if moment else 0


def _add(tar: tarfile.TarFile, pack: Pack, item: Item, seconds: int) -> None:
    info = tarfile.TarInfo(item.path)
    info.mtime = seconds
    if item.mode == _SUBMODULE:
        return
    if item.mode == _FOLDER:
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(info)
    elif item.mode == _SYMLINK:
        target = pack.read(item.identifier, "blob")
        if len(target) > MAX_PATH or b"\0" in target:
            raise rejected(f"{item.path[:80]!r} is a link to nowhere")
        info.type, info.mode = tarfile.SYMTYPE, 0o777
        info.linkname = target.decode("utf-8", "surrogateescape")
        tar.addfile(info)
    else:
        if pack.kind(item.identifier) != "blob":
            raise rejected(f"{item.path[:80]!r} is not a file")
        info.mode = 0o755 if item.mode == _PROGRAM else 0o644
        info.size = pack.size(item.identifier)
        tar.addfile(info, _Reading(pack.pieces(item.identifier)))


def _entries(pack: Pack, tree: str, width: int) -> Iterator[tuple[str, str, str]]:
    data = pack.read(tree, "tree")
    at = 0
    names: set[bytes] = set()
    while at < len(data):
        space, end = data.find(b" ", at, at + 8), data.find(b"\0", at)
        if space < 0 or end < space or end + 1 + width > len(data):
            raise rejected("a tree is damaged")
        mode = data[at:space].decode("ascii", "replace").lstrip("0")
        name = data[space + 1 : end]
        if not _is_name(name) or name in names:
            raise rejected("a tree holds a name that is none")
        names.add(name)
        if mode not in _FILES | {_FOLDER, _SYMLINK, _SUBMODULE}:
            raise rejected(f"a tree holds something of mode {mode[:8]}")
        at = end + 1 + width
        yield mode, name.decode("utf-8", "surrogateescape"), data[end + 1 : at].hex()


def _is_name(name: bytes) -> bool:
    """Git itself refuses these too: they lead out of the folder, or into its own."""
    return (
        0 < len(name) <= 255
        and b"/" not in name
        and name not in {b".", b".."}
        and name.lower() != b".git"
    )


class _Reading:
    """Pieces as a file that `tarfile` can read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while have < size or size < 0:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        if size < 0:
            self._rest = b""
            return whole
        self._rest = whole[size:]
        return whole[:size]


class _Bounded:
    """A file that takes so many bytes and no more."""

    def __init__(self, into: BinaryIO, limit: int) -> None:
        self._into = into
        self._limit = limit
        self._left = limit

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise too_large(self._limit)
        return self._into.write(data)

    def flush(self) -> None:
        self._into.flush()
