"""What every command needs: the output, the profile, the project of this folder, the API."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import link, localcloud
from cli.api import Api
from cli.config import DEFAULT_API, Profile, normal_api
from cli.errors import UserError
from cli.output import Out


class Deck:
    """One run of the command."""

    def __init__(self) -> None:
        self.out = Out()
        self.api_option: str | None = None

    @cached_property
    def here(self) -> Path:
        """The folder in which the command runs."""
        return Path.cwd()

    @cached_property
    def profile(self) -> Profile:
        """Who is signed in where."""
        return Profile()

    @cached_property
    def linked(self) -> link.Link | None:
        """The project of this folder, if it has one."""
        return link.find(self.here)

    def link(self) -> link.Link:
        """The project of this folder."""
        if self.linked is None:
            raise UserError(
                "no_project",
                f"{self.here} is not linked to a project",
                "Run `deck init` for a new project or `deck link` for one that exists.",
            )
        return self.linked

    def tell(self, data: Any, text: str) -> None:
        """Something to act on before the command can go on: a line of JSON, or a note."""
        if self.out.json:
            self.out.stream(data, "")
        else:
            for line in text.split("\n"):
                self.out.note(line)

    def api_url(self) -> str:
        """By option, environment, project, running local cloud, last sign-in, default."""
        named = self.api_option or os.environ.get("CLOUDDECK_API")
        if named:
            return normal_api(named)
        if self.linked is not None:
            return self.linked.api
        cloud = localcloud.running(self.here)
        if cloud is not None:
            return normal_api(cloud["api"])
        return self.profile.last_api() or DEFAULT_API

    def chosen_team(self, named: str | None) -> str | None:
        """The team by option, else the one in use; None leaves it to the API."""
        return named or self.profile.team(self.api_url())

    def team(self, named: str | None) -> str:
        """The team by option or choice, or the only one there is."""
        chosen = self.chosen_team(named)
        if chosen:
            return chosen
        slugs = [team["slug"] for team in self.api.get("/me")["teams"]]
        if len(slugs) == 1:
            return str(slugs[0])
        raise UserError(
            "which_team",
            "Which team?",
            f"Give --team, or choose one: deck team use {' | '.join(slugs) or 'TEAM'}",
        )

    @cached_property
    def api(self) -> Api:
        """The API that this run talks to."""
        from cli.proof import prove

        api = Api(self.api_url(), self.profile)
        api.prove = lambda: prove(self)
        return api


def of(ctx: typer.Context) -> Deck:
    """The run that a command belongs to."""
    deck = ctx.find_object(Deck)
    assert deck is not None, "the door puts it there"
    return deck


def _json_wanted(ctx: typer.Context, value: bool) -> bool:
    if value and not ctx.resilient_parsing:
        of(ctx).out.json = True
    return value


def _api_named(ctx: typer.Context, value: str | None) -> str | None:
    if value and not ctx.resilient_parsing:
        of(ctx).api_option = value
    return value


JsonOption = Annotated[
    bool,
    typer.Option(
        "--json", callback=_json_wanted, is_eager=True, help="Print JSON and nothing else."
    ),
]
TeamOption = Annotated[
    str | None,
    typer.Option("--team", "-t", metavar="TEAM", help="Id or slug (default: the one in use)."),
]
ApiOption = Annotated[
    str | None,
    typer.Option("--api", callback=_api_named, metavar="URL", help="The API to talk to."),
]
EnvironmentName = Annotated[
    str,
    typer.Option("--environment", "-e", metavar="NAME", help="all, production, preview, ..."),
]
