"""Finds out what the build made: every file, by path and digest, and nothing from elsewhere."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from runner import parallel
from runner.errors import Failure
from runner.protocol import Limits
from runner.scan import Scanner
from runner.unpack import show

LONGEST_PATH = 1024
LEFT_OUT = ("node_modules", ".git", ".clouddeck")
WELL_KNOWN = ".well-known"
READ = 1024 * 1024
LARGE = 128 * 1024
HINT = "Have the build leave it out of the output folder, or rename it."


class File(NamedTuple):
    """One file to publish: `path` in the site, `real` where its content lies; size in bytes."""

    path: str
    real: str
    size: int
    mode: int
    sha256: str = ""


class _Folder(NamedTuple):
    """A folder still to be looked at; `above` are the real folders it was reached through."""

    path: str
    real: str
    above: tuple[str, ...]


def collect(
    folder: Path, limits: Limits, *, plain: bool, scanner: Scanner | None = None
) -> list[File]:
    """Every file below `folder`, sorted by path, with its digest.

    `scanner` is shown what is read. `plain` is for a site without a build, where the folder is the
    repository: what is private there (dot files, node_modules) stays out. Raises
    Failure("output_rejected") naming what may not be published, or which limit was passed.
    """
    files: list[File] = []
    total = 0
    for file in _walk(os.path.realpath(folder), limits.output_files, plain=plain):
        files.append(file)
        total += file.size
        if file.size > limits.file_bytes:
            raise _rejected(f"{show(file.path)} has {mib(file.size)}", mib(limits.file_bytes))
        if len(files) > limits.output_files:
            raise _rejected("There are more files than allowed", f"{limits.output_files:,} files")
        if total > limits.output_bytes:
            raise _rejected("The files are larger than allowed", mib(limits.output_bytes))
    files.sort(key=lambda file: file.path)
    _digest_all(files, scanner)
    return files


def write_list(files: list[File], to: Path) -> None:
    """Write the file list as the API wants it."""
    with to.open("w", encoding="utf-8") as out:
        out.write('{"version":1,"files":[')
        for at, file in enumerate(files):
            path = json.dumps(file.path, ensure_ascii=False)
            row = (
                f'{{"path":{path},"sha256":"{file.sha256}","size":{file.size},"mode":{file.mode}}}'
            )
            out.write(("," if at else "") + row)
        out.write("]}")


def mib(size: int) -> str:
    """A size for people."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:,.1f} KiB" if size < 1024**2 else f"{size / 1024**2:,.1f} MiB"


def _walk(top: str, most_folders: int, *, plain: bool) -> Iterator[File]:
    """Depth first, without recursion: a tree may be deeper than our stack."""
    todo = [_Folder("", top, (top,))]
    seen = 0
    while todo:
        folder = todo.pop()
        seen += 1
        if seen > most_folders:
            raise _rejected("There are more folders than allowed", f"{most_folders:,} folders")
        try:
            entries = list(os.scandir(folder.real))
        except PermissionError:
            entries = _unlocked(folder)
        for entry in entries:
            if plain and _private(entry.name):
                continue
            path = _checked(f"{folder.path}/{entry.name}" if folder.path else entry.name)
            real, info = entry.path, entry.stat(follow_symlinks=False)
            if stat.S_ISLNK(info.st_mode):
                real, info = _followed(path, real, top)
            if stat.S_ISREG(info.st_mode):
                yield File(path, real, info.st_size, 0o755 if info.st_mode & 0o111 else 0o644)
            elif stat.S_ISDIR(info.st_mode):
                if real in folder.above:
                    raise _rejected(f"{show(path)} is a link to a folder it lies in")
                todo.append(_Folder(path, real, (*folder.above, real)))
            else:
                raise _rejected(f"{show(path)} is {_special(info.st_mode)}")


def _private(name: str) -> bool:
    return name in LEFT_OUT or (name.startswith(".") and name != WELL_KNOWN)


def _checked(path: str) -> str:
    try:
        size = len(path.encode("utf-8"))
    except UnicodeEncodeError:
        raise _rejected(f"The name {show(path)} is not UTF-8") from None
    if any(c < " " or "\x7f" <= c <= "\x9f" for c in path):
        raise _rejected(f"The name {show(path)} has a line break or another control character")
    if size > LONGEST_PATH:
        raise _rejected(f"{show(path)} is nested too deeply", f"paths of {LONGEST_PATH} bytes")
    return path


def _followed(path: str, real: str, top: str) -> tuple[str, os.stat_result]:
    """Where a link leads, if that is inside the output."""
    try:
        target = os.path.realpath(real, strict=True)
        info = os.lstat(target)
    except OSError as error:
        raise _rejected(f"{show(path)} is a link that leads nowhere") from error
    if target != top and not target.startswith(top + "/"):
        raise _rejected(f"{show(path)} is a link out of the output folder")
    return target, info


def _unlocked(folder: _Folder) -> "list[os.DirEntry[str]]":
    """The entries of a folder whose owner, us, took away its own right to read it."""
    try:
        os.chmod(folder.real, 0o700)  # noqa: PTH101 - a string from scandir
        return list(os.scandir(folder.real))
    except OSError as error:
        raise _rejected(f"The folder {show(folder.path)} may not be read") from error


def _digest_all(files: list[File], scanner: Scanner | None = None) -> None:
    """Threads help with large files only: for small ones they would wait for each other."""
    large = [at for at, file in enumerate(files) if file.size >= LARGE]
    parallel.each(large, lambda at: _digest(files, at, scanner), min(4, os.cpu_count() or 1))
    for at, file in enumerate(files):
        if not file.sha256:
            _digest(files, at, scanner)


def _digest(files: list[File], at: int, scanner: Scanner | None) -> None:
    file = files[at]
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            fd = os.open(file.real, flags)
        except PermissionError:
            os.chmod(file.real, 0o644)  # noqa: PTH101 - a string from scandir
            fd = os.open(file.real, flags)
    except OSError as error:
        raise _rejected(f"{show(file.path)} may not be read") from error
    digest, size = hashlib.sha256(), 0
    show_piece = scanner.taker(file.path, file.real, file.size) if scanner else None
    try:
        while piece := os.read(fd, min(READ, file.size + 1)):
            digest.update(piece)
            size += len(piece)
            if show_piece:
                show_piece(piece)
    finally:
        os.close(fd)
    if size != file.size:
        raise _rejected(f"{show(file.path)} changed while it was read")
    files[at] = file._replace(sha256=digest.hexdigest())


def _special(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _rejected(what: str, limit: str = "") -> Failure:
    message = f"{what}; the limit is {limit}." if limit else f"{what}, which cannot be published."
    return Failure("output_rejected", f"The output was rejected: {message}", HINT)
