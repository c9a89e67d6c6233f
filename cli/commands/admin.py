"""admin: accounts and teams of an installation, who may sign up, and with whom."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, of
from cli.errors import UserError
from cli.output import is_terminal
from cli.text import age

PLANS = ("free", "pro", "business", "enterprise")
OWN = "own"

app = typer.Typer(help="Run an installation: accounts, teams, who may sign up and with what.")

Who = Annotated[str, typer.Argument(metavar="USER", help="Id or e-mail.")]
Whom = Annotated[str, typer.Argument(metavar="NAME", help="Id or e-mail; of a team id or slug.")]
OfTeam = Annotated[bool, typer.Option("--team", help="NAME is a team.")]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the audit log.")]
Query = Annotated[
    str | None,
    typer.Option("--query", "-q", metavar="TEXT", help="Begins with this, or is named like it."),
]
Status = Annotated[str | None, typer.Option("--status", metavar="STATUS", help="Only those.")]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Run an installation: accounts, teams, who may sign up and with what."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


# -- accounts --------------------------------------------------------------------------------------


@app.command()
def users(
    ctx: typer.Context,
    query: Query = None,
    status: Status = None,
    admins: Annotated[
        bool, typer.Option("--admins", help="Only those who run the installation.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """List the accounts."""
    deck = of(ctx)
    only = "true" if admins else None
    found = list(deck.api.items("/admin/users", query=query, status=status, admin=only, limit=100))
    rows = [(u["email"], u["name"], _state(u), age(u["created_at"]), u["id"]) for u in found]
    headers = ("E-MAIL", "NAME", "STATUS", "AGE", "ID")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "NAME"))


@app.command()
def user(ctx: typer.Context, who: Who, json: JsonOption = False) -> None:
    """Show an account with its sessions, factors and teams."""
    deck = of(ctx)
    found = deck.api.get(f"/admin/users/{segment(who)}")

    def text() -> None:
        deck.out.say(f"{found['email']}  {found['name']}  {_state(found)}")
        deck.out.say(f"id       {found['id']}")
        deck.out.say(f"since    {found['created_at']}")
        deck.out.say(f"sessions {found['sessions']}, second factors {found['factors']}")
        for team in found["teams"]:
            deck.out.say(f"{team['role']:<9}of {team['slug']}")

    deck.out.result(found, text)


@app.command()
def suspend(
    ctx: typer.Context, name: Whom, reason: Why, team: OfTeam = False, json: JsonOption = False
) -> None:
    """Shut an account out at once; of a team, let its members read only."""
    _turn(of(ctx), name, "suspend", reason, team)


@app.command()
def restore(
    ctx: typer.Context, name: Whom, reason: Why, team: OfTeam = False, json: JsonOption = False
) -> None:
    """Give a suspended account or team back."""
    _turn(of(ctx), name, "restore", reason, team)


def _turn(deck: Deck, name: str, verb: str, reason: str, team: bool) -> None:
    kind = "teams" if team else "users"
    found = deck.api.post(f"/admin/{kind}/{segment(name)}/{verb}", {"reason": reason})
    label = found["slug"] if team else found["email"]
    deck.out.result(found, lambda: deck.out.say(f"{label} is {found['status']}"))


@app.command(name="clear-factors")
def clear_factors(ctx: typer.Context, who: Who, reason: Why, json: JsonOption = False) -> None:
    """Remove the second factors of somebody who lost them."""
    deck = of(ctx)
    found = deck.api.post(f"/admin/users/{segment(who)}/clear-factors", {"reason": reason})
    deck.out.result(found, lambda: deck.out.say(f"{found['email']} has no second factor now"))


@app.command()
def grant(ctx: typer.Context, who: Who, json: JsonOption = False) -> None:
    """Let somebody run the installation."""
    _administer(of(ctx), who, admin=True)


@app.command()
def revoke(ctx: typer.Context, who: Who, json: JsonOption = False) -> None:
    """Let somebody run the installation no longer."""
    _administer(of(ctx), who, admin=False)


def _administer(deck: Deck, who: str, *, admin: bool) -> None:
    found = deck.api.put(f"/admin/users/{segment(who)}/admin", {"admin": admin})
    said = "runs the installation" if found["admin"] else "does not run the installation"
    deck.out.result(found, lambda: deck.out.say(f"{found['email']} {said}"))


def _state(user: Json) -> str:
    return f"{user['status']}, admin" if user["admin"] else str(user["status"])


# -- teams -----------------------------------------------------------------------------------------


@app.command()
def teams(
    ctx: typer.Context, query: Query = None, status: Status = None, json: JsonOption = False
) -> None:
    """List every team of the installation."""
    deck = of(ctx)
    found = list(deck.api.items("/admin/teams", query=query, status=status, limit=100))
    rows = [(t["slug"], t["name"], t["status"], _plan(t), age(t["created_at"])) for t in found]
    headers = ("SLUG", "NAME", "STATUS", "PLAN", "AGE")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "NAME"))


@app.command()
def plan(
    ctx: typer.Context,
    team: Annotated[str, typer.Argument(metavar="TEAM", help="Id or slug.")],
    wanted: Annotated[
        str, typer.Argument(metavar="PLAN", help=f"{', '.join(PLANS)}, or {OWN}: take it back.")
    ],
    reason: Why,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="2026-12-31T00:00:00Z; without, for good."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Give a team a plan in place of its own."""
    deck = of(ctx)
    if wanted not in {*PLANS, OWN}:
        choices = ", ".join((*PLANS, OWN))
        raise UserError("bad_plan", f"There is no plan {wanted!r}", f"One of {choices}.")
    body: Json = {"plan": None if wanted == OWN else wanted, "reason": reason}
    if until is not None:
        body["until"] = until
    found = deck.api.patch(f"/admin/teams/{segment(team)}", body)
    deck.out.result(found, lambda: deck.out.say(f"{found['slug']} has the plan {_plan(found)}"))


