"""Writes the cache archive."""

import io
import json
import os
import stat
from pathlib import Path

from runner.protocol import Json
from runner.unpack import Caps, stays_inside

FAST = 1  # deflate's level: the next build waits for unpacking, this one for packing


def write(
    file: Path,
    marker: Json,
    folders: dict[str, Path],
    caps: Caps,
    apart: frozenset[str] = frozenset(),
) -> None:
    """Pack the folders under the given names, without those whose path is in `apart`.

    Links that lead out are left out, as are special files. Raises ValueError above the caps and
    OSError when the disk is full.
    """
    import tarfile

    entries = size = 0
    with tarfile.open(file, "w:gz", format=tarfile.PAX_FORMAT, compresslevel=FAST) as tar:
        data = json.dumps(marker, separators=(",", ":")).encode()
        head = tarfile.TarInfo("marker.json")
        head.size = len(data)
        tar.addfile(head, io.BytesIO(data))
        todo = [(name, str(folder)) for name, folder in folders.items()]
        while todo:
            name, path = todo.pop()
            info = os.lstat(path)
            item = tarfile.TarInfo(name)
            item.mode = 0o755 if info.st_mode & 0o111 else 0o644
            entries += 1
            if stat.S_ISDIR(info.st_mode):
                item.type = tarfile.DIRTYPE
                tar.addfile(item)
                todo += [
                    (f"{name}/{entry.name}", entry.path)
                    for entry in os.scandir(path)
                    if entry.path not in apart
                ]
            elif stat.S_ISLNK(info.st_mode):
                item.type, item.linkname = tarfile.SYMTYPE, os.readlink(path)  # noqa: PTH115  # the link as it is written
                if stays_inside(name.count("/"), item.linkname):
                    tar.addfile(item)
            elif stat.S_ISREG(info.st_mode):
                item.size = info.st_size
                size += item.size
                with open(path, "rb") as content:  # noqa: PTH123 - on the hot path
                    tar.addfile(item, content)
            if entries > caps.entries or size > caps.size:
                raise ValueError("too large to cache")
