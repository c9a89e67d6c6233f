"""device approve, device deny: about a machine that shows a code."""

# ruff: noqa: ARG001 - `json` and `api` act through their callbacks

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import segment
from cli.context import ApiOption, Deck, JsonOption, of

app = typer.Typer(help="Sign a machine without a browser in.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(metavar="CODE", help="The code that it shows.")]


@app.command()
def approve(
    ctx: typer.Context,
    code: Code,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Sign the machine that shows this code in as yourself."""
    deck = of(ctx)
    device = deck.api.get(_path(code))
    if not yes and not deck.out.json:
        deck.out.note(f"{device['name']} at {device['ip']} asks to act as you.")
        typer.confirm("Did you start it, and does it show this code?", abort=True, err=True)
    _decide(deck, code, "approve", "is signed in as you")


@app.command()
def deny(ctx: typer.Context, code: Code, api: ApiOption = None, json: JsonOption = False) -> None:
    """Refuse the machine that shows this code."""
    _decide(of(ctx), code, "deny", "was refused")


def _decide(deck: Deck, code: str, verb: str, said: str) -> None:
    device = deck.api.post(f"{_path(code)}/{verb}")
    deck.out.result(device, lambda: deck.out.say(f"{device['name']} {said}"))


def _path(code: str) -> str:
    return f"/me/device/{segment(code)}"
