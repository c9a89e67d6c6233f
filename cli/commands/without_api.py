"""A rollback with credentials of the cloud alone: the checkout's own `adapters.emergency`."""

from __future__ import annotations

import subprocess

import typer

from cli import localcloud
from cli.context import Deck
from cli.errors import UserError

CLOUDS = ("aws", "local")


def rollback(deck: Deck, cloud: str, site: str | None, options: dict[str, str | None]) -> None:
    """Run it on this terminal; its exit code is ours. Raises UserError for another cloud."""
    if cloud not in CLOUDS:
        raise UserError("bad_cloud", f"{cloud!r} is no cloud", f"--cloud is {' or '.join(CLOUDS)}")
    folder = localcloud.checkout(deck.here)
    named = [f"--{n.replace('_', '-')}={v}" for n, v in options.items() if v is not None]
    home = localcloud.home(deck.here) if cloud == "local" else None
    command = [
        *(localcloud.python(folder), "-m", "adapters.emergency", "rollback"),
        *(f"--cloud={cloud}", *named),
        *([f"--home={home}"] if home is not None else []),
        *(["--json"] if deck.out.json else []),
        *("--", site or deck.link().project),
    ]
    code = subprocess.run(command, cwd=folder, check=False).returncode
    if code:
        raise typer.Exit(code if code > 0 else 1)
