"""Git's framing: lines that begin with their length (gitprotocol-common(5))."""

from __future__ import annotations

from collections.abc import Callable, Iterator

FLUSH, DELIMITER, END = b"0000", b"0001", b"0002"
_LONGEST = 65520


class Broken(OSError):  # noqa: N818  # a state of things
    """The other side does not speak git, or stopped in the middle of a sentence."""


class Said(Exception):  # noqa: N818  # a state of things
    """The other side says, in its own words, that it will not."""


def line(text: str) -> bytes:
    """One line, framed."""
    data = text.encode() + b"\n"
    return b"%04x" % (len(data) + 4) + data


class Packets:
    """Takes bytes as they come and gives away whole packets.

    `take` is called with the content of each, and with None for a flush and `b""` for a delimiter.
    """

    def __init__(self, take: Callable[[bytes | None], None]) -> None:
        self._take = take
        self._rest = bytearray()

    def write(self, data: bytes) -> int:
        """Take more bytes; raises Broken for what is no packet."""
        self._rest += data
        start = 0
        while len(self._rest) - start >= 4:
            head = bytes(self._rest[start : start + 4])
            length = _length(head)
            if length < 4:
                self._take(None if head == FLUSH else b"")
                start += 4
                continue
            if len(self._rest) - start < length:
                break
            self._take(bytes(self._rest[start + 4 : start + length]))
            start += length
        del self._rest[:start]
        return len(data)

    def finish(self) -> None:
        """Raise Broken when the last packet never ended."""
        if self._rest:
            raise Broken("the answer of the git server ends within a line")


def packets(data: bytes) -> Iterator[bytes | None]:
    """The packets of bytes that are all there."""
    found: list[bytes | None] = []
    reader = Packets(found.append)
    reader.write(data)
    reader.finish()
    return iter(found)


def _length(head: bytes) -> int:
    try:
        length = int(head, 16)
    except ValueError:
        raise Broken("this is not what a git server says") from None
    if length > _LONGEST or length == 3 or head.strip() != head or not head.isalnum():
        raise Broken("this is not what a git server says")
    return length
