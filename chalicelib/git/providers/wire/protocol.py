"""Asking a git server for refs and for one commit: protocol 2, and 0 for those that know no other.

See gitprotocol-v2(5) and gitprotocol-pack(5). A server that offers shallow clones sends one commit
with its tree and nothing of its past.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.core.outbound import Sink
from chalicelib.git.providers import Refused
from chalicelib.git.providers.wire.packets import (
    DELIMITER,
    FLUSH,
    Broken,
    Packets,
    Said,
    line,
    packets,
)

AGENT = "agent=clouddeck"
ADVERTISEMENT_BYTES = 32 * 1024 * 1024
"""Of refs: some repositories have a hundred thousand."""

_ERROR = b"ERR "


class Session(Protocol):
    """A server that has begun to speak; it answers one request."""

    opening: bytes

    def ask(self, request: bytes, version: int, into: Sink, limit: int) -> None:
        """Send a request and write its answer, of at most `limit` bytes."""


class Transport(Protocol):
    """A way to a repository."""

    def session(self) -> AbstractContextManager[Session]:
        """Begin to speak with its server."""


@dataclass
class Opening:
    """What a server says first. `refs` and `peeled` (what an annotated tag names) in protocol 0
    only."""

    version: int
    can: dict[str, str] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)


def refs(transport: Transport, prefixes: Iterable[str]) -> dict[str, str]:
    """Full ref -> commit, of refs that begin with one of `prefixes`; tags are followed."""
    wanted = tuple(prefixes)
    with transport.session() as session:
        opening = _opening(session.opening)
        if opening.version != 2:
            return {r: c for r, c in opening.refs.items() if r.startswith(wanted)}
        request = line("command=ls-refs") + line(AGENT) + _format(opening) + DELIMITER
        request += line("peel") + b"".join(line(f"ref-prefix {p}") for p in wanted) + FLUSH
        found: dict[str, str] = {}
        reader = Packets(lambda packet: _ref(packet, found))
        session.ask(request, 2, reader, ADVERTISEMENT_BYTES)
        reader.finish()
    return {r: c for r, c in found.items() if r.startswith(wanted)}


def default_branch(transport: Transport) -> str:
    """The branch that HEAD names, empty when the server does not tell."""
    with transport.session() as session:
        opening = _opening(session.opening)
        if opening.version != 2:
            return opening.can.get("HEAD", "").removeprefix("refs/heads/")
        told: list[bytes] = []
        request = line("command=ls-refs") + line(AGENT) + _format(opening) + DELIMITER
        request += line("symrefs") + line("ref-prefix HEAD") + FLUSH
        reader = Packets(lambda packet: told.append(packet) if packet else None)
        session.ask(request, 2, reader, ADVERTISEMENT_BYTES)
        reader.finish()
    for packet in told:
        _complaint(packet)
        _, _, target = packet.decode("utf-8", "replace").strip().partition("symref-target:")
        if target:
            return target.split(" ")[0].removeprefix("refs/heads/")
    return ""


def pack(transport: Transport, commit: str, into: Sink, limit: int, *, files: bool = True) -> None:
    """Write the pack of one commit, with all its files or, if the server can, with none.

    Raises Refused `commit_not_found` when the server does not have it.
    """
    with transport.session() as session:
        opening = _opening(session.opening)
        can = opening.can
        if opening.version == 2:
            request = _request_2(opening, commit, files)
        else:
            request = _request_0(can, commit)
        reader = _Answer(into, opening.version)
        framed = Packets(reader.take)
        try:
            session.ask(request, opening.version, framed, limit)
            framed.finish()
        except Said as said:
            raise _refusal(str(said), commit) from None
        if not reader.began:
            raise _refusal("no pack", commit)


def _request_2(opening: Opening, commit: str, files: bool) -> bytes:
    can = opening.can.get("fetch", "").split(" ")
    request = line("command=fetch") + line(AGENT) + _format(opening) + DELIMITER
    request += line("no-progress") + line("ofs-delta")
    if "shallow" in can:
        request += line("deepen 1")
    if not files and "filter" in can:
        request += line("filter tree:0")
    return request + line(f"want {commit}") + line("done") + FLUSH


def _request_0(can: dict[str, str], commit: str) -> bytes:
    asked = [n for n in ("ofs-delta", "no-progress", "side-band-64k", "agent") if n in can]
    names = " ".join(AGENT if n == "agent" else n for n in asked)
    request = line(f"want {commit} {names}")
    if "shallow" in can:
        request += line("deepen 1")
    return request + FLUSH + line("done")


class _Answer:
    """The answer to a fetch: what comes before the pack is passed over, the pack is written."""

    def __init__(self, into: Sink, version: int) -> None:
        self._into = into
        self._version = version
        self.began = False

    def take(self, packet: bytes | None) -> None:
        if not packet:
            return
        if not self.began:
            self._before(packet)
            return
        band, data = packet[0], packet[1:]
        if band == 1:
            self._into.write(data)
        elif band == 3:
            raise Said(data.decode("utf-8", "replace"))

    def _before(self, packet: bytes) -> None:
        _complaint(packet)
        text = packet.rstrip(b"\n")
        if self._version == 2:
            self.began = text == b"packfile"
        elif text == b"NAK" or text.startswith(b"ACK "):
            self.began = True


def _opening(data: bytes) -> Opening:
    """Read a server's first words; raises Broken, Refused when they are a complaint."""
    lines = list(packets(data))
    if lines and lines[0] and lines[0].startswith(b"# service="):
        lines = lines[1:]
    lines = lines[1:] if lines and lines[0] is None else lines
    if not lines or lines[0] is None:
        raise Broken("the git server says nothing")
    try:
        for packet in lines:
            if packet:
                _complaint(packet)
    except Said as said:
        raise Refused("repo_access_denied", f"The git server says: {printable(said)}") from None
    if lines[0].rstrip(b"\n") == b"version 2":
        return Opening(2, _capabilities(lines[1:]))
    return _opening_0(lines)


