"""Three addresses for everybody: where things are, whether we live, what the API is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import RootModel

from chalicelib.core import openapi
from chalicelib.core.config import settings
from chalicelib.core.http import PUBLIC, TABLE, Call, Output, Routes
from chalicelib.core.rates import FREE
from chalicelib.meta.rules import VERSION
from chalicelib.ports import services

routes = Routes("meta")


class MetaView(Output):
    """Where the parts of this installation are."""

    version: str
    api: str
    live: str
    git: str | None
    sites: str
    cloud: str


class HealthView(Output):
    """A sign of life."""

    status: str


class Document(RootModel[dict[str, Any]]):
    """An OpenAPI document."""


@routes.get("/meta", permission=PUBLIC, answer=MetaView, limit=FREE)
def meta(_: Call) -> MetaView:
    """Version and addresses; `sites` is a template with `{label}`."""
    now, remote = settings(), services().repositories.remote()
    return MetaView(
        version=VERSION,
        api=now.api_url,
        live=now.live_url,
        git=f"{remote}/" if remote else None,
        sites=now.site_url("{label}"),
        cloud=now.cloud,
    )


@routes.get("/health", permission=PUBLIC, answer=HealthView, limit=FREE)
def health(_: Call) -> HealthView:
    """Whether the process answers."""
    return HealthView(status="ok")


@routes.get("/openapi.json", permission=PUBLIC, answer=Document, limit=FREE)
def document(_: Call) -> dict[str, Any]:
    """This API as OpenAPI 3.1."""
    return _document(len(TABLE))


@lru_cache(maxsize=1)
def _document(_routes: int) -> dict[str, Any]:
    return openapi.build(TABLE, version=VERSION, server=settings().api_url)
