"""Asking the API which framework a folder is made with; it asks back for the files it needs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cli.api import Api, Json

LARGEST_TEXT = 256 * 1024
MOST_NAMES = 1000


MOST_ROUNDS = 3  # names, the files asked for, those of a folder that one of them names


def framework(api: Api, folder: Path, wish: Json | None = None) -> Json:
    """What the API makes of the folder; `wish` says of which root and for which deployment."""
    names = sorted(path.name for path in folder.iterdir())[:MOST_NAMES]
    asked = {**(wish or {}), "root_files": [name for name in names if _is_text(name)]}
    files: Json = {}
    found = api.post("/frameworks/detect", {**asked, "files": files})
    for _ in range(MOST_ROUNDS - 1):
        wanted = [path for path in found.get("inspect") or () if path not in files]
        more = {path: content for path in wanted if (content := _read(folder, path))}
        if not more:
            break
        files |= more
        found = api.post("/frameworks/detect", {**asked, "files": files})
    return found


def _is_text(name: str) -> bool:
    return name.isprintable()


def _read(folder: Path, path: str) -> Json | None:
    """A file that the API wants to see, if it is there, is ours and is nobody's secret."""
    file = (folder / path).resolve()
    private = any(part.startswith((".env", ".git")) for part in Path(path).parts)
    if private or not file.is_file() or not file.is_relative_to(folder.resolve()):
        return None
    data = file.read_bytes()
    content: Json = {"sha256": hashlib.sha256(data).hexdigest()}
    if len(data) <= LARGEST_TEXT:
        content["text"] = data.decode("utf-8", "replace")
    return content
