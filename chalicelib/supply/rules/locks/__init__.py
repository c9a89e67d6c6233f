"""Which lock files there are, which of them count, and who reads each."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable

from chalicelib.supply.rules.components import Lock, LockError
from chalicelib.supply.rules.locks import bun, cargo, golang, npm, pnpm, python, ruby, yarn

MAX_FILE = 32 * 1024 * 1024
"""Bytes of one lock file; the largest in the wild have a tenth of it."""

MAX_COMPONENTS = 50_000

_Reader = Callable[[str], Lock]
READERS: dict[str, _Reader] = {
    "package-lock.json": npm.read,
    "npm-shrinkwrap.json": npm.read,
    "pnpm-lock.yaml": pnpm.read,
    "yarn.lock": yarn.read,
    "bun.lock": bun.read,
    "uv.lock": python.read_uv,
    "poetry.lock": python.read_poetry,
    "Pipfile.lock": python.read_pipfile,
    "requirements.txt": python.read_requirements,
    "go.mod": golang.read,
    "Cargo.lock": cargo.read,
    "Gemfile.lock": ruby.read,
}
"""Name of a lock file -> who reads it."""

BESIDE = {"go.mod": "go.sum"}
"""What is read along with a lock file: its text follows after a line `\\0`."""

_PREFERENCE = (
    ("npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"),
    ("uv.lock", "poetry.lock", "Pipfile.lock", "requirements.txt"),
    ("go.mod",),
    ("Cargo.lock",),
    ("Gemfile.lock",),
)
"""The lock files of each ecosystem; without a hint the first that is there counts."""

_OF_MANAGER = {
    "npm": "package-lock.json",
    "pnpm": "pnpm-lock.yaml",
    "yarn": "yarn.lock",
    "bun": "bun.lock",
    "uv": "uv.lock",
    "poetry": "poetry.lock",
    "pipenv": "Pipfile.lock",
    "pip": "requirements.txt",
}


def chosen(paths: Iterable[str], root: str = "", manager: str = "") -> list[str]:
    """The lock files that a build in the folder `root` goes by: per ecosystem, the nearest ones.

    Looked for in the folder itself and then upwards, as package managers do. Where several of
    one ecosystem lie side by side, the one of the package manager that built counts.
    """
    there = set(paths)
    wanted = _OF_MANAGER.get(manager.split("@", maxsplit=1)[0].lower(), "")
    found = []
    for names in _PREFERENCE:
        order = sorted(names, key=lambda name: name != wanted)
        for folder in _upwards(root):
            near = [path for name in order if (path := f"{folder}{name}") in there]
            if near:
                found.append(near[0])
                break
    return found


def beside(path: str) -> str | None:
    """The file that is read along with a lock file."""
    folder, _, name = path.rpartition("/")
    other = BESIDE.get(name)
    return None if other is None else f"{folder}/{other}" if folder else other


def _upwards(root: str) -> list[str]:
    parts = [part for part in root.split("/") if part not in {"", "."}]
    return [
        "/".join(parts[:length]) + ("/" if length else "") for length in range(len(parts), -1, -1)
    ]


def read(path: str, text: str) -> Lock:
    """What a lock file says; raises LockError for one that cannot be read."""
    try:
        lock = READERS[path.rpartition("/")[2]](text)
    except LockError:
        raise
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise LockError(f"it is not well formed: {str(error)[:120]}") from None
    except RecursionError:
        raise LockError("it is nested too deeply") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise LockError("it is not built the way its package manager writes it") from None
    if len(lock.components) > MAX_COMPONENTS:
        raise LockError(f"it names more than {MAX_COMPONENTS:,} packages")
    return lock
