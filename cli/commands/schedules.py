"""schedules list, create, set, delete: deployments at times of the clock."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import Deck, JsonOption, of
from cli.errors import UserError

app = typer.Typer(help="List, make, change and delete schedules.")
ScheduleId = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Id, as in the list.")]
Branch = Annotated[str | None, typer.Option("--branch", "-b", help="Which branch it deploys.")]
Zone = Annotated[str | None, typer.Option("--timezone", help="Such as Europe/Berlin.")]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """List, make, change and delete schedules."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _path(deck: Deck, schedule: str = "") -> str:
    path = f"/projects/{segment(deck.link().project)}/schedules"
    return f"{path}/{segment(schedule)}" if schedule else path


@app.command(name="list")
def list_(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the schedules and when each is due next (UTC)."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck)))
    rows = [
        (s["name"], s["branch"], s["cron"], s["timezone"], s["next_at"] or "(off)", s["id"])
        for s in found
    ]
    headers = ("NAME", "BRANCH", "CRON", "TIME ZONE", "NEXT", "ID")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows))


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    cron: Annotated[str, typer.Argument(metavar="CRON", help="Five fields: '0 3 * * *'.")],
    branch: Annotated[str, typer.Option("--branch", "-b", help="Which branch it deploys.")],
    timezone: Zone = None,
    json: JsonOption = False,
) -> None:
    """Make a schedule, such as a nightly build."""
    deck = of(ctx)
    wish: Json = {"name": name, "cron": cron, "branch": branch}
    made = deck.api.post(_path(deck), wish | ({"timezone": timezone} if timezone else {}))
    deck.out.result(made, lambda: deck.out.say(f"{made['id']} is due next at {made['next_at']}"))


@app.command(name="set")
def set_(
    ctx: typer.Context,
    schedule: ScheduleId,
    name: Annotated[str | None, typer.Option("--name", help="What it is for.")] = None,
    cron: Annotated[str | None, typer.Option("--cron", help="Five fields.")] = None,
    branch: Branch = None,
    timezone: Zone = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether it is due at all.")] = None,
    json: JsonOption = False,
) -> None:
    """Change a schedule, or switch it off and on."""
    deck = of(ctx)
    given = {"name": name, "cron": cron, "branch": branch, "timezone": timezone, "enabled": on}
    changes = {key: value for key, value in given.items() if value is not None}
    if not changes:
        raise UserError("no_value", "Nothing was named to change", "--cron '0 4 * * *'")
    changed = deck.api.patch(_path(deck, schedule), changes)
    when = f"is due next at {changed['next_at']}" if changed["next_at"] else "is off"
    deck.out.result(changed, lambda: deck.out.say(f"{schedule} {when}"))


@app.command()
def delete(ctx: typer.Context, schedule: ScheduleId, json: JsonOption = False) -> None:
    """Delete a schedule."""
    deck = of(ctx)
    deck.api.delete(_path(deck, schedule))
    deck.out.result({"deleted": schedule}, lambda: deck.out.say(f"Deleted {schedule}"))
