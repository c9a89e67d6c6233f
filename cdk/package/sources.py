"""Our own code, staged: what the functions get, the Chalice project, the pages, the agent."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from cdk.package.reached import reached
from cdk.package.target import Target

CHECKOUT = Path(__file__).resolve().parents[2]
_LEFT_OUT = {".pyc", ".mjs", ".js", ".swp", ".orig", ".rej"}
"""Not for Python: bytecode of others, scripts that made data, CloudFront's own functions."""
_LAPTOP = "chalicelib/clouds/local"
"""What answers for a cloud on one machine; AWS has no use for it."""


def functions(to: Path, target: Target) -> None:
    """`functions/` and `chalicelib/`: one package, of which every function runs one module."""
    for room in ("functions", "chalicelib"):
        copy(CHECKOUT / room, to / room)
    shutil.rmtree(to / _LAPTOP)
    compiled(to, target)


def api(to: Path, target: Target) -> None:
    """A Chalice project; its libraries come from the layer, so it names none.

    Of `chalicelib` it has what `app.py` can import, and the data.
    """
    copy(CHECKOUT / "chalicelib", to / "chalicelib")
    shutil.rmtree(to / _LAPTOP)
    shutil.copyfile(CHECKOUT / "app.py", to / "app.py")
    for path in set(to.rglob("*.py")) - reached(to, "app", "chalicelib"):
        path.unlink()
    (to / "requirements.txt").write_text("")
    (to / ".chalice").mkdir()
    config = {"version": "2.0", "app_name": "clouddeck"}
    (to / ".chalice" / "config.json").write_text(json.dumps(config) + "\n")
    compiled(to, target)


def runner(to: Path, _: Target) -> None:
    """The build agent in one file."""
    subprocess.run([sys.executable, "-m", "runner.pack", str(to)], cwd=CHECKOUT, check=True)


def copy(source: Path, to: Path) -> None:
    """Copy a package and its data, nothing that tools left there."""
    for path in sorted(source.rglob("*")):
        inner = path.relative_to(source)
        hidden = any(part.startswith((".", "__pycache__")) for part in inner.parts)
        if path.is_file() and not hidden and path.suffix not in _LEFT_OUT:
            (to / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to / inner)


def compiled(folder: Path, target: Target) -> None:
    """Add bytecode when this computer has the target's Python.

    Tracebacks name lines but no columns, which saves a seventh of the API's package.
    """
    if target.compiler:
        script = str(Path(__file__).with_name("bytecode.py"))
        command = [target.compiler, "-I", "-X", "no_debug_ranges", script, str(folder)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