def _capabilities(lines: list[bytes | None]) -> dict[str, str]:
    found = {}
    for packet in lines:
        if packet:
            name, _, value = packet.decode("utf-8", "replace").rstrip("\n").partition("=")
            found[name] = value
    return found


def _opening_0(lines: list[bytes | None]) -> Opening:
    opening = Opening(0)
    for packet in lines:
        if not packet or packet.startswith((b"version ", b"shallow ")):
            continue
        head, _, capabilities = packet.decode("utf-8", "replace").rstrip("\n").partition("\0")
        for word in capabilities.split(" ") if capabilities else ():
            name, _, value = word.partition("=")
            if name == "symref" and value.startswith("HEAD:"):
                opening.can["HEAD"] = value.removeprefix("HEAD:")
            else:
                opening.can[name] = value
        commit, _, ref = head.partition(" ")
        peeled = ref.removesuffix("^{}")
        if ref.startswith("refs/"):
            opening.refs[peeled] = commit
    return opening


def _ref(packet: bytes | None, found: dict[str, str]) -> None:
    if not packet:
        return
    try:
        _complaint(packet)
    except Said as said:
        raise Refused("repo_access_denied", f"The git server says: {printable(said)}") from None
    commit, ref, *more = packet.decode("utf-8", "replace").rstrip("\n").split(" ")
    peeled = [word.removeprefix("peeled:") for word in more if word.startswith("peeled:")]
    found[ref] = peeled[0] if peeled else commit


def _format(opening: Opening) -> bytes:
    kind = opening.can.get("object-format", "")
    return line(f"object-format={kind}") if kind in {"sha1", "sha256"} else b""


def _complaint(packet: bytes) -> None:
    if packet.startswith(_ERROR):
        raise Said(packet.removeprefix(_ERROR).decode("utf-8", "replace").strip())


def _refusal(said: str, commit: str) -> Refused:
    return Refused(
        "commit_not_found",
        f"The git server does not give us commit {commit[:12]} ({printable(said)}).",
        "It may have been replaced by a forced push: push again.",
    )


def printable(text: object) -> str:
    """A server's words, short and without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in str(text))[:200].strip()
