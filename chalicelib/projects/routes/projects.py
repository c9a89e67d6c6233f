"""Projects."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.core import etag, http, paging
from chalicelib.core.config import settings as configuration
from chalicelib.core.http import Call, Empty, Input, Output
from chalicelib.ports import services
from chalicelib.projects import actions
from chalicelib.projects.routes.blueprint import routes
from chalicelib.projects.routes.delivery import DeliverySettings, delivery_view
from chalicelib.projects.routes.settings import BuildSettings, GitSettings, git_view
from chalicelib.projects.rows import Project

Name = Annotated[str, Field(min_length=1, max_length=100)]


class NewProject(Input):
    """A project to make."""

    name: Name
    slug: Annotated[str | None, Field(max_length=100)] = None
    team: str | None = Field(None, max_length=80, description="id or slug")
    framework: Annotated[str | None, Field(max_length=60)] = None
    settings: BuildSettings = BuildSettings()


class ProjectChanges(Input):
    """What may change; absent fields stay; null empties `framework` alone."""

    name: Name | None = None
    production_branch: Annotated[str | None, Field(min_length=1, max_length=250)] = None
    framework: Annotated[str | None, Field(max_length=60)] = None
    settings: BuildSettings | None = None
    git: GitSettings | None = None
    delivery: DeliverySettings | None = None


class LockedView(Output):
    """Who locked a project, when and why."""

    by: str
    at: str
    reason: str


class ProjectView(Output):
    """A project."""

    id: str
    team: str
    slug: str
    name: str
    framework: str | None
    production_branch: str
    settings: BuildSettings
    git: GitSettings
    delivery: DeliverySettings
    lock: LockedView | None
    git_url: str | None
    url: str
    production: str | None
    version: int
    created_at: str
    updated_at: str


class ListQuery(paging.PageQuery):
    """Which projects."""

    team: str | None = Field(None, max_length=80, description="id or slug")


def view(project: Project) -> ProjectView:
    """What the API says of a project."""
    remote = services().repositories.remote()
    return ProjectView(
        id=project.id,
        team=project.team,
        slug=project.slug,
        name=project.name,
        framework=project.framework,
        production_branch=project.production_branch or "",
        settings=BuildSettings.model_validate(dict(project.settings or {})),
        git=git_view(dict(project.git or {})),
        delivery=delivery_view(dict(project.delivery or {})),
        lock=LockedView.model_validate(dict(project.lock)) if project.lock else None,
        git_url=f"{remote}/{project.slug}.git" if remote else None,
        url=configuration().site_url(project.slug),
        production=project.production,
        version=int(project.version),
        created_at=project.created_at,
        updated_at=project.updated_at,
    )


@routes.post(
    "/projects",
    permission=http.SIGNED_IN,
    body=NewProject,
    answer=ProjectView,
    status=201,
    problems=(409,),
)
def create(call: Call) -> ProjectView:
    """Make a project."""
    body: NewProject = call.body
    project = actions.create(
        call.actor,
        body.name,
        team=body.team,
        slug=body.slug,
        framework=body.framework,
        settings=body.settings.model_dump(exclude_none=True),
    )
    call.trail.team = project.team
    return view(project)


@routes.get(
    "/projects", permission=http.SIGNED_IN, query=ListQuery, answer=paging.Page[ProjectView]
)
def list_projects(call: Call) -> paging.Page[ProjectView]:
    """A team's projects, newest first."""
    query: ListQuery = call.query
    found, following = actions.page(call.actor, query.team, query.limit, paging.position(call))
    return paging.Page[ProjectView](
        items=[view(p) for p in found], next=paging.cursor(call, following)
    )


@routes.get("/projects/{project}", permission="project.read", scope="project", answer=ProjectView)
def get(call: Call) -> tuple[ProjectView, dict[str, str]]:
    """One project, by id or slug."""
    project: Project = call.scope
    return view(project), etag.tag(int(project.version))


@routes.patch(
    "/projects/{project}",
    permission="project.update",
    scope="project",
    body=ProjectChanges,
    answer=ProjectView,
    problems=(409,),
)
def update(call: Call) -> tuple[ProjectView, dict[str, str]]:
    """Change a project; with If-Match only the version that was read.

    `settings`, `git` and `delivery` are replaced as a whole. What is deployed where is said by
    those who may deploy there, and what holds releases up by those who may lock a project.
    """
    changes = call.body.model_dump(exclude_unset=True, exclude_none=True)
    if "framework" in call.body.model_fields_set:
        changes["framework"] = call.body.framework
    actions.may_redirect(call.actor, call.scope, changes)
    project = actions.update(call.scope, changes, etag.expected(call))
    return view(project), etag.tag(int(project.version))


@routes.delete(
    "/projects/{project}",
    permission="project.delete",
    scope="project",
    answer=Empty,
    status=204,
    step_up=True,
)
def delete(call: Call) -> None:
    """Remove a project and its sites."""
    actions.delete(call.scope)
