"""environments list, create, describe, delete."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, of

app = typer.Typer(help="List, make and delete environments of a project.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Which.")]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """List, make and delete environments of a project."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _path(deck: Deck, name: str = "") -> str:
    path = f"/projects/{segment(deck.link().project)}/environments"
    return f"{path}/{segment(name)}" if name else path


@app.command(name="list")
def list_(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the environments, those of every project first."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck)))
    rows = [(e["name"], e["target"] or "-", e["description"]) for e in found]
    headers = ("NAME", "TARGET", "DESCRIPTION")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "DESCRIPTION"))


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="a-z, 0-9 and hyphens, to 20.")],
    description: Annotated[str, typer.Option("--description", help="What it is for.")] = "",
    json: JsonOption = False,
) -> None:
    """Make an environment; a rule about branches leads to it: `deck settings branch`."""
    deck = of(ctx)
    made = deck.api.post(_path(deck), {"name": name, "description": description})
    deck.out.result(made, lambda: deck.out.say(f"Made the environment {made['name']}"))


@app.command()
def describe(
    ctx: typer.Context,
    name: Name,
    description: Annotated[str, typer.Argument(metavar="TEXT", help="What it is for.")],
    json: JsonOption = False,
) -> None:
    """Change what an environment is said to be for."""
    deck = of(ctx)
    changed = deck.api.patch(_path(deck, name), {"description": description})
    deck.out.result(changed, lambda: deck.out.say(f"Changed {name}"))


@app.command()
def delete(
    ctx: typer.Context, name: Name, yes: YesOption = False, json: JsonOption = False
) -> None:
    """Delete an environment and its variables; its deployments stay."""
    deck = of(ctx)
    path = _path(deck, name)
    confirm(deck, f"Delete the environment {name} and its variables?", yes)
    deck.api.delete(path)
    deck.out.result({"deleted": name}, lambda: deck.out.say(f"Deleted {name}"))
