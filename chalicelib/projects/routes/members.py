"""Roles in one project, for members of its team and for guests."""

from __future__ import annotations

from typing import Literal

from chalicelib.core import paging
from chalicelib.core.http import SIGNED_IN, Call, Empty, Input, Output
from chalicelib.core.paging import Page, PageQuery
from chalicelib.projects import actions
from chalicelib.projects.routes.blueprint import routes
from chalicelib.projects.rows import Project
from chalicelib.teams import actions as teams


class ProjectRole(Input):
    """A role in a project."""

    role: Literal["admin", "developer", "viewer"]


class ProjectMemberView(Output):
    """Somebody who has a role in a project."""

    user: str
    name: str
    email: str
    role: str
    joined_at: str


class OwnRoleView(Output):
    """A project in which the caller has a role of their own."""

    project: str
    slug: str
    name: str
    team: str
    role: str


@routes.get(
    "/projects/{project}/members",
    permission="member.read",
    scope="project",
    query=PageQuery,
    answer=Page[ProjectMemberView],
)
def list_members(call: Call) -> Page[ProjectMemberView]:
    """Who has a role in this project, besides those whom their role in the team lets in."""
    members, end = teams.list_project_members(
        call.scope.id, limit=call.query.limit, last_evaluated_key=paging.position(call)
    )
    return Page[ProjectMemberView](
        items=[_view(member) for member in members], next=paging.cursor(call, end)
    )


@routes.put(
    "/projects/{project}/members/{user}",
    permission="member.manage",
    scope="project",
    body=ProjectRole,
    answer=ProjectMemberView,
    problems=(409,),
    limit="mail",
)
def set_member(call: Call) -> ProjectMemberView:
    """Give an account, by id or e-mail, a role in this project; it need not be in the team."""
    project: Project = call.scope
    by = project.member or _manager(call, project)
    person = teams.person_named(call.path["user"])
    call.trail.resource = f"{project.id}/{person.id}"
    member, before = teams.set_project_role(by, project.id, person, call.body.role)
    call.trail.before = {"role": before}
    return _view(member)


@routes.delete(
    "/projects/{project}/members/{user}",
    permission="member.read",
    scope="project",
    answer=Empty,
    status=204,
)
def remove_member(call: Call) -> None:
    """Take somebody's role in this project; everybody may give up their own."""
    project: Project = call.scope
    user = teams.member_named(call.path["user"])
    by = teams.Membership(project.team, call.actor.user, "")
    if call.actor.kind != "user" or user != call.actor.user:
        by = _manager(call, project)
    call.trail.resource = f"{project.id}/{user}"
    call.trail.before = {"role": teams.remove_project_member(by, project.id, user)}


@routes.get("/me/projects", permission=SIGNED_IN, query=PageQuery, answer=Page[OwnRoleView])
def list_own_roles(call: Call) -> Page[OwnRoleView]:
    """The projects in which the caller has a role of their own, in whatever team."""
    found, end = actions.own_roles(
        call.actor, limit=call.query.limit, last_evaluated_key=paging.position(call)
    )
    items = [
        OwnRoleView(project=p.id, slug=p.slug, name=p.name, team=p.team, role=role)
        for p, role in found
    ]
    return Page[OwnRoleView](items=items, next=paging.cursor(call, end))


def _manager(call: Call, project: Project) -> teams.Membership:
    return teams.require(
        call.actor, project.team, "member.manage", on=teams.Resource("project", project.id)
    )


def _view(member: teams.MemberOfTeam) -> ProjectMemberView:
    return ProjectMemberView(
        user=member.user,
        name=member.name,
        email=member.email,
        role=member.role,
        joined_at=member.joined_at,
    )
