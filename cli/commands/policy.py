"""can; policy list, show, set, delete, test."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

import json as documents
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import UserError

app = typer.Typer(help="Restrict what roles allow: show, set, delete and try policies.")

Name = Annotated[str, typer.Argument(help="Name of the policy.")]
Who = Annotated[str, typer.Argument(help="E-mail or id of a member, id of a key, or `me`.")]
Action = Annotated[str, typer.Argument(help="A permission, such as deployment.promote.")]
What = Annotated[
    str | None, typer.Argument(metavar="[WHAT]", help="Slug or id; the team by default.")
]
EnvironmentOption = Annotated[
    str | None, typer.Option("--env", help="production, preview or development.")
]
MfaOption = Annotated[
    bool | None, typer.Option("--mfa/--no-mfa", help="With or without a second factor.")
]
AtOption = Annotated[
    str | None, typer.Option(metavar="TIME", help="ISO 8601, such as 2026-11-20T15:00+01:00.")
]
IpOption = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where it comes from.")]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Restrict what roles allow: show, set, delete and try policies."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def can(
    ctx: typer.Context,
    who: Who,
    action: Action,
    what: What = None,
    env: EnvironmentOption = None,
    mfa: MfaOption = None,
    at: AtOption = None,
    ip: IpOption = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether somebody may do something, and why; exit code 1 when not."""
    context = {"environment": env, "mfa": mfa, "at": at, "ip": ip}
    _ask(of(ctx), team, _question(who, action, what, context))


@app.command(name="test")
def try_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON or Cedar; `-` reads standard input.")],
    who: Who,
    action: Action,
    what: What = None,
    name: Annotated[str, typer.Option(help="The policy that it would replace.")] = "draft",
    env: EnvironmentOption = None,
    mfa: MfaOption = None,
    at: AtOption = None,
    ip: IpOption = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Try a policy that is not set: would somebody still be allowed? Exit code 1 when not."""
    context = {"environment": env, "mfa": mfa, "at": at, "ip": ip}
    question = _question(who, action, what, context)
    _ask(of(ctx), team, question | {"draft": _read(file) | {"name": name}})


def _question(who: str, action: str, what: str | None, context: Json) -> Json:
    given = {key: value for key, value in context.items() if value is not None}
    question: Json = {"who": who, "action": action, "context": given}
    return question | ({"resource": what} if what else {})


def _ask(deck: Deck, team: str | None, question: Json) -> None:
    found = deck.api.post("/policies/simulate", question | {"team": deck.team(team)})

    def tell() -> None:
        role = f", as {found['role']}" if found["role"] else ""
        deck.out.say(("yes" if found["allowed"] else "no") + role)
        for step in found["why"]:
            deck.out.say(f"  {'+' if step['allowed'] else '-'} {step['step']}: {step['detail']}")
        if not found["allowed"] and found["hint"]:
            deck.out.say(f"  {found['hint']}")

    deck.out.result(found, tell)
    if not found["allowed"]:
        raise typer.Exit(1)


@app.command(name="list")
def list_(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List the policies of a team."""
    deck = of(ctx)
    found = deck.api.get(_path(deck, team))
    rows = [(p["name"], p["words"], p["description"]) for p in found["items"]]
    deck.out.result(found, lambda: deck.out.table(("POLICY", "SAYS", "FOR"), rows, "SAYS"))


@app.command()
def show(ctx: typer.Context, name: Name, team: TeamOption = None, json: JsonOption = False) -> None:
    """Show a policy in words and as the Cedar that decides."""
    deck = of(ctx)
    items = deck.api.get(_path(deck, team))["items"]
    found = next((policy for policy in items if policy["name"] == name), None)
    if found is None:
        raise UserError("policy_not_found", f"There is no policy {name!r}", "`deck policy list`")

    def tell() -> None:
        deck.out.say(f"{name}: {found['words']}")
        if found["description"]:
            deck.out.say(found["description"])
        deck.out.say(f"set {found['updated_at']} by {found['updated_by']}\n\n{found['cedar']}")

    deck.out.result(found, tell)


@app.command(name="set")
def set_(
    ctx: typer.Context,
    name: Name,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="JSON or Cedar; `-` reads stdin.")
    ] = None,
    deny: Annotated[bool, typer.Option("--deny", help="Forbid it when all holds.")] = False,
    allow_only: Annotated[
        bool, typer.Option("--allow-only", help="Forbid it unless all holds.")
    ] = False,
    role: Annotated[list[str] | None, typer.Option(help="Whom it is about; all roles.")] = None,
    action: Annotated[list[str] | None, typer.Option(help="Such as env.*; all.")] = None,
    resource: Annotated[list[str] | None, typer.Option(help="Such as project:shop; all.")] = None,
    env: Annotated[list[str] | None, typer.Option("--env", help="In this environment.")] = None,
    days: Annotated[str | None, typer.Option(help="Such as fri or mon,tue.")] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="HH:MM")] = None,
    to: Annotated[str | None, typer.Option(metavar="HH:MM")] = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin; UTC.")] = None,
    mfa: Annotated[bool, typer.Option("--mfa", help="With a second factor.")] = False,
    mfa_minutes: Annotated[
        int | None, typer.Option(metavar="N", help="With one of the last N minutes.")
    ] = None,
    network: Annotated[list[str] | None, typer.Option(metavar="CIDR")] = None,
    description: Annotated[str | None, typer.Option(help="For those who read it.")] = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Make or replace a policy, from options or a file; it holds from the next request on."""
    deck = of(ctx)
    window = {"days": days.split(",") if days else None, "from": from_, "to": to}
    conditions = _given(
        environment=env,
        time=_given(**window, timezone=timezone) or None,
        mfa=_given(max_age_minutes=mfa_minutes, required=True) if mfa or mfa_minutes else None,
        network={"cidrs": network} if network else None,
    )
    wanted = _given(roles=role, actions=action, resources=resource, conditions=conditions or None)
    if file is not None:
        if deny or allow_only or wanted:
            raise UserError("bad_policy", "A policy comes from a file or from options", "Drop one.")
        wanted = _read(file)
    elif deny == allow_only:
        raise UserError("bad_policy", "Which effect?", "Give --deny, --allow-only or --file.")
    else:
        wanted["effect"] = "deny" if deny else "allow_only"
    if description is not None:
        wanted["description"] = description
    found = deck.api.put(f"{_path(deck, team)}/{segment(name)}", wanted)
    deck.out.result(found, lambda: deck.out.say(f"{name}: {found['words']}"))


@app.command()
def delete(
    ctx: typer.Context,
    name: Name,
    yes: YesOption = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Take a policy away."""
    deck = of(ctx)
    confirm(deck, f"Delete the policy {name}?", yes)
    deck.api.delete(f"{_path(deck, team)}/{segment(name)}")
    deck.out.result({"deleted": name}, lambda: deck.out.say(f"Deleted the policy {name}"))


def _path(deck: Deck, team: str | None) -> str:
    return f"/teams/{segment(deck.team(team))}/policies"


def _given(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _read(file: Path) -> Json:
    """A policy from a file: a JSON object, else Cedar text."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError("bad_policy", f"There is no file {file}", "Check the path.") from None
    except UnicodeDecodeError:
        raise UserError("bad_policy", f"{file} is not text in UTF-8", "Save it as UTF-8.") from None
    if not text.lstrip().startswith("{"):
        return {"cedar": text}
    try:
        found = documents.loads(text)
    except ValueError as error:
        raise UserError("bad_policy", f"{file} is not JSON: {error}", "Correct it.") from None
    return dict(found)
