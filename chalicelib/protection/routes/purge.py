"""What caches at the edge forget."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.core.http import Call, Input, Output
from chalicelib.protection.actions import purge
from chalicelib.protection.routes.blueprint import routes
from chalicelib.protection.rules.purge import PATHS_MAX, TAGS_MAX

Tag = Annotated[str, Field(max_length=80)]
Path = Annotated[str, Field(max_length=1100, description="`*` at the end: all that begin so")]


class Purge(Input):
    """What caches shall forget."""

    tags: list[Tag] = Field(default_factory=list, max_length=TAGS_MAX)
    paths: list[Path] = Field(default_factory=list, max_length=PATHS_MAX)
    everything: bool = False


class Purged(Output):
    """What is being forgotten."""

    tags: list[str]
    paths: list[str]
    everything: bool


@routes.post(
    "/projects/{project}/purge",
    permission="site.purge",
    scope="project",
    body=Purge,
    answer=Purged,
    status=202,
)
def purge_site(call: Call) -> Purged:
    """Have caches at the edge forget answers of a site."""
    body: Purge = call.body
    purge.purge(call.scope, body.tags, body.paths, everything=body.everything)
    return Purged(tags=body.tags, paths=body.paths, everything=body.everything)