@app.command(name="sso-off")
def sso_off(
    ctx: typer.Context,
    team: Annotated[str, typer.Argument(metavar="TEAM", help="Id or slug.")],
    json: JsonOption = False,
) -> None:
    """Let a team in without its identity provider, when that is broken."""
    deck = of(ctx)
    found = deck.api.put(f"/admin/teams/{segment(team)}/sso", {"enforced": False})
    deck.out.result(found, lambda: deck.out.say(f"{team} signs in without single sign-on now"))


@app.command(name="release-domain")
def release_domain(
    ctx: typer.Context,
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="Such as example.com.")],
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Take a proven domain from the team that has it."""
    deck = of(ctx)
    confirm(deck, f"Nobody signs in by single sign-on as somebody of {domain}. Go on?", yes)
    deck.api.delete(f"/admin/domains/{segment(domain)}")
    deck.out.result({"released": domain}, lambda: deck.out.say(f"{domain} is free again"))


def _plan(team: Json) -> str:
    if team["granted_plan"] is None:
        return str(team["plan"])
    return f"{team['plan']} (given, until {team['granted_until'] or 'for good'})"


# -- who may sign up, and with what ----------------------------------------------------------------


@app.command()
def requests(
    ctx: typer.Context,
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="pending, approved or rejected.")
    ] = "pending",
    approve: Annotated[
        str | None, typer.Option("--approve", metavar="ID", help="Invite whoever asked.")
    ] = None,
    reject: Annotated[str | None, typer.Option("--reject", metavar="ID", help="Do not.")] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="For us.")] = None,
    json: JsonOption = False,
) -> None:
    """List those who asked for access, or decide about one of them."""
    deck = of(ctx)
    if approve and reject:
        raise UserError("one_decision", "Approve one or reject one", "Decide one at a time.")
    if approve or reject:
        verb = "approve" if approve else "reject"
        path = f"/admin/access-requests/{segment(approve or reject or '')}/{verb}"
        found = deck.api.post(path, {} if note is None else {"note": note})
        deck.out.result(found, lambda: deck.out.say(f"{found['email']} is {found['state']}"))
        return
    items = list(deck.api.items("/admin/access-requests", state=state, limit=100))
    rows = [
        (r["id"], r["email"], r["name"], r["organisation"], age(r["created_at"]), r["reason"])
        for r in items
    ]
    headers = ("ID", "E-MAIL", "NAME", "ORGANISATION", "AGE", "REASON")
    deck.out.result({"items": items}, lambda: deck.out.table(headers, rows, "REASON"))


@app.command()
def settings(
    ctx: typer.Context,
    sign_up: Annotated[
        str | None,
        typer.Option("--sign-up", metavar="WHO", help="open, invite or request."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show the settings of the installation, or change who may sign up."""
    deck = of(ctx)
    if sign_up is None:
        found = deck.api.get("/admin/settings")
    else:
        found = deck.api.patch("/admin/settings", {"sign_up": sign_up})
    deck.out.result(found, lambda: deck.out.say(f"sign-up: {found['sign_up']}"))


@app.command()
def providers(
    ctx: typer.Context,
    provider: Annotated[
        str | None, typer.Argument(metavar="PROVIDER", help="github, google and the like.")
    ] = None,
    client_id: Annotated[
        str | None,
        typer.Option("--client-id", metavar="ID", help="Set it up; the secret is asked for."),
    ] = None,
    issuer: Annotated[
        str | None, typer.Option("--issuer", metavar="URL", help="Instead of the provider's own.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
    json: JsonOption = False,
) -> None:
    """Show with whom people may sign in, or set a provider up."""
    deck = of(ctx)
    if provider is None:
        items = deck.api.get("/auth/providers", signed_in=False)["items"]
        rows = [(one["id"], one["name"]) for one in items]
        deck.out.result({"items": items}, lambda: deck.out.table(("ID", "NAME"), rows))
        return
    path = f"/admin/providers/{segment(provider)}"
    if remove:
        deck.api.delete(path)
        deck.out.result({"removed": provider}, lambda: deck.out.say(f"Removed {provider}"))
        return
    if client_id is None:
        found = deck.api.get(path)
    else:
        body = {"client_id": client_id, "client_secret": _secret(provider)}
        found = deck.api.put(path, body if issuer is None else {**body, "issuer": issuer})

    def text() -> None:
        deck.out.say(f"{found['name']}  {found['client_id']}")
        deck.out.say(f"Register there: {found['redirect_uri']}")

    deck.out.result(found, text)


def _secret(provider: str) -> str:
    """The client secret from the person or from a pipe, so that it stays out of the history."""
    if is_terminal(sys.stdin):
        return str(typer.prompt(f"Client secret of {provider}", hide_input=True, err=True))
    value = sys.stdin.read().strip()
    if not value:
        raise UserError("no_value", "There is no client secret", "Pipe it in.")
    return value
