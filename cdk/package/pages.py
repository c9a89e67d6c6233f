"""What is uploaded beside our Python: the code on CloudFront, and the console's pages."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

from cdk.package.sources import CHECKOUT, compiled
from cdk.package.target import Target

CONSOLE = CHECKOUT / "console"


def edge(to: Path, target: Target) -> None:
    """The functions on Lambda@Edge, which get no layers, so all they need is in their folder.

    `settings.json` is missing here: names of an installation are written at synth.
    """
    for name, content in _bundle().files(b"").items():
        if name != "settings.json":
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes(content)
    compiled(to, target)


def _bundle() -> ModuleType:
    """`functions/edge/bundle.py`, which is standard library only; its package is not."""
    place = CHECKOUT / "functions" / "edge" / "bundle.py"
    spec = importlib.util.spec_from_file_location("edge_bundle", place)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def console(to: Path, _: Target) -> None:
    """The console as its build left it; raises FileNotFoundError when it was not built."""
    built = CONSOLE / "dist"
    if not (built / "index.html").is_file():
        raise FileNotFoundError(f"{built} is not there: run tools/setup cdk first.")
    shutil.copytree(built, to, ignore=shutil.ignore_patterns(".stamp"), dirs_exist_ok=True)
