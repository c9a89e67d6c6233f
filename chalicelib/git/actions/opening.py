"""From a row to a link that a provider can use, and from its refusals to problems."""

from __future__ import annotations

from chalicelib.core.errors import Conflict, Problem, not_found
from chalicelib.git import providers
from chalicelib.git.actions import app_settings, sealed
from chalicelib.git.providers import Link, Provider, Refused
from chalicelib.git.rows import apps
from chalicelib.git.rows import links as rows
from chalicelib.git.rows.links import LinkRow

RECONNECT = (
    "Look with `deck git check`; connect the repository anew with `deck git connect` when the "
    "token was revoked, the App removed or the repository renamed."
)


def provider_of(row: LinkRow) -> Provider:
    """Who speaks with the host of a link."""
    return providers.of(row.provider)


def link_of(row: LinkRow) -> Link:
    """A link with its secret opened; raises Conflict when the App it needs is gone, or its
    installation is the team's no more."""
    secret, user = sealed.credential(row), row.user
    if row.credential == "app":
        app = app_settings.current()
        if app is None or app.base != row.base:
            raise Conflict(
                "repo_access_denied",
                "The GitHub App through which this repository was connected is not set up here.",
                hint="Ask whoever runs this installation, or connect with a token.",
            )
        if apps.claimed(row.team, row.installation) is None:
            raise Conflict(
                "repo_access_denied",
                "The account at GitHub that this repository is of is no account of the team now.",
                hint="An owner or admin of the team connects it with `deck git github`.",
            )
        secret, user = app.key, app.identifier
    return Link(
        project=row.project,
        provider=row.provider,
        base=row.base,
        repository=row.repository,
        identity=row.identity,
        installation=row.installation,
        credential=row.credential,
        secret=secret,
        user=user,
        host_key=row.host_key,
    )


def linked(project: str) -> LinkRow:
    """The repository of a project; raises NotFound `repository_not_found`."""
    row = rows.of(project)
    if row is None:
        raise not_found("repository", project)
    return row


def problem_of(refused: Refused) -> Problem:
    """What the host's no is to a person: their state of things, with the way out."""
    return Conflict(refused.code, refused.message, hint=refused.hint or RECONNECT)
