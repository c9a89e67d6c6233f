"""Routes of uploads from outside a build (`deck deploy`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.artifacts import actions, rules
from chalicelib.core import http
from chalicelib.core.http import Call, Input, Output, Routes
from chalicelib.teams.actions import find_with

routes = Routes("uploads")
http.authorise_with("upload", actions.authorise)
find_with("upload", actions.find)


class NewUpload(Input):
    """What shall be uploaded: its kind and, for early refusal, how much."""

    kind: Literal["source", "output"]
    files: Annotated[int, Field(ge=1, le=rules.MAX_FILES)]
    bytes: Annotated[int, Field(ge=0, le=rules.MAX_TOTAL_BYTES)]


class UploadView(Output):
    """Where the file list goes."""

    id: str
    list_url: str
    list_headers: dict[str, str]


class CursorInput(Input):
    """Where to go on."""

    cursor: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None


class SignedUpload(Output):
    """One blob and the request that stores it; send exactly these headers."""

    sha256: str
    url: str
    headers: dict[str, str]


class MissingView(Output):
    """A page of what the store lacks."""

    total: int
    missing: int
    uploads: list[SignedUpload]
    next: str | None


def missing_view(wanted: actions.Wanted) -> MissingView:
    """What the API says of missing blobs; the runner API says the same."""
    return MissingView(
        total=wanted.total,
        missing=wanted.missing,
        uploads=[
            SignedUpload(sha256=digest, url=signed.url, headers=signed.headers)
            for digest, signed in wanted.uploads
        ],
        next=wanted.following,
    )


@routes.post(
    "/projects/{project}/uploads",
    permission="deployment.create",
    scope="project",
    body=NewUpload,
    answer=UploadView,
    status=201,
)
def open_upload(call: Call) -> UploadView:
    """Begin an upload of a source tree or a finished output."""
    identifier, request = actions.open_upload(call.actor, call.scope, call.body.kind)
    return UploadView(id=identifier, list_url=request.url, list_headers=request.headers)


@routes.post(
    "/uploads/{upload}/missing",
    permission="deployment.create",
    scope="upload",
    body=CursorInput,
    answer=MissingView,
    problems=(409,),
    limit="read",
    audited=False,
)
def missing(call: Call) -> MissingView:
    """Which blobs of the uploaded file list the store lacks."""
    row = call.scope
    return missing_view(actions.missing(row.id, row.team, row.base, call.body.cursor))
