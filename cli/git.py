"""What git knows about the folder. Without git there are no answers, and never an error."""

from __future__ import annotations

import subprocess
from pathlib import Path


def run(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, or None when it is not installed, not a repository, or refuses."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, check=False, timeout=120
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def text(folder: Path, *arguments: str) -> str:
    """The same as text, empty when there is no answer."""
    return (run(folder, *arguments) or b"").decode("utf-8", "replace").strip()


def in_repository(folder: Path) -> bool:
    """Whether the folder is part of a work tree and not ignored in it."""
    return text(folder, "rev-parse", "--is-inside-work-tree") == "true"


def head(folder: Path) -> dict[str, str]:
    """Branch, commit and message of what is checked out; only what is known."""
    found = {"branch": text(folder, "symbolic-ref", "-q", "--short", "HEAD")}
    commit, _, message = text(folder, "log", "-1", "--format=%H%x00%s").partition("\0")
    found |= {"commit": commit, "message": message[:500]}
    return {name: value for name, value in found.items() if value}


def remotes(folder: Path) -> dict[str, str]:
    """Name -> address."""
    names = text(folder, "remote").split()
    return {name: text(folder, "remote", "get-url", name) for name in names}
