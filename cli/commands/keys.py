"""keys list, create, delete; deploy-keys list, create, delete."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import UserError
from cli.text import age

app = typer.Typer(help="List, make and delete keys: your own, and service tokens of a team.")
deploy_keys = typer.Typer(help="List, make and delete keys that deploy one project.")

Days = Annotated[
    int | None,
    typer.Option("--days", metavar="N", help="Ends after so many days."),
]
Rate = Annotated[
    int | None, typer.Option("--rate", metavar="N", help="At most so many requests a minute.")
]
ProjectOption = Annotated[
    str | None,
    typer.Option("--project", "-p", metavar="PROJECT", help="Id or slug (default: this folder's)."),
]
KeyId = Annotated[str, typer.Argument(metavar="KEY", help="Id, as in the list.")]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """List, make and delete keys: your own, and service tokens of a team."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command(name="list")
def list_(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List the keys of a team: all of them for its admins, else your own."""
    deck = of(ctx)
    _show(deck, list(deck.api.items("/keys", team=deck.chosen_team(team), limit=100)))


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    service: Annotated[
        bool, typer.Option("--service", help="A token of the team, which stays when you leave.")
    ] = False,
    role: Annotated[
        str | None, typer.Option("--role", "-r", help="Of a service token; not above yours.")
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="Only this, such as project.read; repeat.")
    ] = None,
    days: Days = None,
    rate: Rate = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key and print its secret, which is shown this once."""
    deck = of(ctx)
    if service != (role is not None):
        raise UserError(
            "bad_key", "A service token has a role, and no other key has one", "--service --role R"
        )
    wish: Json = {"name": name, "kind": "service" if service else "api_key", "scopes": scope or []}
    given = {"role": role, "team": deck.chosen_team(team), **_limits(days, rate)}
    made = deck.api.post("/keys", wish | {k: v for k, v in given.items() if v is not None})
    _made(deck, made)


@app.command()
def delete(ctx: typer.Context, key: KeyId, json: JsonOption = False) -> None:
    """End a key at once."""
    deck = of(ctx)
    deck.api.delete(f"/keys/{segment(key)}")
    deck.out.result({"deleted": key}, lambda: deck.out.say(f"Deleted {key}"))


@deploy_keys.callback(invoke_without_command=True)
def deploy_keys_group(ctx: typer.Context) -> None:
    """List, make and delete keys that deploy one project."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@deploy_keys.command(name="list")
def list_deploy_keys(
    ctx: typer.Context, project: ProjectOption = None, json: JsonOption = False
) -> None:
    """List the deploy keys of a project."""
    deck = of(ctx)
    _show(deck, list(deck.api.items(_path(deck, project), limit=100)))


@deploy_keys.command(name="create")
def create_deploy_key(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    project: ProjectOption = None,
    days: Days = None,
    rate: Rate = None,
    json: JsonOption = False,
) -> None:
    """Make a key that deploys one project, also as the password of `git push`; shown this once."""
    deck = of(ctx)
    wish: Json = {"name": name}
    given = {key: value for key, value in _limits(days, rate).items() if value is not None}
    _made(deck, deck.api.post(_path(deck, project), wish | given))


@deploy_keys.command(name="delete")
def delete_deploy_key(
    ctx: typer.Context, key: KeyId, project: ProjectOption = None, json: JsonOption = False
) -> None:
    """End a deploy key at once."""
    deck = of(ctx)
    deck.api.delete(f"{_path(deck, project)}/{segment(key)}")
    deck.out.result({"deleted": key}, lambda: deck.out.say(f"Deleted {key}"))


def _path(deck: Deck, project: str | None) -> str:
    return f"/projects/{segment(project or deck.link().project)}/deploy-keys"


def _limits(days: int | None, rate: int | None) -> dict[str, int | None]:
    return {"expires_in_days": days, "rate_per_minute": rate}


def _made(deck: Deck, made: Json) -> None:
    deck.out.note(f"{made['name']} ({made['id']}); keep the secret, it is not shown again")
    deck.out.result(made, lambda: deck.out.say(made["secret"]))


def _show(deck: Deck, found: list[Json]) -> None:
    rows = [
        (
            k["prefix"] + "…",
            k["name"],
            k["kind"],
            k["role"] or k.get("project_slug") or k["project"] or "-",
            age(k["created_at"]),
            age(k["last_used_at"]) if k["last_used_at"] else "never",
            (k["expires_at"] or "never")[:10],
            k["id"],
        )
        for k in found
    ]
    headers = ("KEY", "NAME", "KIND", "FOR", "AGE", "USED", "UNTIL", "ID")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "NAME"))
