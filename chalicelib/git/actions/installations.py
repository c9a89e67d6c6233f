"""Which installations of the GitHub App are a team's.

Anybody can name the number of an installation. So whoever claims one comes from GitHub with a
code of their own, and GitHub is asked which installations that person manages.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from chalicelib.accounts.rules.returns import check_return_to, with_answer
from chalicelib.core import stepup
from chalicelib.core.actor import Actor
from chalicelib.core.console import console_url
from chalicelib.core.errors import FieldError, Invalid, Problem, Unavailable, not_found
from chalicelib.git.actions import app_settings, opening
from chalicelib.git.providers import Refused, Repository
from chalicelib.git.rows import apps as rows
from chalicelib.git.rows.apps import InstallationRow
from chalicelib.git.rules.trust import same_id

T = TypeVar("T")


@dataclass(frozen=True)
class Visitor:
    """What GitHub sends a browser back with."""

    state: str
    code: str
    installation: str


def start(actor: Actor, team: str, return_to: str) -> str:
    """Where the browser goes to install the App, or to choose repositories of an installation.

    Raises NotFound when there is no App, Invalid for a place to come back to that is none of ours.
    """
    stepup.require_person(actor, "connect an account at GitHub")
    app = app_settings.configured()
    try:
        check_return_to(return_to, console_url())
    except ValueError as error:
        raise Invalid(
            "invalid_request",
            f"/return_to: {error}",
            hint="Correct the fields listed in `errors`.",
            errors=(FieldError("/return_to", str(error)),),
        ) from None
    state = secrets.token_urlsafe(32)
    rows.leave(state, team, actor.user, return_to)
    return (
        f"{app.base}/{_apps(app.base)}/{app.slug}/installations/new?{urlencode({'state': state})}"
    )


def _apps(base: str) -> str:
    """GitHub Enterprise Server has the pages of Apps elsewhere."""
    return "apps" if base == app_settings.GITHUB else "github-apps"


def onward(visitor: Visitor) -> str:
    """Where the browser goes from GitHub: back to where it began, with what it brought.

    Nothing is claimed here: somebody else may have been sent to GitHub with the state of whoever
    began. Raises Problem `state_invalid` when nobody knows where it began.
    """
    away = rows.away(visitor.state)
    if away is None:
        raise _over()
    brought = {"state": visitor.state, "code": visitor.code, "installation": visitor.installation}
    return with_answer(away.return_to, **brought)


def claim(actor: Actor, team: str, visitor: Visitor) -> InstallationRow:
    """Give a team the installation that somebody brought from GitHub; who began has to finish.

    Raises Problem `state_invalid`, NotFound for an installation that the person does not manage.
    """
    stepup.require_person(actor, "connect an account at GitHub")
    away = rows.take(visitor.state)
    if away is None or (away.team, away.user) != (team, actor.user):
        raise _over()
    app = app_settings.configured()
    opened = app_settings.app_of(app)
    managed = _ask(lambda: app_settings.apps().installations(opened, visitor.code))
    for installation, account in managed.items():
        if same_id(visitor.installation, installation):
            return rows.claim(team, installation, account[:100], app.base, actor.user)
    raise not_found("installation", visitor.installation)


def _over() -> Problem:
    return Problem(
        "state_invalid",
        "This connection is unknown, over, or older than ten minutes.",
        hint="Begin again where you began.",
        status=400,
    )


def of_team(team: str) -> list[InstallationRow]:
    """The installations of a team."""
    return rows.installations(team)


def repositories(team: str, installation: str) -> list[Repository]:
    """What an installation of a team may see; raises NotFound for another team's."""
    row, app = rows.claimed(team, installation), app_settings.current()
    if row is None or app is None or row.base != app.base:
        raise not_found("installation", installation)
    return _ask(lambda: app_settings.apps().repositories(app, row.installation))


def release(team: str, installation: str) -> InstallationRow:
    """Take an installation from a team; raises NotFound. At GitHub it stays."""
    row = rows.claimed(team, installation)
    if row is None:
        raise not_found("installation", installation)
    row.delete()
    return row


def _ask(question: Callable[[], T]) -> T:
    """Ask GitHub; its refusal is a Conflict, its silence Unavailable."""
    try:
        return question()
    except Refused as refused:
        raise opening.problem_of(refused) from None
    except OSError as error:
        raise Unavailable(
            "git_host_unreachable",
            f"GitHub does not answer: {type(error).__name__}",
            retry_after=30,
        ) from None
