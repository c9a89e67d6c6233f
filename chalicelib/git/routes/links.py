"""The repository of a project: connect, look, check, disconnect."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.core import clock
from chalicelib.core.http import Call, Empty, Input, Output, secret_field
from chalicelib.git.actions import links, opening
from chalicelib.git.routes.blueprint import routes
from chalicelib.git.rows.links import LinkRow


class NewRepository(Input):
    """The repository to connect, and at most one thing that opens it."""

    provider: str = Field(max_length=40, description="github, gitlab, bitbucket, codecommit or git")
    url: Annotated[str, Field(min_length=1, max_length=500)]
    token: str = secret_field("", max_length=4000, description="an access token of the host")
    user: str = Field("", max_length=200, description="whose token it is, where the host asks")
    installation: str = Field("", max_length=20, pattern=r"^[0-9]*$")
    deploy_key: bool = Field(False, description="make a key for SSH")


class WebhookView(Output):
    """How the host tells us; the secret is shown once, to whoever has to put it into place."""

    url: str
    automatic: bool = Field(description="the host was told; nobody has to set it up")
    secret: str | None = None


class RepositoryView(Output):
    """The repository of a project."""

    provider: str
    url: str
    repository: str
    identity: str
    branch: str = Field(description="its default branch at the host")
    credential: str = Field(description="app, token, ssh, or empty")
    installation: str | None
    deploy_key: str | None = Field(description="the public half, for the host")
    webhook: WebhookView | None = Field(description="none where the host reaches us by itself")
    state: str = Field(description="ok, waiting or broken")
    fault: str | None
    connected_at: str
    connected_by: str
    checked_at: str | None
    delivered_at: str | None = Field(description="when a webhook came last, within a minute")


@routes.post(
    "/projects/{project}/repository",
    permission="git.manage",
    scope="project",
    body=NewRepository,
    answer=RepositoryView,
    status=201,
    problems=(409,),
)
def connect_repository(call: Call) -> RepositoryView:
    """Connect a project with a repository; its default branch is deployed.

    A webhook that has to be set up by hand shows its secret in this answer and nowhere else.
    """
    body: NewRepository = call.body
    call.trail.resource = call.scope.id
    return _view(links.connect(call.actor, call.scope, links.Wanted(**body.model_dump())))


@routes.get(
    "/projects/{project}/repository",
    permission="git.read",
    scope="project",
    answer=RepositoryView,
)
def get_repository(call: Call) -> RepositoryView:
    """The repository of a project."""
    return _view(links.Connected(opening.linked(call.scope.id)))


@routes.delete(
    "/projects/{project}/repository",
    permission="git.manage",
    scope="project",
    answer=Empty,
    status=204,
)
def disconnect_repository(call: Call) -> None:
    """Forget the repository; what was deployed from it stays."""
    row = links.disconnect(call.scope)
    call.trail.before = {"provider": row.provider, "repository": row.repository}


@routes.post(
    "/projects/{project}/repository/check",
    permission="git.manage",
    scope="project",
    answer=RepositoryView,
    problems=(409,),
)
def check_repository(call: Call) -> RepositoryView:
    """Ask the host whether the repository can be read, now."""
    row = links.check(call.scope)
    call.trail.after = {"state": row.state}
    return _view(links.Connected(row))


@routes.post(
    "/projects/{project}/repository/secret",
    permission="git.manage",
    scope="project",
    answer=RepositoryView,
    problems=(409,),
)
def rotate_repository_secret(call: Call) -> RepositoryView:
    """Make a new webhook secret; the one before is good for another hour."""
    return _view(links.rotate(call.scope))


def _view(connected: links.Connected) -> RepositoryView:
    row = connected.row
    return RepositoryView(
        provider=row.provider,
        url=row.url,
        repository=row.repository,
        identity=row.identity,
        branch=row.branch,
        credential=row.credential,
        installation=row.installation or None,
        deploy_key=row.public_key or None,
        webhook=_webhook(row, connected.secret),
        state=row.state,
        fault=row.fault or None,
        connected_at=row.connected_at,
        connected_by=row.connected_by,
        checked_at=row.checked_at or None,
        delivered_at=clock.iso(int(row.delivered_ms)) if int(row.delivered_ms) else None,
    )


def _webhook(row: LinkRow, secret: str) -> WebhookView | None:
    url = links.webhook_url(row)
    if not url:
        return None
    return WebhookView(url=url, automatic=bool(row.hooked), secret=secret or None)
