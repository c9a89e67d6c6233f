"""Every part of an installation that is uploaded, and how each is made."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from cdk.package import layers, pages, sources, zips
from cdk.package.report import Report
from cdk.package.target import Target

_FOLDERS: dict[str, Callable[[Path, Target], None]] = {
    "functions": sources.functions,
    "api": sources.api,
    "edge": pages.edge,
    "console": pages.console,
}
_LAYERS = {name: partial(layers.layer, name) for name in layers.LAYERS}
PARTS = (*_FOLDERS, *_LAYERS, "runner")
"""What can be asked for one by one."""


def build(out: Path, target: Target, only: Collection[str] | None = None) -> Report:
    """Make the parts below `out`: `functions/`, `api/`, `edge/`, `console/`, `layers/<name>/`, each
    with a zip beside it, and `runner.pyz`.

    `only` names the parts to make; all of them without it. Raises ValueError for a part that does
    not exist, LayerFault when libraries cannot be had, CalledProcessError when the agent
    cannot be packed.
    """
    wanted = PARTS if only is None else tuple(only)
    unknown = set(wanted) - set(PARTS)
    if unknown:
        raise ValueError(f"No part {', '.join(sorted(unknown))}; there is {', '.join(PARTS)}.")
    out.mkdir(parents=True, exist_ok=True)
    packed = {name: _part(name, out, target) for name in PARTS if name in wanted}
    return Report(target, packed)


def _part(name: str, out: Path, target: Target) -> zips.Packed:
    if name == "runner":
        agent = out / "runner.pyz"
        sources.runner(agent, target)
        return zips.held(agent)
    if name in _LAYERS:
        folder = out / "layers" / name
        folder.parent.mkdir(exist_ok=True)
        _LAYERS[name](folder, target)
    else:
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        _FOLDERS[name](folder, target)
    # a cold start unpacks it, and nobody reads sources there (see cdk/chalice_app.py)
    python = target.python if name == "api" else ""
    return zips.write(folder, folder.with_name(f"{name}.zip"), python)
