"""A small reader of tar streams: names and bytes, no extraction, no surprises.

The standard library's extraction was escaped from more than once, and reads headers of any declared
size into memory. This reads ustar, pax (path, linkpath, size) and GNU long names, each with a cap.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

BLOCK = 512
LONGEST_HEADER = 1024 * 1024


class TarError(ValueError):
    """The stream is not a tar archive this reader accepts."""


class Readable(Protocol):
    """What a stream has to offer."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        ...


class Entry(NamedTuple):
    """One member. `kind` is "file", "dir", "link", "hard link" or a special file's name."""

    name: str
    kind: str
    size: int
    executable: bool
    target: str


KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"5": "dir",
    b"2": "link",
    b"1": "hard link",
    b"3": "character device",
    b"4": "block device",
    b"6": "FIFO",
}


class TarReader:
    """Iterate over the entries; after each, `read` gives its content."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._left = 0
        self._padding = 0

    def read(self, size: int) -> bytes:
        """The next bytes of the current entry, b"" at its end. Raises TarError when cut short."""
        wanted = min(size, self._left)
        piece = self._stream.read(wanted) if wanted else b""
        if len(piece) < wanted and not piece:
            raise TarError("the archive ends inside a file")
        self._left -= len(piece)
        return piece

    def __iter__(self) -> Iterator[Entry]:
        over: dict[str, bytes] = {}
        while (block := self._header()) is not None:
            kind, size = block[156:157], _number(block[124:136])
            self._begin(size)
            if kind in (b"x", b"g", b"L", b"K"):
                if size > LONGEST_HEADER:
                    raise TarError("an extended header is too large")
                over |= _extended(kind, self._all())
                continue
            size = _decimal(over["size"]) if "size" in over else size
            entry = _entry(block, kind, size, over)
            has_data = entry.kind == "file" or kind not in KINDS
            self._begin(size if has_data else 0)
            over = {}
            yield entry

    def _header(self) -> bytes | None:
        """The next header block, or None at the end of the archive."""
        while self._left:
            self.read(256 * 1024)
        if self._padding and len(_exactly(self._stream, self._padding)) < self._padding:
            raise TarError("the archive ends inside a file")
        self._padding = 0
        block = _exactly(self._stream, BLOCK)
        if not block.strip(b"\0"):
            while self._stream.read(256 * 1024):  # so that a checksum at the end is looked at
                pass
            return None
        if len(block) < BLOCK:
            raise TarError("the archive ends inside a header")
        stated = _number(block[148:156])
        if stated != sum(block) - sum(block[148:156]) + 8 * 32:
            raise TarError("a header's checksum is wrong")
        return block

    def _begin(self, size: int) -> None:
        self._left = size
        self._padding = -size % BLOCK

    def _all(self) -> bytes:
        pieces = []
        while piece := self.read(LONGEST_HEADER):
            pieces.append(piece)
        return b"".join(pieces)


def _exactly(stream: Readable, size: int) -> bytes:
    got = stream.read(size)
    while len(got) < size and (more := stream.read(size - len(got))):
        got += more
    return got


def _entry(block: bytes, kind: bytes, size: int, over: dict[str, bytes]) -> Entry:
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0]
    if prefix and block[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    name = over.get("path", name)
    target = over.get("linkpath", block[157:257].split(b"\0", 1)[0])
    label = KINDS.get(kind, "unknown kind of file")
    if label == "file" and name.endswith(b"/"):
        label = "dir"
    mode = _number(block[100:108])
    return Entry(_text(name), label, size, bool(mode & 0o111), _text(target))


def _extended(kind: bytes, data: bytes) -> dict[str, bytes]:
    if kind == b"g":
        return {}
    if kind in (b"L", b"K"):
        return {"path" if kind == b"L" else "linkpath": data.split(b"\0", 1)[0]}
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        digits, mark, _ = data[at : at + 12].partition(b" ")
        length = _decimal(digits)
        record = data[at : at + length]
        if not mark or length <= len(digits) + 1 or record[-1:] != b"\n":
            raise TarError("a pax header is malformed")
        key, _, value = record[len(digits) + 1 : -1].partition(b"=")
        if key.startswith(b"GNU.sparse"):
            raise TarError("sparse files are not supported")
        if key in (b"path", b"linkpath", b"size"):
            found[key.decode()] = value
        at += length
    return found


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 18:
        raise TarError("a number in a pax header is malformed")
    return int(digits)


def _number(field: bytes) -> int:
    """An octal field, or the GNU form for numbers that do not fit."""
    if field[:1] == b"\x80":
        number = int.from_bytes(field[1:], "big")
    else:
        digits = field.strip(b" \0")
        if digits.strip(b"01234567"):
            raise TarError("a number in a header is malformed")
        number = int(digits or b"0", 8)
    if number >= 1 << 60:
        raise TarError("a number in a header is too large")
    return number


def _text(raw: bytes) -> str:
    if b"\0" in raw:
        raise TarError("a name has a NUL in it")
    return raw.decode("utf-8", "surrogateescape")
