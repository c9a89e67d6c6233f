"""dns add, zones, list, set, unset, remove: DNS zones of the team and their records."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import UserError
from cli.output import is_terminal

app = typer.Typer(help="Keep DNS zones of the team and their records.", no_args_is_help=True)

Zone = Annotated[str, typer.Argument(metavar="ZONE", help="Such as example.com.")]
Record = Annotated[str, typer.Argument(metavar="NAME", help="Within the zone; `@` is the zone.")]
Kind = Annotated[str, typer.Argument(metavar="TYPE", help="A, AAAA, CNAME, MX, TXT or CAA.")]


@app.command()
def add(
    ctx: typer.Context,
    zone: Zone,
    cloudflare: Annotated[
        bool, typer.Option("--cloudflare", help="It is in a Cloudflare account; asks for a token.")
    ] = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Keep a zone, here or in a Cloudflare account, and print its name servers."""
    deck = of(ctx)
    wish: Json = {"name": zone}
    if cloudflare:
        wish["token"] = _token()
    made = deck.api.post(_path(deck, team), wish)

    def tell() -> None:
        for server in made["name_servers"]:
            deck.out.say(server)
        deck.out.note("Let the registrar of the domain name these servers.")

    deck.out.result(made, tell)


@app.command()
def zones(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List the zones of the team."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck, team)))
    rows = [(z["name"], z["provider"], " ".join(z["name_servers"])) for z in found]
    headers = ("ZONE", "PROVIDER", "NAME SERVERS")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "NAME SERVERS"))


@app.command(name="list")
def list_(
    ctx: typer.Context, zone: Zone, team: TeamOption = None, json: JsonOption = False
) -> None:
    """List the records of a zone."""
    deck = of(ctx)
    found = list(deck.api.items(f"{_path(deck, team)}/{segment(zone)}/records"))
    rows = [(r["name"], r["type"], str(r["ttl"]), value) for r in found for value in r["values"]]
    headers = ("NAME", "TYPE", "TTL", "VALUE")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "VALUE"))


@app.command(name="set")
def set_(
    ctx: typer.Context,
    zone: Zone,
    name: Record,
    kind: Kind,
    values: Annotated[list[str], typer.Argument(metavar="VALUE...", help="All of them.")],
    ttl: Annotated[int, typer.Option(metavar="SECONDS", help="How long others keep it.")] = 300,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Write the records of one name and type, in place of those that are there."""
    deck = of(ctx)
    wish: Json = {"name": name, "type": kind.upper(), "values": values, "ttl": ttl}
    done = deck.api.put(f"{_path(deck, team)}/{segment(zone)}/records", wish)
    said = f"{done['name']}  {done['type']}  {', '.join(done['values'])}"
    deck.out.result(done, lambda: deck.out.say(said))


@app.command()
def unset(
    ctx: typer.Context,
    zone: Zone,
    name: Record,
    kind: Kind,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Remove the records of one name and type."""
    deck = of(ctx)
    place = f"{segment(kind.upper())}/{segment(name)}"
    deck.api.delete(f"{_path(deck, team)}/{segment(zone)}/records/{place}")
    said = {"removed": {"name": name, "type": kind.upper()}}
    deck.out.result(said, lambda: deck.out.say(f"Removed {kind.upper()} {name}"))


@app.command()
def remove(
    ctx: typer.Context,
    zone: Zone,
    yes: YesOption = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Give a zone up; one that is kept here is deleted with its records."""
    deck = of(ctx)
    confirm(deck, f"{zone} and its records will be gone, unless Cloudflare has them. Go on?", yes)
    deck.api.delete(f"{_path(deck, team)}/{segment(zone)}")
    deck.out.result({"removed": zone}, lambda: deck.out.say(f"Removed {zone}"))


def _path(deck: Deck, team: str | None) -> str:
    return f"/teams/{segment(deck.team(team))}/zones"


def _token() -> str:
    """The token, asked without showing it, or from standard input."""
    if is_terminal(sys.stdin):
        text = str(typer.prompt("Token of Cloudflare", hide_input=True, err=True))
    else:
        text = sys.stdin.readline()
    if not text.strip():
        raise UserError("usage", "There is no token", "Give it on standard input.")
    return text.strip()
