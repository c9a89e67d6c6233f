"""mfa, sessions: second factors of one's account, and where one is signed in."""

# ruff: noqa: ARG001 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import Deck, JsonOption, of
from cli.errors import UserError
from cli.output import is_terminal
from cli.text import age

mfa = typer.Typer(help="Second factors of your account.")
sessions = typer.Typer(help="Where you are signed in.")

_KINDS = {"totp": "app", "passkey": "passkey"}

Name = Annotated[str, typer.Option("--name", metavar="TEXT", help="What to call it.")]


@mfa.callback(invoke_without_command=True)
def mfa_group(ctx: typer.Context) -> None:
    """Second factors of your account."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@sessions.callback(invoke_without_command=True)
def sessions_group(ctx: typer.Context) -> None:
    """Where you are signed in."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@mfa.command()
def status(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the second factors, and how many recovery codes are left."""
    deck = of(ctx)
    found = deck.api.get("/me/factors")

    def text() -> None:
        if not found["items"]:
            deck.out.say("There is no second factor: `deck mfa totp` adds an authenticator app.")
            return
        deck.out.table(
            ("NAME", "KIND", "ADDED", "USED", "ID"),
            [
                (
                    factor["name"],
                    _KINDS.get(factor["kind"], factor["kind"]),
                    age(factor["created_at"]),
                    age(factor["used_at"]) if factor["used_at"] else "never",
                    factor["id"],
                )
                for factor in found["items"]
            ],
            flexible="NAME",
        )
        deck.out.note(f"{found['recovery_codes']} recovery codes are left.")

    deck.out.result(found, text)


@mfa.command()
def totp(ctx: typer.Context, name: Name = "Authenticator app", json: JsonOption = False) -> None:
    """Add an authenticator app; on a terminal it is confirmed at once."""
    deck = of(ctx)
    made = deck.api.post("/me/factors/totp")
    if deck.out.json or not is_terminal(sys.stdin):
        deck.out.result(made, lambda: deck.out.say(f"{made['secret']}\n{made['uri']}"))
        deck.out.note("Give its code to `deck mfa confirm` within 15 minutes.")
        return
    deck.out.say(f"Key for your authenticator app:  {_grouped(made['secret'])}")
    deck.out.say(f"The same as an address:          {made['uri']}")
    _confirm(deck, str(typer.prompt("Code that the app shows", err=True)), name)


@mfa.command()
def confirm(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="What the app shows now.")],
    name: Name = "Authenticator app",
    json: JsonOption = False,
) -> None:
    """Confirm the authenticator app that `deck mfa totp` has proposed."""
    _confirm(of(ctx), code, name)


@mfa.command(name="recovery-codes")
def recovery_codes(ctx: typer.Context, json: JsonOption = False) -> None:
    """Make ten new recovery codes; those before are over."""
    deck = of(ctx)
    _show(deck, deck.api.post("/me/factors/recovery-codes"))


@mfa.command()
def remove(
    ctx: typer.Context,
    factor: Annotated[str, typer.Argument(metavar="FACTOR", help="Id or name.")],
    json: JsonOption = False,
) -> None:
    """Remove a second factor; with the last one all your other sessions end."""
    deck = of(ctx)
    known = deck.api.get("/me/factors")["items"]
    found = [one for one in known if factor in (one["id"], one["name"])]
    if len(found) != 1:
        raise UserError(
            "factor_not_found" if not found else "factor_ambiguous",
            f"{len(found) or 'None'} of your factors {'is' if not found else 'are'} {factor!r}",
            "`deck mfa status` lists them with their ids.",
        )
    deck.api.delete(f"/me/factors/{segment(found[0]['id'])}")
    left = len(known) - 1
    deck.out.result(
        {"removed": found[0]["id"], "left": left},
        lambda: deck.out.say(f"Removed {found[0]['name']}; {left} left"),
    )


@sessions.command(name="list")
def list_(ctx: typer.Context, json: JsonOption = False) -> None:
    """List where you are signed in, newest first."""
    deck = of(ctx)
    found = list(deck.api.items("/me/sessions", limit=100))
    rows = [
        (
            "this one" if one["current"] else "",
            one["via"],
            age(one["created_at"]),
            age(one["seen_at"]),
            one["ip"],
            one["agent"],
            one["id"],
        )
        for one in found
    ]
    headers = ("", "VIA", "SINCE", "SEEN", "FROM", "WITH", "ID")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, flexible="WITH"))


@sessions.command()
def end(
    ctx: typer.Context,
    session: Annotated[
        str | None, typer.Argument(metavar="[SESSION]", help="Id of the one to end.")
    ] = None,
    others: Annotated[bool, typer.Option("--others", help="All but this one.")] = False,
    json: JsonOption = False,
) -> None:
    """End a session, or all but this one, at once."""
    deck = of(ctx)
    if (session is None) is not others:
        raise UserError(
            "usage", "Name one session, or give --others", "`deck sessions list` shows their ids."
        )
    path = "/me/sessions" if session is None else f"/me/sessions/{segment(session)}"
    deck.api.delete(path)
    said = f"Ended {session}" if session else "Ended all other sessions"
    deck.out.result({"ended": session or "others"}, lambda: deck.out.say(said))


def _confirm(deck: Deck, code: str, name: str) -> None:
    answer = deck.api.post("/me/factors/totp/confirm", {"code": code, "name": name})
    deck.out.note(f"{name} is a second factor now; signing in asks for its code.")
    _show(deck, answer)


def _show(deck: Deck, answer: Json) -> None:
    """Recovery codes, this once."""
    codes = answer["recovery_codes"]
    if codes:
        deck.out.note("Keep these recovery codes; each is good once, and nobody shows them again:")
    deck.out.result(answer, lambda: deck.out.say("\n".join(codes)) if codes else None)


def _grouped(secret: str) -> str:
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
