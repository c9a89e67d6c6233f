"""What the installation says of itself: to everybody where things are, whether we live and what
the API is; to those who run it, how its parts are."""

from __future__ import annotations

import shutil
from functools import lru_cache
from typing import Any, Literal

from pydantic import RootModel

from chalicelib.core import census, clock, openapi
from chalicelib.core.config import settings
from chalicelib.core.http import INSTALLATION, PUBLIC, TABLE, Call, Output, Routes
from chalicelib.core.rates import FREE
from chalicelib.meta import actions
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


class PartView(Output):
    """A part of the installation, how long it took to answer, and what to do about it."""

    name: str
    state: Literal["ok", "slow", "down", "unknown"]
    ms: int
    detail: str
    hint: str


class WaitingView(Output):
    """What waits, and for how long the oldest has."""

    name: Literal["builds", "errands", "deployments", "domains"]
    waiting: int
    oldest_seconds: int | None


class DiskView(Output):
    """The disk that the data of a machine is on."""

    free_bytes: int
    total_bytes: int


class InstallationHealthView(Output):
    """The whole of it; `ok` while nothing is down. A count is null when it did not come in time."""

    checked_at: str
    ok: bool
    parts: list[PartView]
    counts: dict[census.Kind, int | None]
    queues: list[WaitingView]
    version: str
    cloud: str
    disk: DiskView | None


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


@routes.get(
    "/admin/health", permission="admin.read", scope=INSTALLATION, answer=InstallationHealthView
)
def installation_health(_: Call) -> InstallationHealthView:
    """How the parts of the installation are, asked now; one that fails does not fail the rest."""
    found = actions.look()
    return InstallationHealthView(
        checked_at=clock.iso(),
        ok=found.ok,
        parts=[PartView.model_validate(vars(part)) for part in found.parts],
        counts=found.counts,
        queues=[WaitingView.model_validate(vars(queue)) for queue in found.queues],
        version=VERSION,
        cloud=settings().cloud,
        disk=_disk(),
    )


def _disk() -> DiskView | None:
    if settings().cloud != "local":
        return None
    found = shutil.disk_usage(settings().home)
    return DiskView(free_bytes=found.free, total_bytes=found.total)


@routes.get("/openapi.json", permission=PUBLIC, answer=Document, limit=FREE)
def document(_: Call) -> dict[str, Any]:
    """This API as OpenAPI 3.1."""
    return _document(len(TABLE))


@lru_cache(maxsize=1)
def _document(_routes: int) -> dict[str, Any]:
    return openapi.build(TABLE, version=VERSION, server=settings().api_url)
