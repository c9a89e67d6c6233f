"""sso show, set-oidc, set-saml, enforce, remove, metadata; sso domain add, verify, list, remove."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import UserError
from cli.output import is_terminal

app = typer.Typer(help="Let a team in by its own identity provider.", no_args_is_help=True)
domain = typer.Typer(help="Prove which domains are the team's.", no_args_is_help=True)
app.add_typer(domain, name="domain")

RoleOption = Annotated[
    str | None,
    typer.Option(
        "--default-role", metavar="ROLE", help="Of newcomers: viewer, developer, billing or admin."
    ),
]
Domain = Annotated[str, typer.Argument(metavar="DOMAIN", help="Such as example.com.")]


@app.command()
def show(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """Show how single sign-on is set up, and what the identity provider wants to know."""
    deck = of(ctx)
    found = deck.api.get(_path(deck, team))
    deck.out.result(found, lambda: _tell(deck, found))


@app.command()
def set_oidc(
    ctx: typer.Context,
    issuer: Annotated[str | None, typer.Option(metavar="URL", help="Of the provider.")] = None,
    client_id: Annotated[
        str | None, typer.Option("--client-id", metavar="ID", help="What the provider calls us.")
    ] = None,
    keep_secret: Annotated[
        bool, typer.Option("--keep-secret", help="Do not ask for the client's secret.")
    ] = False,
    default_role: RoleOption = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Set up OpenID Connect; the client's secret is asked, or read from standard input."""
    wish = {"kind": "oidc", "issuer": issuer, "client_id": client_id}
    if not keep_secret:
        wish["client_secret"] = _secret()
    _set(of(ctx), team, {**wish, "default_role": default_role})


@app.command()
def set_saml(
    ctx: typer.Context,
    metadata: Annotated[
        str, typer.Argument(metavar="FILE", help="The provider's metadata (XML); `-` reads stdin.")
    ],
    default_role: RoleOption = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Set up SAML 2.0 by the metadata of the identity provider."""
    text = sys.stdin.read() if metadata == "-" else _file(metadata)
    _set(of(ctx), team, {"kind": "saml", "metadata_xml": text, "default_role": default_role})


@app.command()
def enforce(
    ctx: typer.Context,
    off: Annotated[bool, typer.Option("--off", help="Let people in another way again.")] = False,
    yes: YesOption = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Make it the only way in; sign in by it first."""
    deck = of(ctx)
    path = _path(deck, team)
    if not off:
        confirm(deck, "Nobody will come into the team another way. Go on?", yes)
    found = deck.api.put(path, {"enforced": not off})
    said = "is no longer the only way in" if off else "is the only way in now"
    deck.out.result(found, lambda: deck.out.say(f"Single sign-on {said}"))


@app.command()
def remove(
    ctx: typer.Context, yes: YesOption = False, team: TeamOption = None, json: JsonOption = False
) -> None:
    """Take single sign-on away; people keep their accounts, the domains stay proven."""
    deck = of(ctx)
    path = _path(deck, team)
    confirm(deck, "People without another way to sign in will be shut out. Remove it?", yes)
    deck.api.delete(path)
    deck.out.result({"removed": True}, lambda: deck.out.say("Single sign-on was removed"))


@app.command()
def metadata(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """Print what an identity provider of SAML wants to know of us, as XML."""
    deck = of(ctx)
    text = deck.api.text(f"{_path(deck, team)}/metadata")
    deck.out.result({"metadata_xml": text}, lambda: deck.out.say(text.rstrip("\n")))


@domain.command()
def add(
    ctx: typer.Context, name: Domain, team: TeamOption = None, json: JsonOption = False
) -> None:
    """Begin to prove a domain; prints the record that its DNS has to have."""
    deck = of(ctx)
    found = deck.api.post(f"{_path(deck, team)}/domains", {"domain": name})

    def tell() -> None:
        deck.out.say(f"{found['record_name']}  {found['record_type']}  {found['record_value']}")
        deck.out.note(f"Add this record, then: deck sso domain verify {found['domain']}")

    deck.out.result(found, tell)


@domain.command()
def verify(
    ctx: typer.Context, name: Domain, team: TeamOption = None, json: JsonOption = False
) -> None:
    """Look for the record now."""
    deck = of(ctx)
    found = deck.api.post(f"{_path(deck, team)}/domains/{segment(name)}/verify")
    deck.out.result(found, lambda: deck.out.say(f"{found['domain']} is proven"))


@domain.command(name="list")
def list_(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List the domains that the team claims."""
    deck = of(ctx)
    found = deck.api.get(f"{_path(deck, team)}/domains")
    rows = [(d["domain"], d["state"], d["record_name"], d["record_value"]) for d in found["items"]]
    headers = ("DOMAIN", "STATE", "RECORD", "TXT")
    deck.out.result(found, lambda: deck.out.table(headers, rows, "TXT"))


@domain.command(name="remove")
def remove_domain(
    ctx: typer.Context,
    name: Domain,
    yes: YesOption = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Give a domain back: another team may prove it then."""
    deck = of(ctx)
    path = f"{_path(deck, team)}/domains/{segment(name)}"
    confirm(deck, f"People of {name} will not come in by single sign-on. Remove it?", yes)
    deck.api.delete(path)
    deck.out.result({"removed": name}, lambda: deck.out.say(f"{name} is no longer the team's"))


def _path(deck: Deck, team: str | None) -> str:
    return f"/teams/{segment(deck.team(team))}/sso"


def _set(deck: Deck, team: str | None, wish: Json) -> None:
    given = {name: value for name, value in wish.items() if value is not None}
    found = deck.api.put(_path(deck, team), given)
    deck.out.result(found, lambda: _tell(deck, found))
    deck.out.note("Try it: deck login --sso you@your-domain; then: deck sso enforce")


def _tell(deck: Deck, found: Json) -> None:
    fields = {
        "kind": found["kind"],
        "issuer": found["issuer"],
        "client id": found["client_id"],
        "sign-in at": found["sso_url"],
        "certificates": found["certificates"] or None,
        "newcomers are": found["default_role"],
        "tried": found["tried_at"] or "not yet",
        "enforced": "yes" if found["enforced"] else "no",
        "redirect uri": found["redirect_uri"] if found["kind"] == "oidc" else None,
        "entity id": found["entity_id"] if found["kind"] == "saml" else None,
        "acs url": found["acs_url"] if found["kind"] == "saml" else None,
    }
    for name, value in fields.items():
        if value is not None:
            deck.out.say(f"{name:<14} {value}")


def _secret() -> str:
    """From the person or from a pipe, so that it stays out of the shell's history."""
    if is_terminal(sys.stdin):
        return str(typer.prompt("Secret of the client", hide_input=True, err=True))
    value = sys.stdin.readline().strip()
    if not value:
        raise UserError("no_value", "There is no secret", "Pipe it in, or give --keep-secret.")
    return value


def _file(name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError(
            "bad_file", f"{name} cannot be read", "Give the metadata file of the provider."
        ) from None
