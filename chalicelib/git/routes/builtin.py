"""The hook of the built-in remote."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.core import http, ids
from chalicelib.core.config import settings
from chalicelib.core.http import Call, Input, Output
from chalicelib.git import actions
from chalicelib.git.routes.blueprint import routes
from chalicelib.projects import actions as projects

Text = Annotated[str, Field(max_length=300)]


class RefUpdate(Input):
    """One ref that moved, and when git held its lock."""

    ref: Text
    old: Text
    new: Text
    sequence: Annotated[int, Field(gt=0)]


class PushHook(Input):
    """What the post-receive hook tells."""

    project: Text
    updates: Annotated[list[RefUpdate], Field(max_length=1000)]
    pusher: Text
    delivery: Annotated[str, Field(min_length=8, max_length=100)]


class Started(Output):
    """A deployment on its way."""

    ref: str
    id: str
    url: str


class PushAnswer(Output):
    """The deployments that a push leads to."""

    deployments: list[Started]


@routes.post(
    "/hooks/git",
    permission=http.PUBLIC,
    body=PushHook,
    answer=PushAnswer,
    problems=(401,),
    limit="hook",
    audited=False,  # the log has it from the deployment that begins
)
def pushed(call: Call) -> PushAnswer:
    """A push arrived at the built-in remote (signed with the installation's own secret)."""
    http.require_signature(call, settings().local_secret, "X-CloudDeck-Signature")
    body: PushHook = call.body
    taken = actions.receive(
        body.project, [u.model_dump() for u in body.updates], body.pusher, body.delivery
    )
    slug = projects.resolve(body.project).slug
    return PushAnswer(
        deployments=[
            Started(
                ref=t.ref,
                id=t.deployment,
                url=settings().site_url(f"{ids.label(t.deployment)}--{slug}"),
            )
            for t in taken
        ]
    )
