"""Just enough HTTP/1.1 for the control API and the egress proxy, strict where smuggling starts."""

import asyncio
import re
from dataclasses import dataclass

HEAD_LIMIT = 64 * 1024
BLOCK = 64 * 1024
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METHOD = re.compile(r"[A-Z]{1,20}")
_TARGET = re.compile(r"[\x21-\x7e]{1,16384}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})(?:;[\x20-\x7e]*)?\r\n")


class BadMessageError(ValueError):
    """The peer does not speak HTTP/1.1 in a way that has one meaning."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line, split, and the headers in order with lower-case names."""

    first: tuple[str, str, str]
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]

    def get(self, name: str) -> str:
        """The first value of a header, or nothing."""
        return next(iter(self.all(name)), "")

    @property
    def keeps_open(self) -> bool:
        """Whether the sender will go on using the connection."""
        tokens = ",".join(self.all("connection")).lower()
        version = self.first[2] if self.first[2].startswith("HTTP/") else self.first[0]
        return "keep-alive" in tokens if version == "HTTP/1.0" else "close" not in tokens


@dataclass(frozen=True, slots=True)
class Body:
    """How long a body is: `length` bytes, or chunked, or until the connection closes."""

    length: int = 0
    chunked: bool = False
    until_close: bool = False


async def read_head(reader: asyncio.StreamReader, *, request: bool) -> Head | None:
    """The next message head; None at the end of the connection; raises BadMessageError."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial.strip():
            raise BadMessageError("the connection ended inside a message head") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadMessageError("the message head is too long") from None
    return parse_head(raw, request=request)


def parse_head(raw: bytes, *, request: bool) -> Head:
    """A message head from its bytes, blank line included; raises BadMessageError."""
    lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) == 2 and not request:
        words.append("")
    if len(words) != 3:
        raise BadMessageError("the first line has not three parts")
    version = words[2] if request else words[0]
    if version not in {"HTTP/1.1", "HTTP/1.0"}:
        raise BadMessageError("only HTTP/1.1 is spoken here")
    if request and not (_METHOD.fullmatch(words[0]) and _TARGET.fullmatch(words[1])):
        raise BadMessageError("the request line has characters that do not belong there")
    return Head((words[0], words[1], words[2]), tuple(_header(line) for line in lines[1:]))


def request_body(head: Head) -> Body:
    """How a request's body is framed; raises BadMessageError where two readers could disagree."""
    lengths, codings = head.all("content-length"), head.all("transfer-encoding")
    if codings:
        if lengths or [c.strip().lower() for c in codings] != ["chunked"]:
            raise BadMessageError("the body's length is ambiguous")
        return Body(chunked=True)
    return Body(length=_length(lengths))


def response_body(head: Head, method: str) -> Body:
    """How a response's body is framed."""
    status = head.first[1]
    if method == "HEAD" or status in {"204", "304"} or status.startswith("1"):
        return Body()
    if head.get("transfer-encoding").strip().lower() == "chunked":
        return Body(chunked=True)
    lengths = head.all("content-length")
    return Body(length=_length(lengths)) if lengths else Body(until_close=True)


async def relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: Body, head: bytes = b""
) -> None:
    """Sends `head`, then copies one body as it is framed; raises BadMessageError, OSError."""
    if body.chunked:
        writer.write(head)
        await _relay_chunks(reader, writer)
    elif body.until_close:
        writer.write(head)
        while block := await reader.read(BLOCK):
            writer.write(block)
            await writer.drain()
    else:
        await _relay_length(reader, writer, body.length, head)
    await writer.drain()


def head_bytes(first: str, headers: list[tuple[str, str]]) -> bytes:
    """A message head ready to send."""
    lines = [first, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def _relay_length(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int, head: bytes
) -> None:
    while left:
        block = await reader.read(min(left, BLOCK))
        if not block:
            raise BadMessageError("the connection ended inside a body")
        writer.write(head + block if head else block)
        head = b""
        left -= len(block)
        if left:
            await writer.drain()
    if head:
        writer.write(head)


async def _relay_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        line = await _line(reader)
        match = _CHUNK.fullmatch(line)
        if not match:
            raise BadMessageError("a chunk size is not a number")
        size = int(match[1], 16)
        writer.write(line)
        if size == 0:
            break
        await _relay_length(reader, writer, size + 2, b"")
    while True:
        line = await _line(reader)
        writer.write(line)
        if line == b"\r\n":
            return


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise BadMessageError("a chunk is cut short") from None


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    value = value.strip(" \t")
    if not colon or not _NAME.fullmatch(name) or any(c in value for c in "\r\n\0"):
        raise BadMessageError("a header line is malformed")
    return name.lower(), value


def _length(values: list[str]) -> int:
    if not values:
        return 0
    if len(set(values)) != 1 or not (values[0].isascii() and values[0].isdigit()):
        raise BadMessageError("the content length is ambiguous")
    if len(values[0]) > 15:
        raise BadMessageError("the content length is absurd")
    return int(values[0])
