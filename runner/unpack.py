"""Writes a tar archive into a folder, such that nothing is ever written outside of it.

Three rules make that easy to see: a parent folder is used only if it really is a folder (never a
link); files are created, never opened; links are made last, and may only climb as far as the folder
itself before they descend.
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from runner.tar import Entry, Readable, TarError, TarReader

CHUNK = 256 * 1024
DEEPEST = 100
LONGEST_PART = 255
LONGEST_PATH = 3000


class Caps(NamedTuple):
    """How much an archive may hold; `size` in bytes once unpacked."""

    entries: int
    size: int


class Unpacked(NamedTuple):
    """What was written. `left_out` names links that pointed out of the folder."""

    files: int
    size: int
    left_out: list[str]


class UnpackError(ValueError):
    """The archive holds something that may not be written; the message says what."""


class Folder:
    """Creates files, folders and links below `root`, whatever names it is given."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._known = {""}

    def make_dir(self, parts: list[str]) -> str:
        """The path of that folder, made if need be. Raises UnpackError when a part is a link."""
        name = "/".join(parts)
        if name in self._known:
            return f"{self._root}/{name}" if name else self._root
        path = f"{self.make_dir(parts[:-1])}/{parts[-1]}"
        try:
            os.mkdir(path, 0o755)  # noqa: PTH102 - on the hot path
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                raise UnpackError(f"{show(name)} is used as a folder, but is none") from None
        self._known.add(name)
        return path

    def create(self, parts: list[str], *, executable: bool) -> int:
        """A descriptor of that new file. Raises UnpackError when the name is taken."""
        path = f"{self.make_dir(parts[:-1])}/{parts[-1]}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(path, flags, 0o755 if executable else 0o644)
        except FileExistsError:
            raise UnpackError(f"{show('/'.join(parts))} occurs twice") from None

    def path(self, parts: list[str]) -> Path:
        """Where a file made here lies."""
        return Path(self._root, *parts)

    def link(self, parts: list[str], target: str) -> bool:
        """Make that link if its target stays inside; say whether it was made."""
        if not stays_inside(len(parts) - 1, target):
            return False
        path = f"{self.make_dir(parts[:-1])}/{parts[-1]}"
        clean = "/".join(part for part in target.split("/") if part not in ("", ".")) or "."
        try:
            os.symlink(clean, path)  # noqa: PTH211 - on the hot path
        except FileExistsError:
            raise UnpackError(f"{show('/'.join(parts))} occurs twice") from None
        return True


def unpack(stream: Readable, root: Path, caps: Caps) -> Unpacked:
    """Write an uncompressed tar stream below the existing folder `root`.

    Raises UnpackError or TarError for an archive that is refused, OSError when the disk did not
    play along. What was written by then stays, inside `root`.
    """
    folder, reader = Folder(root), TarReader(stream)
    links: list[tuple[list[str], str]] = []
    files = size = entries = 0
    for entry in reader:
        entries += 1
        size += entry.size if entry.kind == "file" else 0
        if entries > caps.entries:
            raise UnpackError(f"it holds more than {caps.entries:,} files")
        if size > caps.size:
            raise UnpackError(f"it unpacks to more than {caps.size // 1024**2:,} MiB")
        parts = split(entry.name)
        if not parts:
            continue
        if entry.kind == "file":
            _write(folder.create(parts, executable=entry.executable), reader, entry)
            files += 1
        elif entry.kind == "dir":
            folder.make_dir(parts)
        elif entry.kind == "link":
            links.append((parts, entry.target))
        else:
            raise UnpackError(f"{show(entry.name)} is a {entry.kind}")
    left_out = [f"{'/'.join(p)} -> {t}" for p, t in links if not folder.link(p, t)]
    return Unpacked(files + len(links) - len(left_out), size, [show(name) for name in left_out])


def split(name: str) -> list[str]:
    """The parts of a relative path. Raises UnpackError when it would leave the folder."""
    if name.startswith("/") or "\0" in name:
        raise UnpackError(f"{show(name)} is not a relative path")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnpackError(f"{show(name)} leaves the folder")
    if len(parts) > DEEPEST or len(os.fsencode(name)) > LONGEST_PATH:
        raise UnpackError(f"{show(name)} is nested too deeply")
    if any(len(os.fsencode(part)) > LONGEST_PART for part in parts):
        raise UnpackError(f"{show(name)} has too long a name")
    return parts


def stays_inside(depth: int, target: str) -> bool:
    """Whether a link made `depth` folders down can only lead into the tree.

    The folders above a link are real ones, so leading `..` climb within the tree. After the first
    name only descent is allowed: a `..` behind a link would climb from wherever that link leads.
    """
    if not target or target.startswith("/") or len(os.fsencode(target)) > LONGEST_PATH:
        return False
    parts = [part for part in target.split("/") if part not in ("", ".")]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == "..":
        climbs += 1
    return climbs <= depth and ".." not in parts[climbs:]


def show(name: str) -> str:
    """A name fit for one line of text, whatever is in it."""
    clean = name.encode("utf-8", "backslashreplace").decode()
    clean = "".join(c if c.isprintable() else repr(c)[1:-1] for c in clean)
    return clean if len(clean) <= 200 else f"{clean[:120]}…{clean[-60:]}"


def _write(descriptor: int, reader: TarReader, entry: Entry) -> None:
    left = entry.size
    try:
        while left:
            piece = reader.read(min(left, CHUNK))
            left -= len(piece)
            while piece:
                piece = piece[os.write(descriptor, piece) :]
    finally:
        os.close(descriptor)


__all__ = ["Caps", "TarError", "UnpackError", "Unpacked", "show", "split", "stays_inside", "unpack"]
