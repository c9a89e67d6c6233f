"""Zips whose bytes follow from the files' names and contents alone."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


@dataclass(frozen=True)
class Packed:
    """What is in a file that gets uploaded; sizes in bytes."""

    files: int
    zipped: int
    unzipped: int
    sha256: str


def write(folder: Path, to: Path, python: str = "") -> Packed:
    """Zip everything below `folder`; hidden folders (`.chalice`) are not part of it.

    With `python`, bytecode of that version goes in place of its source. Names are sorted, all files
    are from 1980 and readable by everybody. Raises OSError.
    """
    named = without_sources(files(folder), python) if python else {n: n for n in files(folder)}
    return _written({name: (folder / path).read_bytes() for name, path in named.items()}, to)


def lighten(archive: Path, python: str) -> None:
    """Put bytecode in place of sources in a zip that somebody else wrote, where it has both."""
    with zipfile.ZipFile(archive) as opened:
        named = without_sources(sorted(opened.namelist()), python)
        found = {name: opened.read(path) for name, path in named.items()}
    _written(found, archive)


def without_sources(names: Iterable[str], python: str) -> dict[str, str]:
    """Name in an archive -> file: a module whose bytecode is there goes without its source.

    Python imports `module.pyc` beside no `module.py` as it stands. What is at the top stays, since
    Chalice looks for `app.py`. Only bytecode of the version that will read it counts: else nothing
    could be imported.
    """
    there = set(names)
    found = {name: name for name in there}
    tag = f"cpython-{python.replace('.', '')}.pyc"
    for name in there:
        path = PurePosixPath(name)
        compiled = str(path.parent / "__pycache__" / f"{path.stem}.{tag}")
        if path.suffix == ".py" and len(path.parts) > 1 and compiled in there:
            del found[name], found[compiled]
            found[str(path.with_suffix(".pyc"))] = compiled
    return dict(sorted(found.items()))


def _written(contents: dict[str, bytes], to: Path) -> Packed:
    unzipped = 0
    scratch = to.with_name(to.name + ".tmp")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in contents.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _UNIX
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
            unzipped += len(data)
    scratch.replace(to)
    return Packed(len(contents), to.stat().st_size, unzipped, digest(to))


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
