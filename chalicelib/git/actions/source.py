"""The tree of a commit, from wherever it is, into the store: once."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

from chalicelib.core.errors import Conflict
from chalicelib.git.actions import opening
from chalicelib.git.providers import Refused
from chalicelib.git.rows import links as rows
from chalicelib.git.rows.links import LinkRow
from chalicelib.git.rules import is_commit
from chalicelib.ports import services

LIMIT = 2 * 1024**3
"""Bytes of a packed tree."""

_IN_MEMORY = 16 * 1024**2


def source(project: str, commit: str) -> str:
    """The key of `sources/<project>/<commit>.tar.gz`, which is in the store afterwards.

    The store and the built-in remote first, because they are near: an object id names the same
    tree everywhere. Raises Conflict `commit_not_found`, `repo_access_denied`, `repo_not_found`,
    `source_failed` and what else a host refuses with; OSError when the host does not answer.
    """
    if not is_commit(commit):
        raise _gone(commit, "")
    key = f"sources/{project}/{commit}.tar.gz"
    store = services().store
    if store.size(key) is not None:
        return key
    archive = services().repositories.archive(project, commit)
    if archive is not None:
        store.put(key, archive, "application/gzip")
        return key
    row = rows.of(project)
    if row is None:
        raise _gone(commit, "push again")
    _fetch(row, commit, key)
    return key


def _fetch(row: LinkRow, commit: str, key: str) -> None:
    """Whole or not at all: what the host sends arrives here before the store gets any of it."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spooled:
        file = cast("BinaryIO", spooled)
        try:
            opening.provider_of(row).fetch(opening.link_of(row), commit, file, LIMIT)
        except Refused as refused:
            raise opening.problem_of(refused) from None
        file.seek(0)
        services().store.put_file(key, file, "application/gzip")


def _gone(commit: str, what: str) -> Conflict:
    return Conflict(
        "commit_not_found",
        f"Commit {commit[:12]!r} is not in the repository any more.",
        hint=f"It was replaced by a forced push{'; ' + what if what else ''}.",
    )
