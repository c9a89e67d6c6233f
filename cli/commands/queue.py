"""queue."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

import typer

from cli.api import segment
from cli.context import JsonOption, of


def queue(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show the builds of the project that run or wait, and how many go before each."""
    deck = of(ctx)
    found = deck.api.get(f"/projects/{segment(deck.link().project)}/queue")
    rows = [
        (
            build["deployment"],
            build["environment"],
            build["state"],
            build["size"],
            "-" if build["before"] is None else str(build["before"]),
            build["since"],
        )
        for build in found["items"]
    ]

    def show() -> None:
        deck.out.say(
            f"The team builds {found['running']} of {found['parallel_builds']} at a time "
            f"(plan {found['plan']})."
        )
        if rows:
            headers = ("DEPLOYMENT", "ENVIRONMENT", "STATE", "SIZE", "BEFORE", "SINCE")
            deck.out.table(headers, rows, "SINCE")

    deck.out.result(found, show)
