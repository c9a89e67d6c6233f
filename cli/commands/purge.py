"""purge: have caches at the edge forget."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import JsonOption, of
from cli.errors import UserError


def purge(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH]...", help="/api/x, or /blog/* for all.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="That answers carry; more than once.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is kept of it.")] = False,
    json: JsonOption = False,
) -> None:
    """Have caches at the edge forget what they keep of the site, by path, by tag, or all of it."""
    deck = of(ctx)
    if not (paths or tag or everything):
        raise UserError("no_value", "Nothing was named to forget", "deck purge '/api/*'")
    wish: Json = {"paths": paths or [], "tags": tag or [], "everything": everything}
    done = deck.api.post(f"/projects/{segment(deck.link().project)}/purge", wish)
    deck.out.result(done, lambda: deck.out.say("It is forgotten within seconds."))
