"""team list, create, show, rename, set, use, transfer, delete."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.context import JsonOption, TeamOption, of
from cli.errors import UserError

app = typer.Typer(help="Make, show, change, hand on and delete teams, and choose one to work in.")

Named = Annotated[str | None, typer.Argument(metavar="[TEAM]", help="Id or slug.")]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Make, show, change, hand on and delete teams, and choose one to work in."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command(name="list")
def list_(ctx: typer.Context, json: JsonOption = False) -> None:
    """List your teams; `*` is the one in use."""
    deck = of(ctx)
    used = deck.profile.team(deck.api_url())
    found = list(deck.api.items("/teams", limit=100))
    rows = [
        ("*" if used in {t["slug"], t["id"]} else "", t["slug"], t["name"], t["role"], t["id"])
        for t in found
    ]
    deck.out.result(
        {"items": found, "in_use": used},
        lambda: deck.out.table(("", "TEAM", "NAME", "ROLE", "ID"), rows, "NAME"),
    )


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    slug: Annotated[
        str | None, typer.Option(help="Name in addresses (default: made of the name).")
    ] = None,
    use: Annotated[bool, typer.Option("--use", help="Work in it from now on.")] = False,
    json: JsonOption = False,
) -> None:
    """Make a team, whose owner you are."""
    deck = of(ctx)
    wish: Json = {"name": name}
    made = deck.api.post("/teams", wish | ({"slug": slug} if slug else {}))
    if use:
        deck.profile.use_team(deck.api_url(), made["slug"])
    deck.out.result(made, lambda: deck.out.say(f"Made the team {made['slug']}"))


@app.command()
def show(ctx: typer.Context, team: Named = None, json: JsonOption = False) -> None:
    """Show a team."""
    deck = of(ctx)
    found = deck.api.get(f"/teams/{segment(deck.team(team))}")
    fields = {
        "team": f"{found['slug']}  {found['name']}",
        "id": found["id"],
        "your role": found["role"],
        "plan": found["plan"],
        "status": found["status"],
        "billing": found["billing_email"],
        "logo": found["logo_url"],
        "second factor": "required" if found["mfa_required"] else "not required",
        "single sign-on": "enforced" if found["sso_enforced"] else "not enforced",
        "since": found["created_at"],
    }
    lines = [f"{name:<14} {value}" for name, value in fields.items() if value is not None]
    deck.out.result(found, lambda: deck.out.say("\n".join(lines)))


@app.command()
def rename(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The new name; the slug stays.")],
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Change what people call a team."""
    _change(ctx, team, {"name": name})


@app.command(name="set")
def set_(
    ctx: typer.Context,
    logo: Annotated[
        str | None, typer.Option(metavar="URL", help="Address of a picture; empty removes it.")
    ] = None,
    billing_email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Who gets bills; empty removes it.")
    ] = None,
    mfa: Annotated[
        bool | None, typer.Option("--mfa/--no-mfa", help="Whether members need a second factor.")
    ] = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Change a team's logo, its address for bills, or what it asks of its members."""
    given = {"logo_url": logo, "billing_email": billing_email}
    wish: Json = {name: value or None for name, value in given.items() if value is not None}
    if mfa is not None:
        wish["mfa_required"] = mfa
    if not wish:
        raise UserError("no_value", "Nothing was named to be changed", "See `deck team set -h`.")
    _change(ctx, team, wish)


def _change(ctx: typer.Context, team: str | None, wish: Json) -> None:
    deck = of(ctx)
    changed = deck.api.patch(f"/teams/{segment(deck.team(team))}", wish)
    deck.out.result(
        changed, lambda: deck.out.say(f"Changed {changed['slug']}: {', '.join(sorted(wish))}")
    )


@app.command()
def use(
    ctx: typer.Context,
    team: Named = None,
    none: Annotated[bool, typer.Option("--none", help="Choose none.")] = False,
    json: JsonOption = False,
) -> None:
    """Choose the team that is meant when a command names none."""
    deck = of(ctx)
    if (team is None) != none:
        raise UserError("which_team", "Which team?", "Name one, or give --none.")
    slug = None if team is None else str(deck.api.get(f"/teams/{segment(team)}")["slug"])
    deck.profile.use_team(deck.api_url(), slug)
    said = f"Working in {slug} now" if slug else "Working in your own team now"
    deck.out.result({"api": deck.api_url(), "team": slug}, lambda: deck.out.say(said))


@app.command()
def transfer(
    ctx: typer.Context,
    member: Annotated[str, typer.Argument(help="Id or e-mail of a member.")],
    team: TeamOption = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Make somebody else owner; you become an admin."""
    deck = of(ctx)
    chosen = deck.team(team)
    confirm(deck, f"Make {member} owner of {chosen}, and yourself an admin?", yes)
    done = deck.api.post(f"/teams/{segment(chosen)}/transfer", {"to": member})
    deck.out.result(done, lambda: deck.out.say(f"{member} is owner of {done['slug']} now"))


@app.command()
def delete(
    ctx: typer.Context,
    team: Annotated[str, typer.Argument(help="Id or slug.")],
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Delete a team that has no projects any more."""
    deck = of(ctx)
    confirm(deck, f"Delete the team {team}, with its keys and invitations?", yes)
    deck.api.delete(f"/teams/{segment(team)}")
    if deck.profile.team(deck.api_url()) == team:
        deck.profile.use_team(deck.api_url(), None)
    deck.out.result({"deleted": team}, lambda: deck.out.say(f"Deleted {team}"))
