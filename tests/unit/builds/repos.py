"""Repositories in memory."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from chalicelib.builds.rules.model import Found, FoundFile, Plan, Settings
from chalicelib.builds.rules.paths import inspect_paths
from chalicelib.builds.rules.plan import make_plan

LOCK = '{"lockfileVersion": 3}'


def package(*dependencies: str, **more: object) -> str:
    listed = dict(
        name.rsplit("@", 1) if "@" in name[1:] else (name, "1.0.0") for name in dependencies
    )
    return json.dumps({"dependencies": listed, **more})


def found(files: Mapping[str, str | None], *names: str) -> Found:
    """What a runner would send for these files."""
    inspected = {
        path: FoundFile(hashlib.sha256((text or "").encode("utf-8", "replace")).hexdigest(), text)
        for path, text in files.items()
    }
    return Found(sorted({path.split("/")[0] for path in files} | set(names)), inspected)


def plan(files: Mapping[str, str | None], *names: str, **settings: object) -> Plan:
    return make_plan(found(files, *names), Settings(**settings), "prj_1")  # type: ignore[arg-type]


def scan(folder: Path) -> Found:
    """What a runner would send for a folder on disk."""
    texts = {p: (folder / p).read_text("utf-8") for p in inspect_paths() if (folder / p).is_file()}
    return found(texts, *(entry.name for entry in folder.iterdir()))
