"""The GitHub App: of the installation, and of teams that installed it."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from chalicelib.core import stepup
from chalicelib.core.config import settings
from chalicelib.core.http import PUBLIC, Call, Empty, Input, Output, secret_field
from chalicelib.git.actions import app_settings, installations
from chalicelib.git.routes.blueprint import routes
from chalicelib.git.rows.apps import AppRow, InstallationRow


class AppSettings(Input):
    """What GitHub gave when the App was registered."""

    app_id: str = Field(pattern=r"^[1-9][0-9]{0,18}$")
    client_id: str = Field(min_length=1, max_length=100)
    private_key: str = secret_field(min_length=1, max_length=10_000)
    client_secret: str = secret_field(min_length=1, max_length=500)
    webhook_secret: str = secret_field(min_length=16, max_length=500)
    base_url: str = Field("", max_length=300, description="of GitHub Enterprise Server")


class AppView(Output):
    """The App, without its secrets, and what to register at GitHub."""

    app_id: str
    slug: str
    client_id: str
    base_url: str
    webhook_url: str
    callback_url: str
    updated_at: str


class Departure(Input):
    """Where to come back to."""

    return_to: str = Field(max_length=500)


class Address(Output):
    """Where the browser has to go."""

    url: str


class Return(Input):
    """What GitHub sends along; it may add things of its own."""

    model_config = ConfigDict(extra="ignore", str_max_length=8192)

    state: str = Field("", max_length=500)
    code: str = Field("", max_length=500)
    installation_id: str = Field("", max_length=20)


class Brought(Input):
    """What GitHub sent the browser back with."""

    state: str = secret_field(max_length=500)
    code: str = secret_field(max_length=500)
    installation: str = Field(pattern=r"^[0-9]{1,20}$")


class InstallationView(Output):
    """An installation of the App that is a team's."""

    id: str
    account: str
    connected_at: str
    connected_by: str


class InstallationList(Output):
    """The installations of a team."""

    items: list[InstallationView]


class RepositoryOffer(Output):
    """A repository that an installation may see."""

    id: str
    name: str
    branch: str
    private: bool
    url: str


class RepositoryOffers(Output):
    """What an installation may see."""

    items: list[RepositoryOffer]


@routes.get(
    "/admin/git/github",
    permission="admin.read",
    scope="installation",
    answer=AppView,
    problems=(404,),
)
def show_github_app(_call: Call) -> AppView:
    """The GitHub App of this installation."""
    return _view(app_settings.configured())


@routes.put(
    "/admin/git/github",
    permission="admin.manage",
    scope="installation",
    body=AppSettings,
    answer=AppView,
    step_up=True,
)
def configure_github_app(call: Call) -> AppView:
    """Set the GitHub App up, or anew; from a session only."""
    stepup.require_person(call.actor, "name the App of a git host")
    body: AppSettings = call.body
    row = app_settings.configure(
        app_settings.Wanted(
            app=body.app_id,
            client_id=body.client_id,
            key=body.private_key,
            client_secret=body.client_secret,
            webhook_secret=body.webhook_secret,
            base=body.base_url,
        )
    )
    return _view(row)


@routes.delete(
    "/admin/git/github",
    permission="admin.manage",
    scope="installation",
    answer=Empty,
    status=204,
    step_up=True,
    problems=(404,),
)
def remove_github_app(_call: Call) -> None:
    """Forget the App; what was connected through it can be read no longer."""
    app_settings.remove()


@routes.post(
    "/teams/{team}/git/github/start",
    permission="git.manage",
    scope="team",
    body=Departure,
    answer=Address,
    audited=False,
)
def start_github(call: Call) -> Address:
    """Begin to connect a team with an account at GitHub, in a browser."""
    return Address(url=installations.start(call.actor, call.scope.team, call.body.return_to))


@routes.get(
    "/git/github/callback",
    permission=PUBLIC,
    query=Return,
    answer=Empty,
    status=302,
)
def come_back_from_github(call: Call) -> tuple[Empty, dict[str, str]]:
    """Where GitHub sends browsers back to; goes on to where the connection began."""
    given: Return = call.query
    visitor = installations.Visitor(given.state, given.code, given.installation_id)
    return Empty(), {
        "Location": installations.onward(visitor),
        "Referrer-Policy": "no-referrer",
    }


@routes.post(
    "/teams/{team}/git/github",
    permission="git.manage",
    scope="team",
    body=Brought,
    answer=InstallationView,
    status=201,
    problems=(409,),
)
def connect_github(call: Call) -> InstallationView:
    """Connect a team with an account at GitHub; whoever began it brings what GitHub sent."""
    body: Brought = call.body
    visitor = installations.Visitor(body.state, body.code, body.installation)
    row = installations.claim(call.actor, call.scope.team, visitor)
    call.trail.after = {"account": row.account}
    call.trail.resource = row.installation
    return _installation(row)


@routes.get("/teams/{team}/git", permission="git.read", scope="team", answer=InstallationList)
def list_installations(call: Call) -> InstallationList:
    """The accounts at GitHub that a team is connected with."""
    return InstallationList(
        items=[_installation(row) for row in installations.of_team(call.scope.team)]
    )


@routes.get(
    "/teams/{team}/git/{installation}/repositories",
    permission="git.manage",
    scope="team",
    answer=RepositoryOffers,
    problems=(409,),
)
def list_repositories(call: Call) -> RepositoryOffers:
    """What an installation may see: the repositories that can be connected."""
    return RepositoryOffers(
        items=[
            RepositoryOffer(
                id=one.identity,
                name=one.name,
                branch=one.default_branch,
                private=one.private,
                url=one.url,
            )
            for one in installations.repositories(call.scope.team, call.path["installation"])
        ]
    )


@routes.delete(
    "/teams/{team}/git/{installation}",
    permission="git.manage",
    scope="team",
    answer=Empty,
    status=204,
)
def release_installation(call: Call) -> None:
    """Take an account at GitHub from a team; there the App stays installed."""
    row = installations.release(call.scope.team, call.path["installation"])
    call.trail.before = {"account": row.account}


def _installation(row: InstallationRow) -> InstallationView:
    return InstallationView(
        id=row.installation,
        account=row.account,
        connected_at=row.connected_at,
        connected_by=row.connected_by,
    )


def _view(row: AppRow) -> AppView:
    return AppView(
        app_id=row.app,
        slug=row.slug,
        client_id=row.client_id,
        base_url=row.base,
        webhook_url=f"{settings().api_url}/v1/hooks/github",
        callback_url=f"{settings().api_url}/v1/git/github/callback",
        updated_at=row.updated_at,
    )
