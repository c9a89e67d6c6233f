"""Reading a pack (gitformat-pack(5)) that a stranger sent, whole and with bounds.

Every object is hashed here, so whoever looks something up by its id has what the id promises. No
object is taken on its word: its length is known before it is unpacked, and what unpacks to more
is refused. Files that are not stored as differences are never in memory as a whole.
"""

from __future__ import annotations

import hashlib
import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.git.providers.wire.delta import MAX_IN_MEMORY, applied, rejected, varint

MAX_OBJECTS = 300_000
MAX_UNPACKED = 8 * 1024**3
"""Bytes of all objects together."""

MAX_CHAIN = 4096
_CACHE_BYTES = 48 * 1024**2
_CHUNK = 256 * 1024

_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_OFFSET_DELTA, _ID_DELTA = 6, 7


@dataclass(frozen=True)
class _Entry:
    kind: int
    size: int
    data: int  # where its zlib stream begins
    base: int | str  # of a delta: offset or id
    becomes: int = 0  # length of what a delta makes


class Pack:
    """The objects of one pack, by id. `algorithm` is `sha1` or `sha256`."""

    def __init__(self, file: BinaryIO, algorithm: str = "sha1") -> None:
        """Read all of it; raises Refused `source_rejected` for anything but a whole pack."""
        self._hash = algorithm
        self._width = hashlib.new(algorithm).digest_size
        file.seek(0, 2)
        if file.tell() < 12 + self._width:
            raise rejected("it is empty")
        self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._entries: dict[int, _Entry] = {}
        self._at: dict[str, int] = {}
        self._kinds: dict[int, str] = {}
        self._cache: dict[int, bytes] = {}
        self._cached = 0
        self._scan()
        self._resolve()

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._at

    def kind(self, identifier: str) -> str:
        """`commit`, `tree`, `blob` or `tag`; raises Refused when it is not here."""
        return self._kinds[self._offset(identifier)]

    def size(self, identifier: str) -> int:
        """The length of an object."""
        entry = self._entries[self._offset(identifier)]
        return entry.becomes if entry.base != "" else entry.size

    def read(self, identifier: str, kind: str) -> bytes:
        """An object that has to be of a kind, at most MAX_IN_MEMORY long."""
        if self.kind(identifier) != kind:
            raise rejected(f"{identifier[:12]} is not a {kind}")
        if self.size(identifier) > MAX_IN_MEMORY:
            raise rejected(f"a {kind} is larger than {MAX_IN_MEMORY} bytes")
        return self._whole(self._offset(identifier))

    def pieces(self, identifier: str) -> Iterator[bytes]:
        """An object in pieces."""
        offset = self._offset(identifier)
        entry = self._entries[offset]
        if entry.base != "":
            yield self._whole(offset)
        else:
            yield from self._inflate(entry.data, entry.size)

    def _offset(self, identifier: str) -> int:
        found = self._at.get(identifier)
        if found is None:
            raise rejected(f"object {identifier[:12]} is missing")
        return found

    # one pass over the file

    def _scan(self) -> None:
        end = len(self._bytes) - self._width
        head = self._bytes[:12]
        count = int.from_bytes(head[8:], "big")
        if head[:4] != b"PACK" or int.from_bytes(head[4:8], "big") not in {2, 3}:
            raise rejected("it is not a pack")
        if count > MAX_OBJECTS:
            raise rejected(f"it has more than {MAX_OBJECTS} objects")
        position, unpacked = 12, 0
        for _ in range(count):
            offset = position
            entry = self._header(offset, end)
            unpacked += max(entry.size, entry.becomes)
            if unpacked > MAX_UNPACKED:
                raise rejected(f"it unpacks to more than {MAX_UNPACKED} bytes")
            position = self._measure(offset, entry, end)
        if position != end:
            raise rejected("it holds more than it says")
        digest = hashlib.new(self._hash)
        for start in range(0, end, _CHUNK):
            digest.update(self._bytes[start : min(start + _CHUNK, end)])
        if digest.digest() != self._bytes[end:]:
            raise rejected("its checksum is wrong")

    def _header(self, offset: int, end: int) -> _Entry:
        position, shift = offset, 4
        byte = self._byte(position, end)
        kind, size = byte >> 4 & 7, byte & 15
        while byte & 0x80:
            position += 1
            byte = self._byte(position, end)
            size |= (byte & 0x7F) << shift
            shift += 7
            if shift > 60:
                raise rejected("a length has no end")
        position += 1
        if kind in _KINDS:
            return _Entry(kind, size, position, "")
        if kind == _ID_DELTA:
            base: int | str = self._bytes[position : position + self._width].hex()
            position += self._width
        elif kind == _OFFSET_DELTA:
            byte = self._byte(position, end)
            back = byte & 0x7F
            while byte & 0x80:
                position += 1
                byte = self._byte(position, end)
                back = (back + 1) << 7 | byte & 0x7F
                if back > offset:
                    raise rejected("a difference is to nothing")
            position += 1
            base = offset - back
            if base < 12 or base >= offset:
                raise rejected("a difference is to nothing")
        else:
            raise rejected(f"it holds an object of kind {kind}")
        if size > MAX_IN_MEMORY:
            raise rejected("a difference is too large")
        begin = b"".join(self._inflate(position, size, most=20))
        _, at = varint(begin, 0)
        becomes, _ = varint(begin, at)
        if becomes > MAX_IN_MEMORY:
            raise rejected(f"a difference makes more than {MAX_IN_MEMORY} bytes")
        return _Entry(kind, size, position, base, becomes)

    def _measure(self, offset: int, entry: _Entry, end: int) -> int:
        """Where the next entry begins; an object that is whole gets its id on the way."""
        digest = None
        if entry.kind in _KINDS:
            digest = hashlib.new(self._hash, f"{_KINDS[entry.kind]} {entry.size}\0".encode())
        stream = zlib.decompressobj()
        position, left = entry.data, entry.size
        while not stream.eof:
            piece = self._bytes[position : min(position + _CHUNK, end)]
            if not piece:
                raise rejected("it ends in the middle")
            position += len(piece)
            while True:
                out = _decompress(stream, piece, min(left, _CHUNK) + 1)
                left -= len(out)
                if left < 0:
                    raise rejected("an object is longer than it says")
                if digest is not None:
                    digest.update(out)
                piece = stream.unconsumed_tail
                if not piece or stream.eof:
                    break
        if left:
            raise rejected("an object is shorter than it says")
        self._entries[offset] = entry
        if digest is not None:
            self._at[digest.hexdigest()] = offset
            self._kinds[offset] = _KINDS[entry.kind]
        return position - len(stream.unused_data)

    def _byte(self, position: int, end: int) -> int:
        if position >= end:
            raise rejected("it ends in the middle")
        return self._bytes[position]

    def _inflate(self, position: int, size: int, most: int | None = None) -> Iterator[bytes]:
        stream = zlib.decompressobj()
        left = size if most is None else min(size, most)
        piece = b""
        while left > 0 and not stream.eof:
            if not piece:
                piece = self._bytes[position : position + _CHUNK]
                position += len(piece)
                if not piece:
                    raise rejected("it ends in the middle")
            out = _decompress(stream, piece, min(left, _CHUNK))
            piece = stream.unconsumed_tail
            left -= len(out)
            yield out

    # differences

    def _resolve(self) -> None:
        """Give every difference its id; those to ids that come later take more rounds."""
        waiting = [o for o, e in self._entries.items() if e.base != ""]
        while waiting:
            left = []
            for offset in waiting:
                base = self._base(offset)
                if base is None or base not in self._kinds:
                    left.append(offset)
                    continue
                kind = self._kinds[base]
                data = self._whole(offset)
                name = hashlib.new(self._hash, f"{kind} {len(data)}\0".encode() + data)
                self._at[name.hexdigest()] = offset
                self._kinds[offset] = kind
            if len(left) == len(waiting):
                raise rejected("a difference is to what it does not hold")
            waiting = left

    def _base(self, offset: int) -> int | None:
        base = self._entries[offset].base
        return self._at.get(base) if isinstance(base, str) else base

    def _whole(self, offset: int) -> bytes:
        chain: list[int] = []
        at = offset
        while at not in self._cache and self._entries[at].base != "":
            chain.append(at)
            base = self._base(at)
            if base is None or len(chain) > MAX_CHAIN:
                raise rejected("a difference is to what it does not hold")
            at = base
        data = self._cache.get(at)
        if data is None:
            entry = self._entries[at]
            if entry.size > MAX_IN_MEMORY:
                raise rejected(f"a difference is to more than {MAX_IN_MEMORY} bytes")
            data = b"".join(self._inflate(entry.data, entry.size))
            self._keep(at, data)
        for at in reversed(chain):
            entry = self._entries[at]
            data = applied(data, b"".join(self._inflate(entry.data, entry.size)))
            self._keep(at, data)
        return data

    def _keep(self, offset: int, data: bytes) -> None:
        """Objects that others are made from are needed again soon."""
        if len(data) > _CACHE_BYTES // 4 or offset in self._cache:
            return
        self._cache[offset] = data
        self._cached += len(data)
        while self._cached > _CACHE_BYTES:
            oldest = next(iter(self._cache))
            self._cached -= len(self._cache.pop(oldest))


def _decompress(stream: zlib._Decompress, piece: bytes, most: int) -> bytes:
    try:
        return stream.decompress(piece, most)
    except zlib.error:
        raise rejected("it is damaged") from None
