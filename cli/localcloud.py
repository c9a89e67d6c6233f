"""Finding the embedded cloud on this machine: its checkout, its data folder, what is running."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cli
from cli.errors import SystemProblem, UserError


def home(start: Path) -> Path | None:
    """The data folder: `CLOUDDECK_HOME`, or the nearest `.clouddeck` from here upwards."""
    named = os.environ.get("CLOUDDECK_HOME")
    if named:
        return Path(named).absolute()
    for folder in (start, *start.parents):
        if (folder / ".clouddeck").is_dir():
            return folder / ".clouddeck"
    return None


def running(start: Path) -> dict[str, Any] | None:
    """What `run/cloud.json` says, if its supervisor is alive."""
    folder = home(start)
    return running_in(folder) if folder is not None else None


def running_in(folder: Path) -> dict[str, Any] | None:
    """The same for a data folder that is known."""
    try:
        document = json.loads((folder / "run" / "cloud.json").read_text(encoding="utf-8"))
        alive = _alive(int(document["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return document if alive and isinstance(document.get("api"), str) else None


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def root(start: Path) -> Path | None:
    """The checkout: `CLOUDDECK_ROOT`, from here upwards, or the one this command lives in."""
    named = os.environ.get("CLOUDDECK_ROOT")
    if named:
        return Path(named).absolute()
    own = Path(cli.__file__).resolve().parent.parent
    for folder in (start, *start.parents, own):
        if (folder / "adapters" / "local").is_dir() and (folder / "chalicelib").is_dir():
            return folder
    return None


def checkout(start: Path) -> Path:
    """The checkout; raises UserError when there is none."""
    folder = root(start)
    if folder is None:
        raise UserError(
            "no_checkout",
            "This is not a CloudDeck checkout",
            "Go to your clone of CloudDeck, or set CLOUDDECK_ROOT to it.",
        )
    return folder


def python(folder: Path) -> str:
    """The interpreter of a checkout; raises SystemProblem when it was not set up."""
    found = folder / ".venv" / "bin" / "python"
    if not found.exists():
        raise SystemProblem(
            "not_set_up", f"{found} does not exist", f"Run `make setup` in {folder}."
        )
    return str(found)


def command(start: Path, *arguments: str) -> tuple[list[str], dict[str, str], Path]:
    """How to run the embedded cloud's own command: arguments, environment, folder."""
    folder = checkout(start)
    interpreter = python(folder)
    environment = dict(os.environ)
    data = home(start)
    if data is not None:
        environment["CLOUDDECK_HOME"] = str(data)
    return [interpreter, "-m", "adapters.local", *arguments], environment, folder
