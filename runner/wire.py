"""One keep-alive HTTP/1.1 connection, on TCP or through the sandbox's proxy socket.

`http.client` costs 25 ms to import and 0.2 ms for every answer; publishing ten thousand small files
is where that shows. This speaks only what the API and an object store answer with.
"""

import contextlib
import errno
import os
import socket
from typing import BinaryIO, NamedTuple, cast

from runner import __version__
from runner.answer import CHUNK, Response, WireError, read_body, read_head

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
AGENT = f"clouddeck-runner/{__version__}"
"""Firewalls take whoever does not say what he is for an attacker (AWS: NoUserAgent_HEADER)."""


class Address(NamedTuple):
    """Where a URL points: `target` is the path and query, or all of it when sent to a proxy."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The Host header: the port is named only when it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


def parse(url: str) -> Address:
    """Split an absolute http(s) URL. Raises ValueError for anything else."""
    scheme, mark, rest = url.partition("://")
    scheme = scheme.lower()
    if not mark or scheme not in ("http", "https"):
        raise ValueError(f"not an http URL: {url[:80]}")
    if any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise ValueError("white space in a URL")
    cut = min((i for i in (rest.find(c) for c in "/?#") if i >= 0), default=len(rest))
    authority, target = rest[:cut], rest[cut:].partition("#")[0]
    authority = authority.rpartition("@")[2]
    port = 443 if scheme == "https" else 80
    host, mark, digits = authority.rpartition(":")
    if mark and not digits.endswith("]"):
        authority, port = host, int(digits) if digits else port
    if not authority:
        raise ValueError(f"no host in {url[:80]}")
    return Address(
        scheme, authority.strip("[]"), port, target if target[:1] == "/" else "/" + target
    )


class Connection:
    """A connection to one origin; not for two threads at once."""

    def __init__(self, origin: Address, proxy_socket: str | None, timeout: float) -> None:
        self._origin = origin
        self._proxy = proxy_socket
        self._timeout = timeout
        self._sock: socket.socket | None = None
        self._file: BinaryIO | None = None
        self.fresh = True

    def request(
        self,
        method: str,
        address: Address,
        headers: dict[str, str],
        body: bytes | BinaryIO = b"",
        sink: BinaryIO | None = None,
    ) -> Response:
        """Send one request and read all of its answer; a body of 2xx goes to `sink` if given.

        Raises OSError (WireError included) when the connection broke: the request may or may not
        have been applied.
        """
        try:
            sock = self._sock or self._open()
            head = self._head(method, address, headers, body)
            broken = self._send(sock, head, body)
            try:
                response, keep = self._read(sink)
            except OSError as error:
                if error.errno in DISK_FULL:
                    raise
                raise broken or WireError(f"the answer stopped half-way: {error}") from error
        except BaseException:
            self.close()
            raise
        self.fresh = False
        if broken or not keep:
            self.close()
        return response

    def close(self) -> None:
        """Drop the connection; the next request opens another."""
        for thing in (self._file, self._sock):
            if thing is not None:
                with contextlib.suppress(OSError):
                    thing.close()
        self._sock = self._file = None
        self.fresh = True

    def _open(self) -> socket.socket:
        origin = self._origin
        if self._proxy:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(self._timeout)
            sock.connect(self._proxy)
            if origin.scheme == "https":
                self._tunnel(sock)
        else:
            sock = socket.create_connection((origin.host, origin.port), self._timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if origin.scheme == "https":
            import ssl

            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=origin.host)
        self._sock = sock
        self._file = cast(BinaryIO, sock.makefile("rb", buffering=32 * 1024))
        return sock

    def _tunnel(self, sock: socket.socket) -> None:
        where = f"{self._origin.host}:{self._origin.port}"
        sock.sendall(f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n\r\n".encode())
        with sock.makefile("rb", buffering=1) as answer:  # never reads beyond what is there
            status, _, _ = read_head(answer)
        if status != 200:
            raise WireError(f"the proxy refused {where}: {status}")

    def _head(
        self, method: str, address: Address, headers: dict[str, str], body: bytes | BinaryIO
    ) -> bytes:
        target = address.target
        if self._proxy and address.scheme == "http":
            target = f"http://{address.authority}{target}"
        names = {name.lower() for name in headers}
        lines = [f"{method} {target} HTTP/1.1"]
        if "host" not in names:
            lines.append(f"Host: {address.authority}")
        if "user-agent" not in names:
            lines.append(f"User-Agent: {AGENT}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if "content-length" not in names and method != "GET":
            size = len(body) if isinstance(body, bytes) else os.fstat(body.fileno()).st_size
            lines.append(f"Content-Length: {size}")
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("line break in a header")
        return "\r\n".join([*lines, "", ""]).encode("utf-8")

    @staticmethod
    def _send(sock: socket.socket, head: bytes, body: bytes | BinaryIO) -> OSError | None:
        """Send everything; a peer that hung up early may still have answered, so say, not raise."""
        try:
            if isinstance(body, bytes):
                sock.sendall(head + body)
                return None
            first = body.read(CHUNK)
            sock.sendall(head + first)
            while len(first) == CHUNK and (piece := body.read(CHUNK)):
                sock.sendall(piece)
        except (BrokenPipeError, ConnectionResetError) as error:
            return error
        return None

    def _read(self, sink: BinaryIO | None) -> tuple[Response, bool]:
        assert self._file is not None
        status, version, headers = read_head(self._file)
        while 100 <= status < 200:
            status, version, headers = read_head(self._file)
        into = sink if sink is not None and 200 <= status < 300 else None
        body, framed = read_body(self._file, status, headers, into)
        keep = framed and version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        return Response(status, headers, body), keep
