"""protect show, set, off; share, shares, unshare: who may see a site."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

import re
from typing import Annotated

import typer

from cli.api import segment
from cli.context import Deck, JsonOption, of
from cli.spans import seconds_of
from cli.text import age

app = typer.Typer(help="Say who may see a site: everybody, its team, or whoever knows a password.")


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Say who may see a site: everybody, its team, or whoever knows a password."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _path(deck: Deck, what: str) -> str:
    return f"/projects/{segment(deck.link().project)}/{what}"


def _sentence(found: dict[str, str | None]) -> str:
    if found["scope"] == "none":
        return "Everybody may see this site."
    what = "All addresses" if found["scope"] == "all" else "Previews"
    who = "ask for a password" if found["mode"] == "password" else "are for the team"
    return f"{what} {who}."


@app.command()
def show(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show who may see the site."""
    deck = of(ctx)
    found = deck.api.get(_path(deck, "access"))
    deck.out.result(found, lambda: deck.out.say(_sentence(found)))


@app.command(name="set")
def set_(
    ctx: typer.Context,
    mode: Annotated[str, typer.Option("--mode", help="team or password.")] = "team",
    scope: Annotated[
        str, typer.Option("--scope", help="previews, or all (production too).")
    ] = "previews",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Protect previews or the whole site; a new password ends what the old one opened."""
    deck = of(ctx)
    body: dict[str, object] = {"mode": mode, "scope": scope}
    if password_stdin:
        body["password"] = typer.get_text_stream("stdin").readline().rstrip("\r\n")
    elif mode == "password":
        body["password"] = typer.prompt("Password of the site", hide_input=True)
    found = deck.api.put(_path(deck, "access"), body)
    deck.out.result(found, lambda: deck.out.say(_sentence(found)))


@app.command()
def off(ctx: typer.Context, json: JsonOption = False) -> None:
    """Let everybody see the site again."""
    deck = of(ctx)
    deck.api.delete(_path(deck, "access"))
    deck.out.result({"scope": "none"}, lambda: deck.out.say("Everybody may see this site."))


def share(  # noqa: PLR0917  # typer passes options by name
    ctx: typer.Context,
    host: Annotated[
        str | None, typer.Argument(metavar="[HOST]", help="An address of the site; production.")
    ] = None,
    lasts: Annotated[str, typer.Option("--for", help="How long: 30m, 12h, 7d.")] = "7d",
    path: Annotated[str, typer.Option("--path", help="Where it leads to.")] = "/",
    note: Annotated[str, typer.Option("--note", help="Whom it is for.")] = "",
    json: JsonOption = False,
) -> None:
    """Make a link that shows a protected site to whoever has it, and print it this once."""
    deck = of(ctx)
    body: dict[str, object] = {"expires_in": seconds_of(lasts), "path": path, "note": note}
    if host:
        body["host"] = re.sub(r"\Ahttps?://", "", host).split("/")[0].split(":")[0]
    made = deck.api.post(_path(deck, "shares"), body)
    deck.out.note(f"{made['id']} for {made['host']}, until {made['expires_at']}")
    deck.out.result(made, lambda: deck.out.say(made["url"]))


def shares(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the share links that still open something."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck, "shares")))
    rows = [(s["id"], s["host"], s["note"], s["expires_at"], age(s["created_at"])) for s in found]
    headers = ("ID", "HOST", "NOTE", "UNTIL", "MADE")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows))


def unshare(
    ctx: typer.Context,
    share_id: Annotated[str, typer.Argument(metavar="SHARE", help="Id, as in `deck shares`.")],
    json: JsonOption = False,
) -> None:
    """Take a share link back: what it opened ends within seconds."""
    deck = of(ctx)
    deck.api.delete(f"{_path(deck, 'shares')}/{segment(share_id)}")
    deck.out.result({"deleted": share_id}, lambda: deck.out.say(f"Took back {share_id}"))
