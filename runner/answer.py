"""Reads HTTP/1.1 answers."""

from typing import BinaryIO, NamedTuple

CHUNK = 256 * 1024
MAX_LINE = 64 * 1024
MAX_HEADERS = 200
MAX_BODY = 64 * 1024 * 1024


class WireError(ConnectionError):
    """The other side did not speak HTTP, or stopped in the middle of a sentence."""


class Response(NamedTuple):
    """A whole answer. `body` is empty when it went to a sink."""

    status: int
    headers: dict[str, str]
    body: bytes


def _read_line(file: BinaryIO) -> bytes:
    line = file.readline(MAX_LINE)
    if not line.endswith(b"\n"):
        raise WireError("connection closed before the answer was whole")
    return line.rstrip(b"\r\n")


def read_head(file: BinaryIO) -> tuple[int, str, dict[str, str]]:
    """Status, version and headers (names in lower case) of the next answer."""
    parts = _read_line(file).split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise WireError("not an HTTP answer")
    headers: dict[str, str] = {}
    for _ in range(MAX_HEADERS):
        line = _read_line(file)
        if not line:
            return int(parts[1]), parts[0].decode("latin-1"), headers
        name, _, value = line.partition(b":")
        headers[name.strip().decode("latin-1").lower()] = value.strip().decode("latin-1")
    raise WireError("too many headers")


def read_body(
    file: BinaryIO, status: int, headers: dict[str, str], sink: BinaryIO | None
) -> tuple[bytes, bool]:
    """The body, and whether its end was marked (so that the connection can be used again)."""
    if status in (204, 304):
        return b"", True
    kept: list[bytes] = []
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := _chunk_size(_read_line(file)):
            _copy(file, size, sink, kept)
            _read_line(file)
        while _read_line(file):
            pass
        return b"".join(kept), True
    length = headers.get("content-length", "")
    if length.isdigit():
        _copy(file, int(length), sink, kept)
        return b"".join(kept), True
    while piece := file.read(CHUNK):
        _keep(piece, sink, kept)
    return b"".join(kept), False


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise WireError("bad chunk size") from None


def _copy(file: BinaryIO, size: int, sink: BinaryIO | None, kept: list[bytes]) -> None:
    while size > 0:
        piece = file.read(min(size, CHUNK))
        if not piece:
            raise WireError("body cut short")
        size -= len(piece)
        _keep(piece, sink, kept)


def _keep(piece: bytes, sink: BinaryIO | None, kept: list[bytes]) -> None:
    if sink is not None:
        sink.write(piece)
        return
    kept.append(piece)
    if sum(map(len, kept)) > MAX_BODY:
        raise WireError("answer too large")
