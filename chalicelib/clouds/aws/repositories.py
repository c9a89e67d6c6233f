"""Sources where there is no git remote of our own: what a trusted function put into the store.

Whoever takes a push from a git host puts the tree of its commit to
`sources/<project>/<commit>.tar.gz` and may describe it beside that, in `<commit>.json`:
`{"message","author","time"}`. Then the event `git.push` does the rest.
"""

from __future__ import annotations

import json
import re

from chalicelib.ports import Head, Store

_PROJECT = re.compile(r"prj_[0-9a-z]{1,40}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST = {"message": 4096, "author": 200, "time": 40}


class StoredSources:
    """Archives in the store (port Repositories)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def remote(self) -> str | None:
        """None: nobody can clone from here or push to it."""
        return None

    def create(self, project: str) -> None:
        """Nothing to make."""

    def remove(self, project: str) -> None:
        """Delete what was put here for a project; no error when it is gone."""
        if _PROJECT.fullmatch(project):
            self._store.delete([key for key, _ in self._store.sizes(f"sources/{project}/")])

    def projects(self) -> list[str]:
        """None: pushes are told of by the git host, and found again by whoever asks it."""
        return []

    def heads(self, project: str) -> list[Head]:  # noqa: ARG002  # the port's
        """None, see `projects`."""
        return []

    def commit(self, project: str, reference: str) -> dict[str, str] | None:
        """`{"commit","message","author","time"}` of a commit id whose tree is here, else None."""
        key = _key(project, reference)
        if key is None or self._store.size(key) is None:
            return None
        told = _described(self._store.get(key.removesuffix(".tar.gz") + ".json"))
        return {"commit": reference, **told}

    def archive(self, project: str, commit: str) -> bytes | None:
        """The tree of a commit as .tar.gz; None when it is not here."""
        key = _key(project, commit)
        return self._store.get(key) if key is not None else None


def _key(project: str, commit: str) -> str | None:
    if not _PROJECT.fullmatch(project) or not _COMMIT.fullmatch(commit):
        return None
    return f"sources/{project}/{commit}.tar.gz"


def _described(raw: bytes | None) -> dict[str, str]:
    try:
        told = json.loads(raw or b"{}")
    except ValueError:
        told = {}
    known = told if isinstance(told, dict) else {}
    return {name: str(known.get(name) or "")[:most] for name, most in _LONGEST.items()}
