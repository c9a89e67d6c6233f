"""Git over SSH, with a deploy key and a host whose own key is known.

Which key a host has is seen once, when its repository is connected; afterwards a connection in
which it shows another one is not begun. No agent, no configuration, no `~/.ssh` is looked at.
"""

from __future__ import annotations

import io
import shlex
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.core import outbound
from chalicelib.core.outbound import Sink
from chalicelib.git.providers import Refused
from chalicelib.git.providers.wire.http import too_large
from chalicelib.git.providers.wire.packets import FLUSH, Broken
from chalicelib.git.providers.wire.protocol import ADVERTISEMENT_BYTES, Session, printable

if TYPE_CHECKING:
    import paramiko

SECONDS = 15.0
FETCH_SECONDS = 240.0
_CHUNK = 64 * 1024
_RSA = ("rsa-sha2-512", "rsa-sha2-256")


@dataclass(frozen=True)
class Ssh:
    """`base` is `ssh://user@host:port`, `key` a private Ed25519 key in OpenSSH's format and
    `host_key` the host's (`ssh-ed25519 AAAA...`)."""

    base: str
    repository: str
    key: str = field(repr=False)
    host_key: str = ""

    def seen_host_key(self) -> str:
        """The key that the host shows now, without logging in."""
        with self._connected() as connection:
            return _key_of(connection)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Start `git-upload-pack` for the repository, which a server may keep at either path."""
        paths = [f"/{self.repository}", self.repository]
        if self.repository.startswith(("~", "/")):
            paths = [self.repository]
        with self._connected() as connection:
            self._check(connection)
            self._log_in(connection)
            opened = _first(connection, paths)
            try:
                yield opened
            finally:
                opened.close()

    @contextmanager
    def _connected(self) -> Iterator[paramiko.Transport]:
        import paramiko

        parts = urlsplit(self.base)
        host, port = str(parts.hostname), parts.port or 22
        try:
            address = outbound.resolve(host, port)
        except outbound.NotAllowed as error:
            raise Refused("git_url_not_allowed", str(error)) from None
        connection = None
        try:
            link = socket.create_connection((address, port), timeout=SECONDS)
            connection = paramiko.Transport(link)
            connection.banner_timeout = connection.auth_timeout = SECONDS
            kind = self.host_key.partition(" ")[0]
            if kind:
                options = connection.get_security_options()
                options.key_types = _RSA if kind == "ssh-rsa" else (kind,)
            connection.start_client(timeout=SECONDS)
            yield connection
        except (paramiko.SSHException, EOFError, ValueError) as error:
            raise OSError(f"{host} does not speak SSH with us: {type(error).__name__}") from error
        finally:
            if connection is not None:
                connection.close()

    def _check(self, connection: paramiko.Transport) -> None:
        if not self.host_key or _key_of(connection) != self.host_key:
            raise Refused(
                "host_key_changed",
                f"{urlsplit(self.base).hostname} shows another host key than when the repository "
                "was connected.",
                "Somebody may sit between us and it. If its owner changed the key, connect the "
                "repository again.",
            )

    def _log_in(self, connection: paramiko.Transport) -> None:
        import paramiko

        parts = urlsplit(self.base)
        try:
            key = paramiko.Ed25519Key.from_private_key(io.StringIO(self.key))
            connection.auth_publickey(parts.username or "git", key)
        except paramiko.AuthenticationException:
            raise Refused(
                "repo_access_denied",
                f"{parts.hostname} does not know our deploy key.",
                "Add the public key that `deck git status` shows to the repository, for reading.",
            ) from None
        except paramiko.SSHException:
            raise Refused(
                "repo_access_denied",
                "The deploy key of this link cannot be read.",
                "Connect the repository again, which makes a new one.",
            ) from None


class _Speaking:
    """`git-upload-pack` at the other end."""

    def __init__(self, channel: Any, opening: bytes) -> None:
        self._channel = channel
        self.opening = opening

    def ask(self, request: bytes, version: int, into: Sink, limit: int) -> None:
        """Protocol 2 answers one request after the other until a flush."""
        self._channel.sendall(request + (FLUSH if version == 2 else b""))
        end, taken = time.monotonic() + FETCH_SECONDS, 0
        while piece := self._channel.recv(_CHUNK):
            taken += len(piece)
            if taken > limit:
                raise too_large(limit)
            if time.monotonic() > end:
                raise OSError("the git server is too slow")
            into.write(piece)

    def close(self) -> None:
        """Hang up."""
        self._channel.close()


def _first(connection: paramiko.Transport, paths: list[str]) -> _Speaking:
    said = ""
    for path in paths:
        channel = connection.open_session(timeout=SECONDS)
        channel.settimeout(SECONDS)
        opening = _asked(channel, path)
        if opening:
            return _Speaking(channel, opening)
        said = channel.makefile_stderr().read(1000).decode("utf-8", "replace")
        channel.close()
    raise Refused(
        "repo_not_found",
        f"The git server has no such repository for us ({printable(said)}).",
        "Look at the address, and that the deploy key was added to this repository.",
    )


def _asked(channel: Any, path: str) -> bytes:
    """What the server says for the repository at a path; nothing when it hangs up."""
    import paramiko

    channel.set_environment_variable("GIT_PROTOCOL", "version=2")
    try:
        channel.exec_command(f"git-upload-pack {shlex.quote(path)}")
    except paramiko.SSHException:
        return b""
    return _opening(channel)


def _opening(channel: Any) -> bytes:
    """What the server says up to its first flush; nothing when it hangs up instead."""
    found = bytearray()
    while True:
        head = _exactly(channel, 4)
        if not head:
            return b""
        found += head
        try:
            length = int(head, 16)
        except ValueError:
            raise Broken("this is not what a git server says") from None
        if length == 0:
            return bytes(found)
        found += _exactly(channel, max(length - 4, 0))
        if len(found) > ADVERTISEMENT_BYTES:
            raise Broken("the git server does not come to an end")


def _exactly(channel: Any, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        piece = channel.recv(count - len(found))
        if not piece:
            return b""
        found += piece
    return bytes(found)


def _key_of(connection: paramiko.Transport) -> str:
    key = connection.get_remote_server_key()
    return f"{key.get_name()} {key.get_base64()}"
