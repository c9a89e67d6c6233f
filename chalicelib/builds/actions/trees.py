"""What is in a source: told once, when it arrives, without ever writing one of its files to a disk.

An archive comes from a stranger. It is read as a stream, with caps on what it unpacks to, on how
many files it has and on its headers. One that cannot be read has no tree: its build says what is
wrong with it, and only what saves work for honest ones is lost.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts.rules import blob_key
from chalicelib.builds.rules import listing
from chalicelib.builds.rules.listing import LINK, Tree
from chalicelib.core.observe import logger
from chalicelib.ports import services

MAX_ARCHIVE = 256 * 1024 * 1024
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_FILES = 100_000
MAX_HEADER = 1024 * 1024
_PIECE = 256 * 1024

_UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, OSError)


class HostileError(ValueError):
    """An archive passed a cap, or holds what no tree has."""


def of_commit(project: str, commit: str) -> Tree | None:
    """The tree of a commit whose archive is in the store; None when there is none to be had.

    Made at the first call and kept as `trees/<project>/<commit>.json`.
    """
    store = services().store
    key = f"trees/{project}/{commit}.json"
    kept = store.get(key)
    if kept is not None:
        return listing.read_tree(kept)
    source = f"sources/{project}/{commit}.tar.gz"
    if (store.size(source) or 0) > MAX_ARCHIVE:
        return None
    archive = store.get(source)
    if archive is None:
        return None
    try:
        tree = read_archive(archive)
    except _UNREADABLE as why:
        logger().info("tree_unreadable", extra={"source": source, "why": str(why)[:200]})
        return None
    store.put(key, tree.to_json())
    return tree


def of_upload(team: str, upload: str) -> Tree:
    """The tree of an uploaded source, from its file list; raises Problem when there is none."""
    files = artifacts.files_of(upload)
    store = services().store
    texts: dict[str, str] = {}
    room = listing.MAX_TEXTS
    for file in files:
        if listing.is_telling(file.path) and file.size <= min(room, listing.MAX_TEXT):
            text = _text(store.get(blob_key(team, file.sha256)) or b"")
            if text is not None:
                texts[file.path] = text
                room -= file.size
    return listing.tree_of({f.path: (f.sha256, f.mode) for f in files}, texts)


def read_archive(archive: bytes) -> Tree:
    """The tree of a `.tar.gz`; raises one of `_UNREADABLE` for an archive that is refused."""
    stream: Any = _Capped(gzip.GzipFile(fileobj=io.BytesIO(archive)))
    files: dict[str, tuple[str, int]] = {}
    texts: dict[str, str] = {}
    room = listing.MAX_TEXTS
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as tar:
        while (member := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # it would keep them all
            path = _path(member.name)
            if not path or member.isdir():
                continue
            if path in files or len(files) >= MAX_FILES:
                raise HostileError("a file occurs twice" if path in files else "too many files")
            if member.issym():
                target = member.linkname.encode("utf-8", "surrogatepass")
                files[path] = (hashlib.sha256(target).hexdigest(), LINK)
            elif member.isfile():
                wanted = listing.is_telling(path) and member.size <= min(room, listing.MAX_TEXT)
                digest, content = _read(tar, member, keep=wanted)
                files[path] = (digest, 0o755 if member.mode & 0o111 else 0o644)
                text = _text(content) if wanted else None
                if text is not None:
                    texts[path] = text
                    room -= member.size
            else:
                raise HostileError(f"{path[:200]!r} is neither a file nor a folder nor a link")
    return listing.tree_of(files, texts)


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo, *, keep: bool) -> tuple[str, bytes]:
    stream = tar.extractfile(member)
    if stream is None:
        raise HostileError("a file without content")
    digest, kept = hashlib.sha256(), []
    while piece := stream.read(_PIECE):
        digest.update(piece)
        if keep:
            kept.append(piece)
    return digest.hexdigest(), b"".join(kept)


def _path(name: str) -> str:
    """A name as the runner will write it; raises HostileError when it would not."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise HostileError(f"{name[:200]!r} leads out of the tree")
    return "/".join(parts)


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


class _Member(tarfile.TarInfo):
    """A header that is refused before its extension is read into memory."""

    _EXTENSIONS = (
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    )

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in self._EXTENSIONS and self.size > MAX_HEADER:
            raise HostileError("an extended header is too large")
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise HostileError("sparse files are not supported")
        found: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]  # private
        return found


class _Capped:
    """A stream that ends with an exception after so many bytes: a small archive may be a bomb."""

    def __init__(self, stream: io.BufferedIOBase | gzip.GzipFile) -> None:
        self._stream = stream
        self._left = MAX_UNPACKED

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; raises HostileError when there are too many of them."""
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise HostileError(f"it unpacks to more than {MAX_UNPACKED} bytes")
        return piece


__all__ = ["HostileError", "Tree", "of_commit", "of_upload", "read_archive"]
