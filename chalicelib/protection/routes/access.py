"""Who may see a site: protection, share links, and the doors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.core import clock
from chalicelib.core.http import PUBLIC, SIGNED_IN, Call, Empty, Input, Output, secret_field
from chalicelib.projects.rows import Project
from chalicelib.protection.actions import access, entering, shares
from chalicelib.protection.routes.blueprint import routes
from chalicelib.protection.rows import Share
from chalicelib.protection.rules.lifetimes import PASSWORD_MOST, SHARE_MOST, SHARE_SECONDS

Host = Annotated[str, Field(min_length=1, max_length=260)]
To = Annotated[str, Field(max_length=2048, description="path and query to go on to")]


class AccessChange(Input):
    """How a site shall be protected. A new password, or another mode, ends what was given out."""

    scope: Literal["previews", "all"] = "previews"
    mode: Literal["password", "team"] = "team"
    password: str | None = secret_field(None, max_length=PASSWORD_MOST + 1)


class AccessView(Output):
    """Who may see a site; `scope` is `none` when everybody may."""

    scope: Literal["none", "previews", "all"]
    mode: Literal["password", "team"] | None


class NewShare(Input):
    """A share link to make; without `host` it shows production."""

    expires_in: int = Field(SHARE_SECONDS, ge=60, le=SHARE_MOST, description="seconds")
    host: Host | None = None
    path: To = "/"
    note: str = Field("", max_length=200)


class ShareView(Output):
    """A share link; its address is shown once, when it is made."""

    id: str
    host: str
    note: str
    expires_at: str
    created_at: str
    created_by: str


class NewShareView(ShareView):
    """A share link and the address that only this answer has."""

    url: str


class ShareList(Output):
    """The share links of a project."""

    items: list[ShareView]
    next: str | None = None


class Enter(Input):
    """Where a member of the team wants to go."""

    host: Host
    to: To = "/"


class Entrance(Output):
    """The address that lets them in; it is for their browser alone."""

    url: str


class Knock(Input):
    """What the form on a protected site sends."""

    host: Host
    to: To = "/"
    password: str = secret_field(max_length=4 * PASSWORD_MOST)


def _view(project: Project) -> AccessView:
    kept = project.access or {}
    return AccessView(scope=kept.get("scope", "none"), mode=kept.get("mode"))


def _share(row: Share) -> dict[str, str]:
    shown = {
        name: getattr(row, name) for name in ("id", "host", "note", "created_at", "created_by")
    }
    return {**shown, "expires_at": clock.iso(int(row.expires) * 1000)}


@routes.get(
    "/projects/{project}/access", permission="project.read", scope="project", answer=AccessView
)
def get_access(call: Call) -> AccessView:
    """Who may see a site."""
    return _view(call.scope)


@routes.put(
    "/projects/{project}/access",
    permission="site.protect",
    scope="project",
    body=AccessChange,
    answer=AccessView,
    problems=(409,),
)
def set_access(call: Call) -> AccessView:
    """Protect a site."""
    call.trail.before = _view(call.scope).model_dump()
    access.protect(call.scope, access.Wanted(**call.body.model_dump()))
    return _view(call.scope)


@routes.delete(
    "/projects/{project}/access",
    permission="site.protect",
    scope="project",
    answer=Empty,
    status=204,
    problems=(409,),
)
def remove_access(call: Call) -> None:
    """Let everybody see a site again."""
    call.trail.before = _view(call.scope).model_dump()
    access.open_up(call.scope)


@routes.post(
    "/projects/{project}/shares",
    permission="site.share",
    scope="project",
    body=NewShare,
    answer=NewShareView,
    status=201,
    problems=(409,),
)
def create_share(call: Call) -> NewShareView:
    """Make a share link. Its address is in this answer and nowhere else."""
    body = call.body
    wanted = shares.Wanted(body.expires_in, body.host, body.path, body.note)
    row, url = shares.create(call.actor, call.scope, wanted)
    return NewShareView.model_validate(_share(row) | {"url": url})


@routes.get(
    "/projects/{project}/shares", permission="site.share", scope="project", answer=ShareList
)
def list_shares(call: Call) -> ShareList:
    """The share links of a project that have not ended."""
    return ShareList(
        items=[ShareView.model_validate(_share(row)) for row in shares.list_all(call.scope)]
    )


@routes.delete(
    "/projects/{project}/shares/{share}",
    permission="site.share",
    scope="project",
    answer=Empty,
    status=204,
    problems=(409,),
)
def delete_share(call: Call) -> None:
    """Take a share link back."""
    row = shares.delete(call.scope, call.path["share"])
    call.trail.before = {"host": row.host, "note": row.note}


@routes.post(
    "/me/access",
    permission=SIGNED_IN,
    body=Enter,
    answer=Entrance,
    problems=(404, 409),
    audited=False,  # it changes nothing: looking at one's own site is no event
)
def enter(call: Call) -> Entrance:
    """Let a member of a site's team see it."""
    return Entrance(url=entering.by_membership(call.actor, call.body.host, call.body.to))


@routes.post(
    "/access/{site}",
    permission=PUBLIC,
    body=Knock,
    answer=Empty,
    status=302,
    form=True,
    limit="sign_in",
    problems=(404,),
    audited=False,  # it changes nothing
)
def knock(call: Call) -> tuple[Empty, dict[str, str]]:
    """Take the password of a protected site; the browser goes back to where it came from."""
    body = call.body
    location = entering.by_password(call.path["site"], body.host, body.to, body.password)
    return Empty(), {"Location": location, "Referrer-Policy": "no-referrer"}
