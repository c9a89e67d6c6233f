"""Git as servers speak it, read by ourselves.

What a host calls an archive leaves out what .gitattributes says and comes without a proof. Here
the pack of one commit is fetched and every object in it hashed, so what a build gets is what the
commit id stands for, from whichever host it came.
"""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from chalicelib.git.providers import Tip
from chalicelib.git.providers.wire import protocol, trees
from chalicelib.git.providers.wire.http import Http, basic
from chalicelib.git.providers.wire.pack import Pack
from chalicelib.git.providers.wire.protocol import Transport, default_branch, refs

__all__ = ["Http", "Transport", "basic", "default_branch", "describe", "fetch", "heads", "refs"]

_HEADS = "refs/heads/"
_DESCRIBED_BYTES = 256 * 1024 * 1024


def heads(transport: Transport) -> dict[str, str]:
    """Branch -> commit of every branch."""
    return {ref.removeprefix(_HEADS): commit for ref, commit in refs(transport, [_HEADS]).items()}


def fetch(transport: Transport, commit: str, into: BinaryIO, limit: int) -> None:
    """Write the tree of a commit as .tar.gz of at most `limit` bytes.

    Raises Refused: `commit_not_found`, `source_too_large`, `source_rejected`.
    """
    with tempfile.TemporaryFile() as file:
        protocol.pack(transport, commit, file, limit)
        file.flush()
        trees.archive(Pack(file, _algorithm(commit)), commit, into, limit)


def describe(transport: Transport, commit: str) -> Tip:
    """Message, author and time of a commit; its files come along where a server cannot do less."""
    with tempfile.TemporaryFile() as file:
        protocol.pack(transport, commit, file, _DESCRIBED_BYTES, files=False)
        file.flush()
        return trees.described(Pack(file, _algorithm(commit)), commit)


def _algorithm(commit: str) -> str:
    return "sha256" if len(commit) == 64 else "sha1"
