"""What the routes about a team take and answer."""

from __future__ import annotations

from pydantic import Field

from chalicelib.core import paging
from chalicelib.core.http import Output


class DayView(Output):
    """How many deployments of a day (UTC) became ready, and how many failed."""

    day: str
    ready: int
    failed: int


class WeekView(Output):
    """How the deployments of the last seven days ended, today included.

    `finished` counts cancelled and superseded ones too, `success_rate` (0 to 1) does not.
    """

    finished: int
    ready: int
    failed: int
    success_rate: float | None
    days: list[DayView]


class BuildsView(Output):
    """How many builds of those days came to their end, and how long they took."""

    count: int
    p50_ms: int | None
    p95_ms: int | None


class HourView(Output):
    """Requests of an hour, and how many of their answers were errors of the server (5xx)."""

    at: str
    requests: int
    errors: int


class TeamTrafficView(Output):
    """What visitors of all live sites of a team asked for in the last 24 hours."""

    hours: int
    requests: int
    bytes: int
    errors: int
    series: list[HourView]


class OverviewView(Output):
    """A team in numbers. `building` counts the deployments that are on their way."""

    projects: int
    live: int
    building: int
    week: WeekView
    builds: BuildsView
    traffic: TeamTrafficView
    active_rollouts: int


class ProductionView(Output):
    """What visitors see, and since when."""

    deployment: str
    commit: str
    branch: str
    message: str
    at: str


class LatestView(Output):
    """The newest deployment."""

    deployment: str
    state: str
    branch: str
    message: str
    created_at: str
    created_by: str


class RunningRollout(Output):
    """A rollout, and the share of visitors who see its deployment, in per cent."""

    id: str
    weight: float


class SiteView(Output):
    """A project with what it shows; `protected` when not everybody may see it."""

    id: str
    slug: str
    name: str
    framework: str | None
    url: str
    production: ProductionView | None
    latest: LatestView | None
    locked: bool
    pinned: bool
    rollout: RunningRollout | None
    protected: bool


class ListSites(paging.PageQuery):
    """Which projects: those in whose slug or name `query` stands."""

    query: str = Field("", max_length=80)
