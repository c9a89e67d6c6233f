"""hooks list, create, delete: addresses that start a deployment."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import segment
from cli.context import Deck, JsonOption, of
from cli.text import age

app = typer.Typer(help="List, make and delete deploy hooks.")


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """List, make and delete deploy hooks."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _path(deck: Deck) -> str:
    return f"/projects/{segment(deck.link().project)}/hooks"


@app.command(name="list")
def list_(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the deploy hooks; their addresses were shown when they were made."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck)))
    rows = [
        (h["name"], h["branch"], age(h["used_at"]) if h["used_at"] else "never", h["id"])
        for h in found
    ]
    headers = ("NAME", "BRANCH", "USED", "ID")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows))


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who calls it.")],
    branch: Annotated[str, typer.Option("--branch", "-b", help="Which branch it deploys.")],
    json: JsonOption = False,
) -> None:
    """Make a deploy hook and print its address, which is shown this once: `curl -X POST` it."""
    deck = of(ctx)
    made = deck.api.post(_path(deck), {"name": name, "branch": branch})
    deck.out.note(f"{made['name']} ({made['id']}); keep the address, it is not shown again")
    deck.out.result(made, lambda: deck.out.say(made["url"]))


@app.command()
def delete(
    ctx: typer.Context,
    hook: Annotated[str, typer.Argument(metavar="HOOK", help="Id, as in the list.")],
    json: JsonOption = False,
) -> None:
    """End a deploy hook at once."""
    deck = of(ctx)
    deck.api.delete(f"{_path(deck)}/{segment(hook)}")
    deck.out.result({"deleted": hook}, lambda: deck.out.say(f"Deleted {hook}"))
