"""Which files a deployment consists of."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli import git, link
from cli.errors import UserError

LONGEST_PATH = 1024

# Never part of a site: what tools can make again, what belongs to this machine, what git keeps.
NEVER = frozenset(
    (
        *(".git", ".hg", ".svn", ".clouddeck", ".DS_Store", "Thumbs.db"),
        *("node_modules", "bower_components", ".venv", "__pycache__", ".tox"),
        *(".cache", ".parcel-cache", ".turbo", ".sass-cache", ".vercel", ".netlify"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache"),
    )
)
# Without git nobody says what is output; these names are, by convention.
OUTPUT = frozenset(
    ("dist", "_site", ".next", ".nuxt", ".output", ".svelte-kit", ".astro", ".angular")
)
# In a folder that was built to be served everything counts but this.
NEVER_SERVED = frozenset([".git", ".hg", ".svn", ".DS_Store", "Thumbs.db"])

Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the site, where its bytes are, and what the file system says of it."""

    path: str
    file: str
    size: int
    mode: int


def source(folder: Path, warn: Warn) -> list[Entry]:
    """The source of a project: what git would take along, or everything sensible without git."""
    collector = _Collector(folder, NEVER, warn)
    tracked = git.run(folder, "ls-files", "-c", "-z") if git.in_repository(folder) else None
    if tracked is None:
        collector.excluded = NEVER | OUTPUT
        collector.walk(folder, "")
    else:
        untracked = git.run(folder, "ls-files", "-o", "--exclude-standard", "-z") or b""
        collector.listed(tracked, ours=True)
        collector.listed(untracked, ours=False)
    return collector.sorted()


def output(folder: Path, warn: Warn) -> list[Entry]:
    """A folder that is already built: everything in it, hidden files too."""
    collector = _Collector(folder, NEVER_SERVED, warn)
    collector.walk(folder, "")
    return collector.sorted()


class _Collector:
    """Gathers entries under one root, each path once."""

    def __init__(self, root: Path, excluded: frozenset[str], warn: Warn) -> None:
        self.root = root
        self.real_root = os.path.realpath(root)
        self.excluded = excluded
        self.warn = warn
        self.entries: dict[str, Entry] = {}
        self.private: list[str] = []

    def sorted(self) -> list[Entry]:
        if self.private:
            names = ", ".join(sorted(self.private)[:5])
            more = f" and {len(self.private) - 5} more" if len(self.private) > 5 else ""
            self.warn(f"{names}{more} stays here: set variables with `deck env set`")
        return [self.entries[path] for path in sorted(self.entries)]

    def listed(self, names: bytes, *, ours: bool) -> None:
        """Paths from git; those it does not track are held against the excluded names."""
        for raw in names.split(b"\0"):
            path = os.fsdecode(raw).rstrip("/")
            if path and (ours or not self.excluded.intersection(path.split("/"))):
                self.add(path)

    def walk(self, folder: str | Path, prefix: str, above: tuple[str, ...] = ()) -> None:
        """Everything below a folder. `above` holds the real folders we are in: links may loop."""
        real = os.path.realpath(folder)
        if real in above:
            self.warn(f"{prefix.rstrip('/')} links to a folder that contains it; skipped")
            return
        with os.scandir(folder) as found:
            names = sorted(entry.name for entry in found)
        for name in names:
            if name not in self.excluded:
                self.add(prefix + name, (*above, real))

    def add(self, path: str, above: tuple[str, ...] = ()) -> None:
        """One path: a file, a folder (of a submodule, or in a walk), or a link to one of them."""
        if path == link.FILE or path in self.entries:
            return
        if _is_private(path):
            self.private.append(path)
            return
        file = os.path.join(self.root, path)  # noqa: PTH118 - many files, Path objects cost
        try:
            status = os.lstat(file)
            linked = stat.S_ISLNK(status.st_mode)
            if linked:
                if not self._may_follow(path, file):
                    return
                status = os.stat(file)  # noqa: PTH116  # a Path costs more than the call
                above = above or (self.real_root,)
        except FileNotFoundError:
            return  # deleted but still in git's index, or gone since it was listed
        if stat.S_ISDIR(status.st_mode):
            self._folder(path, file, above)
        elif stat.S_ISREG(status.st_mode):
            mode = 0o755 if status.st_mode & stat.S_IXUSR else 0o644
            self.entries[path] = Entry(_checked(path), file, status.st_size, mode)
        else:
            self.warn(f"{path} is not a regular file; skipped")

    def _folder(self, path: str, file: str, above: tuple[str, ...]) -> None:
        # `above` is empty only for what git listed: a submodule, or a repository within this one.
        if os.path.lexists(os.path.join(file, ".git")) and not above:  # noqa: PTH118  # as above
            for entry in source(Path(file), self.warn):
                inside = f"{path}/{entry.path}"
                self.entries[inside] = Entry(inside, entry.file, entry.size, entry.mode)
        else:
            self.walk(file, f"{path}/", above)

    def _may_follow(self, path: str, file: str) -> bool:
        real = os.path.realpath(file)
        if os.path.commonpath([real, self.real_root]) != self.real_root:
            raise UserError(
                "link_outside",
                f"{path} is a symbolic link to {real}, outside the project",
                "Replace it with a copy, or add it to .gitignore.",
            )
        if not os.path.exists(real):  # noqa: PTH110  # as above
            self.warn(f"{path} is a symbolic link to nothing; skipped")
            return False
        inside = os.path.relpath(real, self.real_root)
        if _is_private(inside):
            self.private.append(path)
            return False
        return not NEVER.intersection(inside.split("/"))


def _is_private(path: str) -> bool:
    return any(part.startswith(".env") for part in path.split("/"))


def _checked(path: str) -> str:
    try:
        length = len(path.encode())
    except UnicodeEncodeError:
        raise UserError(
            "bad_file_name",
            f"The name of {os.fsencode(path)!r} is not UTF-8",
            "Rename the file, or add it to .gitignore.",
        ) from None
    if length > LONGEST_PATH or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in path):
        why = "is too long" if length > LONGEST_PATH else "contains control characters"
        raise UserError(
            "bad_file_name",
            f"The name of {path[:80]!r} {why}",
            "Rename the file, or add it to .gitignore.",
        )
    return path
