"""domains add, list, show, check, redirect, set, certificate, remove; certificates."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import UserError

app = typer.Typer(help="Serve the project at names of your own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DOMAIN", help="Such as www.example.com.")]
MOST_BYTES = 64 * 1024


@app.command()
def add(
    ctx: typer.Context,
    domain: Name,
    redirect: Annotated[
        str | None,
        typer.Option(metavar="DOMAIN", help="Send its visitors to this domain of the project."),
    ] = None,
    served_elsewhere: Annotated[
        bool, typer.Option("--served-elsewhere", help="Another server has its visitors for now.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write its records into the team's own zone.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Begin to serve the project at a domain, and print the DNS records to set."""
    deck = of(ctx)
    wish: Json = {"domain": domain, "served_elsewhere": served_elsewhere}
    if redirect:
        wish["redirect"] = redirect
    made = deck.api.post(_path(deck), wish)
    if apply:
        deck.api.post(f"{_path(deck)}/{segment(made['domain'])}/apply")
        made = deck.api.post(f"{_path(deck)}/{segment(made['domain'])}/check")
    deck.out.result(made, lambda: _tell(deck, made))


@app.command(name="list")
def list_(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the domains of the project."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck)))
    headers = ("DOMAIN", "STATE", "CERTIFICATE", "REDIRECTS TO")
    rows = [(d["domain"], d["state"], _ends(d), d["redirect"] or "") for d in found]
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows))


@app.command()
def show(ctx: typer.Context, domain: Name, json: JsonOption = False) -> None:
    """Show how a domain stands, why, and what to do next."""
    deck = of(ctx)
    found = deck.api.get(f"{_path(deck)}/{segment(domain)}")
    deck.out.result(found, lambda: _tell(deck, found))


@app.command()
def check(ctx: typer.Context, domain: Name, json: JsonOption = False) -> None:
    """Look at DNS and edge now; what was given up begins anew."""
    deck = of(ctx)
    found = deck.api.post(f"{_path(deck)}/{segment(domain)}/check")
    deck.out.result(found, lambda: _tell(deck, found))


@app.command()
def redirect(
    ctx: typer.Context,
    domain: Name,
    target: Annotated[
        str | None, typer.Argument(metavar="[TARGET]", help="Another domain of the project.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Show the site again.")] = False,
    json: JsonOption = False,
) -> None:
    """Send the visitors of a domain to another one, with path and query."""
    if off == (target is not None):
        raise UserError("usage", "Name the domain to redirect to, or give --off")
    _change(of(ctx), domain, {"redirect": target})


@app.command(name="set")
def set_(
    ctx: typer.Context,
    domain: Name,
    https: Annotated[
        str | None, typer.Option(help="What plain HTTP gets: `redirect`, or the site (`both`).")
    ] = None,
    hsts: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="Strict-Transport-Security; 0 is none.")
    ] = None,
    tls: Annotated[str | None, typer.Option(help="The oldest version: `1.2` or `1.3`.")] = None,
    json: JsonOption = False,
) -> None:
    """Change how a domain is served."""
    wish = {"https": https, "hsts_seconds": hsts, "tls": tls}
    given = {name: value for name, value in wish.items() if value is not None}
    if not given:
        raise UserError("usage", "Give --https, --hsts or --tls")
    _change(of(ctx), domain, given)


@app.command()
def certificate(
    ctx: typer.Context,
    domain: Name,
    cert: Annotated[
        Path | None, typer.Option("--cert", metavar="FILE", help="Serve with this one (PEM).")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Its private key (PEM).")
    ] = None,
    chain: Annotated[
        Path | None, typer.Option("--chain", metavar="FILE", help="Those above it (PEM).")
    ] = None,
    managed: Annotated[
        bool, typer.Option("--managed", help="Serve with one that renews itself again.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show the certificate of a domain, bring one of your own, or give it back."""
    deck = of(ctx)
    path = f"{_path(deck)}/{segment(domain)}/certificate"
    if managed:
        deck.api.delete(path)
        said = f"{domain} gets a certificate that renews itself"
        deck.out.result({"managed": domain}, lambda: deck.out.say(said))
        return
    if cert is None and key is None:
        found = deck.api.get(path)
        deck.out.result(found, lambda: _tell_certificate(deck, found))
        return
    if cert is None or key is None:
        raise UserError("usage", "A certificate goes with its key: give --cert and --key")
    body = {
        "certificate": _file(cert),
        "private_key": _file(key),
        "chain": _file(chain) if chain else "",
    }
    done = deck.api.put(path, body)
    deck.out.result(done, lambda: deck.out.say(f"{done['domain']} is served with it in a moment"))


@app.command()
def remove(
    ctx: typer.Context,
    domain: Name,
    release: Annotated[
        bool, typer.Option("--release", help="Let another team have it at once.")
    ] = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Take a domain off the project."""
    deck = of(ctx)
    confirm(deck, f"{domain} will answer nobody any more. Remove it?", yes)
    query = {"release": "true"} if release else {}
    deck.api.delete(f"{_path(deck)}/{segment(domain)}", **query)
    said = f"{domain} is being removed; remove its DNS records too"
    deck.out.result({"removed": domain}, lambda: deck.out.say(said))


def certificates(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List all domains of the team and when their certificates end."""
    deck = of(ctx)
    found = list(deck.api.items(f"/teams/{segment(deck.team(team))}/domains"))
    headers = ("DOMAIN", "STATE", "SOURCE", "ENDS", "ISSUER")
    rows = [
        (d["domain"], d["state"], c.get("source", ""), _ends(d), c.get("issuer", ""))
        for d in found
        for c in (d["certificate"] or {},)
    ]
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "ISSUER"))


def _path(deck: Deck) -> str:
    return f"/projects/{segment(deck.link().project)}/domains"


def _change(deck: Deck, domain: str, changes: Json) -> None:
    done = deck.api.patch(f"{_path(deck)}/{segment(domain)}", changes)
    deck.out.result(done, lambda: _tell(deck, done))


def _tell(deck: Deck, found: Json) -> None:
    out = deck.out
    out.say(f"{found['domain']}  {found['state']}")
    out.note(found["reason"] + (f" ({found['detail']})" if found["detail"] else ""))
    out.note(f"Next: {found['next_step']}")
    for record in found["records"]:  # whole: somebody will copy them
        out.say(f"{record['type']}  {record['name']}  {record['value']}")
        out.note(f"  {record['note']}")
    for one in found["redirects"]:
        out.say(f"redirect  http://{one['source']}  to  {one['target']}")
    if found["redirect"]:
        out.say(f"visitors are sent to {found['redirect']}")
    if found["certificate"]:
        _tell_certificate(deck, found["certificate"])


def _tell_certificate(deck: Deck, found: Json) -> None:
    end = (found["expires_at"] or "")[:10] or "not issued yet"
    left = f" ({found['days_left']} days)" if found["days_left"] is not None else ""
    deck.out.say(f"certificate  {found['source']}  {found['status']}  ends {end}{left}")


def _ends(found: dict[str, Any]) -> str:
    return ((found["certificate"] or {}).get("expires_at") or "")[:10]


def _file(path: Path) -> str:
    try:
        with path.open() as file:
            text = file.read(MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("file_unreadable", f"{path} cannot be read: {error}") from None
    if len(text) > MOST_BYTES:
        raise UserError("file_unreadable", f"{path} is longer than {MOST_BYTES} bytes")
    return text
