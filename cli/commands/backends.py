"""backends: whether what stands behind a site answers."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

import typer

from cli.api import segment
from cli.context import JsonOption, of
from cli.text import age

_STATES = {True: "answers", False: "down", None: "not asked"}


def backends(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show the backends of the live site, and whether they answer."""
    deck = of(ctx)
    found = list(deck.api.items(f"/projects/{segment(deck.link().project)}/backends"))
    rows = [
        (
            f"{one['backend']}.{one['name']}",
            _STATES[one["healthy"]],
            age(one["since"]) if one["since"] else "",
            str(one["weight"]) + (" + named" if one["named"] else ""),
            f"{one['milliseconds']} ms" if one["checked_at"] else "",
            one["url"],
            one["why"],
        )
        for one in found
    ]
    headers = ("ORIGIN", "STATE", "SINCE", "WEIGHT", "TOOK", "ADDRESS", "WHY")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, flexible="WHY"))
