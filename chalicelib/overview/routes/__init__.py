"""Routes about a team as a whole."""

from __future__ import annotations

from chalicelib.core import paging
from chalicelib.core.config import settings
from chalicelib.core.http import Call, Routes
from chalicelib.deployments.actions import show
from chalicelib.deployments.routes.shapes import DeploymentView
from chalicelib.overview.actions import lists, overview
from chalicelib.overview.actions.lists import Site
from chalicelib.overview.routes.shapes import (
    LatestView,
    ListSites,
    OverviewView,
    ProductionView,
    RunningRollout,
    SiteView,
)

routes = Routes("overview")


@routes.get("/teams/{team}/overview", permission="team.read", scope="team", answer=OverviewView)
def get_overview(call: Call) -> OverviewView:
    """A team in numbers: its projects, the deployments of a week, the visitors of a day."""
    return OverviewView.model_validate(overview.of_team(call.scope.team))


@routes.get(
    "/teams/{team}/sites",
    permission="project.read",
    scope="team",
    query=ListSites,
    answer=paging.Page[SiteView],
)
def list_sites(call: Call) -> paging.Page[SiteView]:
    """A team's projects with what they show, newest activity first.

    With `query` a page may be short, and still have a next one.
    """
    query: ListSites = call.query
    found, at = lists.sites(call.scope, query.query, query.limit, paging.position(call))
    return paging.Page[SiteView](items=[_site(one) for one in found], next=paging.cursor(call, at))


@routes.get(
    "/teams/{team}/deployments",
    permission="deployment.read",
    scope="team",
    query=paging.PageQuery,
    answer=paging.Page[DeploymentView],
)
def list_deployments(call: Call) -> paging.Page[DeploymentView]:
    """The deployments of all projects of a team, newest first."""
    found, at = lists.team_deployments(call.scope, call.query.limit, paging.position(call))
    items = [DeploymentView.model_validate(show.view(row, live)) for row, live in found]
    return paging.Page[DeploymentView](items=items, next=paging.cursor(call, at))


def _site(site: Site) -> SiteView:
    project, pointer = site.project, site.pointer
    running = pointer.rollout if pointer is not None else None
    return SiteView(
        id=project.id,
        slug=project.slug,
        name=project.name,
        framework=project.framework,
        url=settings().site_url(project.slug),
        production=_production(site),
        latest=_latest(site),
        locked=bool(project.lock),
        pinned=bool(pointer is not None and pointer.pinned),
        rollout=RunningRollout(id=running, weight=int(pointer.weight) / 100)
        if running and pointer is not None
        else None,
        protected=bool(project.access),
    )


def _production(site: Site) -> ProductionView | None:
    row, pointer = site.production, site.pointer
    if row is None or pointer is None:
        return None
    return ProductionView(
        deployment=row.id,
        commit=row.commit,
        branch=row.branch,
        message=row.message,
        at=pointer.moved_at,
    )


def _latest(site: Site) -> LatestView | None:
    row = site.latest
    if row is None:
        return None
    return LatestView(
        deployment=row.id,
        state=row.state,
        branch=row.branch,
        message=row.message,
        created_at=row.created_at,
        created_by=row.created_by,
    )
