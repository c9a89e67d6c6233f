"""members list, set-role, remove, leave; invite; invitations list, revoke, accept."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.api import segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import UserError
from cli.text import age

app = typer.Typer(help="Who is in a team or a project, and as what.")
invitations = typer.Typer(help="List, take back and accept invitations.")

Who = Annotated[str, typer.Argument(metavar="MEMBER", help="Id or e-mail.")]
ProjectOption = Annotated[
    str | None,
    typer.Option("--project", "-p", metavar="PROJECT", help="Of this project, not of the team."),
]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Who is in a team or a project, and as what."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command(name="list")
def list_(
    ctx: typer.Context,
    project: ProjectOption = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """List the members of a team, or those with a role in one project."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck, project, team), limit=100))
    rows = [
        (m["email"], m["name"], m["role"], _factor(m.get("mfa")), age(m["joined_at"]), m["user"])
        for m in found
    ]
    headers = ("E-MAIL", "NAME", "ROLE", "MFA", "AGE", "ID")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "NAME"))


@app.command(name="set-role")
def set_role(
    ctx: typer.Context,
    member: Who,
    role: Annotated[str, typer.Argument(help="owner, admin, developer, billing or viewer.")],
    project: ProjectOption = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Give a member another role; with `--project` anybody who has an account."""
    deck = of(ctx)
    path = f"{_path(deck, project, team)}/{segment(member)}"
    send = deck.api.put if project else deck.api.patch
    done = send(path, {"role": role})
    deck.out.result(done, lambda: deck.out.say(f"{done['email']} is {done['role']} now"))


@app.command()
def remove(
    ctx: typer.Context,
    member: Who,
    project: ProjectOption = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Take somebody out of the team, or take their role in one project."""
    deck = of(ctx)
    deck.api.delete(f"{_path(deck, project, team)}/{segment(member)}")
    deck.out.result({"removed": member}, lambda: deck.out.say(f"Removed {member}"))


@app.command()
def leave(
    ctx: typer.Context,
    project: ProjectOption = None,
    team: TeamOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Leave a team, or give up your role in one project."""
    deck = of(ctx)
    me = deck.api.get("/me")["user"]
    if me is None:
        raise UserError("no_user", "A machine leaves no team", "Delete its key: deck keys delete")
    path = _path(deck, project, team)
    left = project or path.split("/")[2]
    confirm(deck, f"Leave {left}?", yes)
    deck.api.delete(f"{path}/{segment(me['id'])}")
    if project is None and deck.profile.team(deck.api_url()) == left:
        deck.profile.use_team(deck.api_url(), None)
    deck.out.result({"left": left}, lambda: deck.out.say(f"Left {left}"))


def invite(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="Whom; they get a mail.")],
    role: Annotated[
        str, typer.Option("--role", "-r", help="owner, admin, developer, billing or viewer.")
    ] = "developer",
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Invite somebody into a team; again, a new mail replaces the old one."""
    deck = of(ctx)
    path = f"/teams/{segment(deck.team(team))}/invitations"
    made = deck.api.post(path, {"email": email, "role": role})
    said = f"Invited {made['email']} as {made['role']}, until {made['expires_at'][:10]}"
    deck.out.result(made, lambda: deck.out.say(said))


@invitations.callback(invoke_without_command=True)
def invitations_group(ctx: typer.Context) -> None:
    """List, take back and accept invitations."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@invitations.command(name="list")
def list_invitations(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List the invitations that nobody has accepted yet."""
    deck = of(ctx)
    path = f"/teams/{segment(deck.team(team))}/invitations"
    found = list(deck.api.items(path, limit=100))
    rows = [(i["email"], i["role"], i["state"], i["expires_at"][:10], i["id"]) for i in found]
    headers = ("E-MAIL", "ROLE", "STATE", "UNTIL", "ID")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "E-MAIL"))


@invitations.command()
def revoke(
    ctx: typer.Context,
    invitation: Annotated[str, typer.Argument(help="Id, or the e-mail that was invited.")],
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Take an invitation back."""
    deck = of(ctx)
    path = f"/teams/{segment(deck.team(team))}/invitations"
    identifier = invitation
    if "@" in invitation:
        items = deck.api.items(path, limit=100)
        wanted = invitation.strip().lower()
        identifier = next((i["id"] for i in items if i["email"] == wanted), invitation)
    deck.api.delete(f"{path}/{segment(identifier)}")
    deck.out.result({"revoked": identifier}, lambda: deck.out.say(f"Revoked {invitation}"))


@invitations.command()
def accept(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(help="From the mail; `-` reads it from stdin.")],
    json: JsonOption = False,
) -> None:
    """Join the team that you were invited to."""
    deck = of(ctx)
    joined = deck.api.post("/invitations/accept", {"token": _token(token)})
    said = f"You are {joined['role']} of {joined['slug']} now"
    deck.out.result(joined, lambda: deck.out.say(said))


@invitations.command()
def look(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(help="From the mail; `-` reads it from stdin.")],
    json: JsonOption = False,
) -> None:
    """Show who invites you into what, before you join; nobody has to be signed in."""
    deck = of(ctx)
    seen = deck.api.post("/invitations/look", {"token": _token(token)}, signed_in=False)
    said = (
        f"{seen['invited_by']} invites {seen['email']} into {seen['slug']} ({seen['team_name']})"
        f" as {seen['role']}, until {seen['expires_at'][:10]}"
    )
    deck.out.result(seen, lambda: deck.out.say(said))


def _path(deck: Deck, project: str | None, team: str | None) -> str:
    if project:
        return f"/projects/{segment(project)}/members"
    return f"/teams/{segment(deck.team(team))}/members"


def _token(given: str) -> str:
    from_pipe = given == "-"
    return sys.stdin.readline().strip() if from_pipe else given


def _factor(mfa: bool | None) -> str:
    return "-" if mfa is None else ("yes" if mfa else "no")
