"""Zips whose bytes follow from the files' names and contents alone."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


@dataclass(frozen=True)
class Packed:
    """What is in a file that gets uploaded; sizes in bytes."""

    files: int
    zipped: int
    unzipped: int
    sha256: str


def write(folder: Path, to: Path) -> Packed:
    """Zip everything below `folder`; hidden folders (`.chalice`) are not part of it.

    Names are sorted, all files are from 1980 and readable by everybody. Raises OSError.
    """
    unzipped, names = 0, files(folder)
    scratch = to.with_name(to.name + ".tmp")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            data = (folder / name).read_bytes()
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _UNIX
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
            unzipped += len(data)
    scratch.replace(to)
    return Packed(len(names), to.stat().st_size, unzipped, digest(to))


def files(folder: Path) -> list[str]:
    """Names of all files below a folder, sorted, with `/`."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if not path.parts[0].startswith("."))


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def held(archive: Path) -> Packed:
    """What is in a zip that somebody else wrote."""
    with zipfile.ZipFile(archive) as opened:
        sizes = [entry.file_size for entry in opened.infolist()]
    return Packed(len(sizes), archive.stat().st_size, sum(sizes), digest(archive))
