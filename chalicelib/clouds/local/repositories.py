"""The built-in git remote: bare repositories in a folder, read with hardened git calls.

Never a shell, no configuration of the machine, no transport, full ref names, `--end-of-options`.
What a repository contains comes from strangers; `info/attributes` outranks its .gitattributes.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.ports import Head

SECONDS = 120
MESSAGE_CHARACTERS = 4096

_PROJECT = re.compile(r"[a-z]{2,6}_[0-9a-z]{1,40}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = re.compile(r"(?!.*(?:\.\.|@\{|//|/\.|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\]{1,244}")
_ATTRIBUTES = "* -export-ignore -export-subst -text -ident -filter\n"
_CONFIG = {"protocol.allow": "never", "safe.directory": "*", "core.fsmonitor": "false"}


class LocalRepositories:
    """Repositories in `root/<project id>.git`, served below `url` (port Repositories)."""

    def __init__(self, root: Path, url: str = "") -> None:
        self._root = root
        self._url = url

    def remote(self) -> str | None:
        """Where the gateway speaks git."""
        return self._url

    def path(self, project: str) -> Path:
        """Where a project's repository is; raises ValueError for what is no project id."""
        if not _PROJECT.fullmatch(project):
            raise ValueError(f"{project[:60]!r} is no project id")
        return self._root / f"{project}.git"

    def projects(self) -> list[str]:
        """Ids of the projects that have a repository here."""
        return sorted(p.stem for p in self._root.glob("*.git") if _PROJECT.fullmatch(p.stem))

    def create(self, project: str) -> None:
        """Make an empty bare repository; no error when it is there."""
        target = self.path(project)
        if target.exists():
            return
        self._root.mkdir(parents=True, exist_ok=True)
        fresh = self._root / f".{target.name}.{secrets.token_hex(4)}"
        command = ("init", "--quiet", "--bare", "--template=", "--initial-branch=main")
        _git(self._root, *command, "--", str(fresh))
        for folder in ("clouddeck", "info"):
            (fresh / folder).mkdir(exist_ok=True)
        (fresh / "info" / "attributes").write_text(_ATTRIBUTES)
        try:
            fresh.rename(target)
        except OSError:  # somebody else made it in the meantime
            shutil.rmtree(fresh, ignore_errors=True)
            if not target.exists():
                raise

    def remove(self, project: str) -> None:
        """Delete a repository; no error when it is gone."""
        doomed = self._root / f".{project}.{secrets.token_hex(4)}.removed"
        with contextlib.suppress(FileNotFoundError):
            self.path(project).rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)

    def heads(self, project: str) -> list[Head]:
        """Every branch with its newest commit, and when git moved it there."""
        path = self.path(project)
        form = "--format=%(objectname) %(committerdate:unix) %(refname)"
        text = _text(path, "for-each-ref", form, "refs/heads/")
        if text is None:
            return []
        moves = _moves(path)
        found = []
        for line in text.splitlines():
            commit, seconds, ref = line.split(" ", 2)
            sequence = moves.get((ref, commit)) or int(seconds or 0) * 1_000_000_000
            found.append(Head(ref.removeprefix("refs/heads/"), commit, sequence))
        return found

    def commit(self, project: str, reference: str) -> dict[str, str] | None:
        """`{"commit","message","author","time"}` of a branch or commit id; None when absent."""
        name = _full_name(reference)
        if name is None:
            return None
        form = "--format=%H%x00%an%x00%ct%x00%B"
        command = ("log", "-1", "--no-show-signature", "--encoding=UTF-8", form)
        text = _text(self.path(project), *command, "--end-of-options", name + "^{commit}", "--")
        if not text:
            return None
        commit, author, seconds, message = text.split("\0", 3)
        return {
            "commit": commit,
            "message": message.strip()[:MESSAGE_CHARACTERS],
            "author": author[:200],
            "time": clock.iso(int(seconds) * 1000),
        }

    def archive(self, project: str, commit: str) -> bytes | None:
        """The tree of a commit as .tar.gz; None when the commit is gone.

        Raises Conflict `source_failed` for a tree that git itself cannot pack: it overflows its
        stack on thousands of nested folders.
        """
        if not _COMMIT.fullmatch(commit):
            return None
        path = self.path(project)
        if _text(path, "cat-file", "-e", commit + "^{tree}") is None:
            return None
        done = _git(path, "archive", "--format=tar.gz", "-1", "--end-of-options", commit)
        if done is None:
            raise Conflict(
                "source_failed",
                f"git cannot pack the files of commit {commit[:12]}; folders may be nested too "
                "deeply.",
                hint="Have at most 100 folders inside each other, then push again.",
            )
        return done.stdout


def _full_name(reference: str) -> str | None:
    """A commit id as it is, a branch as a full ref, None for what can be neither."""
    if _COMMIT.fullmatch(reference):
        return reference
    branch = reference.removeprefix("refs/heads/")
    if (
        not _BRANCH.fullmatch(branch)
        or branch.startswith((".", "/"))
        or branch.endswith((".", "/"))
    ):
        return None
    return f"refs/heads/{branch}"


def _moves(path: Path) -> dict[tuple[str, str], int]:
    """(ref, commit) -> when git moved the ref there, from what the hook noted."""
    moves = {}
    for name in ("last", "pushes.1", "pushes"):
        with contextlib.suppress(FileNotFoundError):
            for line in (path / "clouddeck" / name).read_text("utf-8", "replace").splitlines():
                parts = line.split(" ", 3)
                if len(parts) == 4 and parts[0].isdigit():
                    moves[parts[3], parts[2]] = int(parts[0])
    return moves


def _text(path: Path, *arguments: str) -> str | None:
    done = _git(path, f"--git-dir={path}", *arguments)
    return done.stdout.decode("utf-8", "replace") if done is not None else None


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """One git call in `folder`; None when git says no or the folder is not there."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError:
        if folder.exists():
            raise
        return None
    return done if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_CONFIG_COUNT": str(len(_CONFIG)),
    }
    for index, (key, value) in enumerate(_CONFIG.items()):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value
    return environment
