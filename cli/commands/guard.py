"""guard show, set, attack, deny, allow, rate, clear: what a site refuses."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

import json as jsonlib
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.api import segment
from cli.context import Deck, JsonOption, of
from cli.errors import UserError

app = typer.Typer(help="Say what a site refuses: addresses, countries, robots, too many requests.")
Names = Annotated[
    list[str], typer.Argument(metavar="WHAT...", help="Networks, addresses or countries.")
]
_COUNTRY = re.compile(r"[A-Za-z]{2}\Z")


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Say what a site refuses: addresses, countries, robots, too many requests."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _path(deck: Deck) -> str:
    return f"/projects/{segment(deck.link().project)}/guard"


def _show(deck: Deck, found: dict[str, Any]) -> None:
    def text() -> None:
        lines = [
            *_listed("refused addresses", found["addresses"]["deny"]),
            *_listed("addresses that always may", found["addresses"]["allow"]),
            *_listed("refused countries", found["countries"]["deny"]),
            *_listed("countries that alone may", found["countries"]["allow"]),
        ]
        bots = found["bots"]
        if bots["known"] != "off":
            lines.append(f"robots that say their name: {bots['known']}")
        if bots["unnamed"] != "off":
            lines.append(f"requests without a name: {bots['unnamed']}")
        lines += [f"agent {a['contains']!r}: {a['action']}" for a in bots["agents"]]
        lines += [
            f"rate {r['name']}: {r['limit']} in {r['window']} s of {r['path']} by {r['key']}, "
            f"else {r['action']}"
            for r in found["rates"]
        ]
        if found["under_attack"]:
            lines.append("under attack: every visitor is asked first")
        if found.get("fault"):
            lines.append(f"NOT IN FORCE: {found['fault']}")
        deck.out.say("\n".join(lines) or "This site refuses nothing.")

    deck.out.result(found, text)


def _listed(name: str, items: list[str]) -> list[str]:
    return [f"{name}: {', '.join(items)}"] if items else []


def _change(ctx: typer.Context, change: dict[str, Any]) -> None:
    """Put the guard that is there with some of it replaced; refused when it changed meanwhile."""
    deck = of(ctx)
    found = deck.api.get(_path(deck))
    _show(deck, deck.api.put(_path(deck), found | change))


@app.command()
def show(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show what the site refuses."""
    deck = of(ctx)
    _show(deck, deck.api.get(_path(deck)))


@app.command(name="set")
def set_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON as `show --json`; - is stdin.")],
    json: JsonOption = False,
) -> None:
    """Replace the whole guard by a file."""
    deck = of(ctx)
    try:
        text = typer.get_text_stream("stdin").read() if file == "-" else Path(file).read_text()
        document = jsonlib.loads(text)
    except (OSError, ValueError) as error:
        raise UserError("bad_file", f"{file} cannot be read: {error}", "Write JSON.") from None
    if not isinstance(document, dict):
        raise UserError("bad_file", f"{file} is no guard", "deck guard show --json > guard.json")
    _show(deck, deck.api.put(_path(deck), document))


@app.command()
def attack(
    ctx: typer.Context,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether there is one.")] = True,
    json: JsonOption = False,
) -> None:
    """Ask every visitor's browser for a proof of work, or stop asking."""
    _change(ctx, {"under_attack": on})


def _name(ctx: typer.Context, kind: str, names: list[str], *, undo: bool) -> None:
    deck = of(ctx)
    found = deck.api.get(_path(deck))
    countries = {name.upper() for name in names if _COUNTRY.match(name)}
    networks = {name for name in names if not _COUNTRY.match(name)}
    for field, given in (("countries", countries), ("addresses", networks)):
        kept = set(found[field][kind])
        found[field][kind] = sorted(kept - given if undo else kept | given)
    _show(deck, deck.api.put(_path(deck), found))


Undo = Annotated[bool, typer.Option("--undo", help="Take them off the list.")]


@app.command()
def deny(ctx: typer.Context, names: Names, undo: Undo = False, json: JsonOption = False) -> None:
    """Refuse networks, addresses or countries, such as 203.0.113.0/24 or FR."""
    _name(ctx, "deny", names, undo=undo)


@app.command()
def allow(ctx: typer.Context, names: Names, undo: Undo = False, json: JsonOption = False) -> None:
    """Ask networks nothing more; countries that are named are the only ones that may come."""
    _name(ctx, "allow", names, undo=undo)


@app.command()
def bots(
    ctx: typer.Context,
    known: Annotated[str | None, typer.Option("--known", help="off, block or challenge.")] = None,
    unnamed: Annotated[
        str | None, typer.Option("--unnamed", help="off, block or challenge.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say what happens to scanners that give their name, and to requests without a name."""
    deck = of(ctx)
    found = deck.api.get(_path(deck))
    given = {"known": known, "unnamed": unnamed}
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise UserError("no_value", "Nothing was named to change", "--known block")
    _show(deck, deck.api.put(_path(deck), found | {"bots": found["bots"] | changes}))


@app.command()
def rate(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the rate.")],
    limit: Annotated[int | None, typer.Option("--limit", help="Requests in a window.")] = None,
    window: Annotated[int, typer.Option("--window", help="60, 120, 300 or 600 seconds.")] = 300,
    path: Annotated[str, typer.Option("--path", help="/login, or /api/* for all below.")] = "/*",
    method: Annotated[
        list[str] | None, typer.Option("--method", help="Count these only; more than once.")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="ip, header:<name> or cookie:<name>.")] = "ip",
    action: Annotated[str, typer.Option("--action", help="block or challenge.")] = "block",
    off: Annotated[bool, typer.Option("--off", help="Remove the rate.")] = False,
    json: JsonOption = False,
) -> None:
    """Let so many requests in within a window, or remove that."""
    deck = of(ctx)
    found = deck.api.get(_path(deck))
    rates = [one for one in found["rates"] if one["name"] != name]
    if off and len(rates) == len(found["rates"]):
        raise UserError("no_value", f"There is no rate called {name}", "deck guard show")
    if not off:
        if limit is None:
            raise UserError("no_value", "A rate needs a limit", "--limit 100")
        rates.append(
            {"name": name, "path": path, "methods": method or [], "key": key}
            | {"window": window, "limit": limit, "action": action}
        )
    _show(deck, deck.api.put(_path(deck), found | {"rates": rates}))


@app.command()
def clear(ctx: typer.Context, json: JsonOption = False) -> None:
    """Refuse nothing any more."""
    deck = of(ctx)
    _show(deck, deck.api.put(_path(deck), {}))
