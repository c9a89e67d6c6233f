"""Deploy keys: for machines that deploy one project, by the API or by git."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from chalicelib.core import paging
from chalicelib.core.http import Call, Empty, Input
from chalicelib.core.paging import Page, PageQuery
from chalicelib.identity.rows import ApiKeyRow
from chalicelib.projects.routes.blueprint import routes
from chalicelib.projects.rows import Project
from chalicelib.teams import actions as teams
from chalicelib.teams.routes.shapes import Days, KeyView, NewKeyView, Rate, key_view, new_key_view
from chalicelib.teams.rules import check_name


class NewDeployKey(Input):
    """A deploy key to make."""

    name: Annotated[str, AfterValidator(check_name)]
    expires_in_days: Days = None
    rate_per_minute: Rate = None


@routes.post(
    "/projects/{project}/deploy-keys",
    permission="key.manage",
    scope="project",
    body=NewDeployKey,
    answer=NewKeyView,
    status=201,
    step_up=True,
    problems=(409,),
)
def create_deploy_key(call: Call) -> NewKeyView:
    """Make a deploy key. Its secret is in this answer and nowhere else."""
    project: Project = call.scope
    row, secret = teams.create_deploy_key(
        call.actor, project.team, project.id, project.slug, **call.body.model_dump()
    )
    call.trail.resource = row.id
    return new_key_view(row, secret)


@routes.get(
    "/projects/{project}/deploy-keys",
    permission="key.read",
    scope="project",
    query=PageQuery,
    answer=Page[KeyView],
)
def list_deploy_keys(call: Call) -> Page[KeyView]:
    """The deploy keys of a project."""
    project: Project = call.scope

    def shown(row: ApiKeyRow) -> KeyView:
        # keys of an older make know the project's id only
        return key_view(row).model_copy(update={"project_slug": project.slug})

    return paging.page(
        call, lambda **at: teams.list_deploy_keys(project.team, project.id, **at), shown
    )


@routes.delete(
    "/projects/{project}/deploy-keys/{deploy_key}",
    permission="key.manage",
    scope="project",
    answer=Empty,
    status=204,
)
def delete_deploy_key(call: Call) -> None:
    """End a deploy key at once."""
    row = teams.delete_deploy_key(call.scope.id, call.path["deploy_key"])
    call.trail.before = {"name": row.name}
