"""What decides what visitors get: who may say it, and whether it can be."""

from __future__ import annotations

from typing import Any

from chalicelib.core.actor import Actor
from chalicelib.core.errors import FieldError, Invalid, not_found
from chalicelib.projects import rows
from chalicelib.projects.rows import Project
from chalicelib.projects.rules import delivery, flow
from chalicelib.teams import actions as teams


def may_deploy(actor: Actor, project: Project, environment: str) -> None:
    """Raise Forbidden unless the actor may deploy a project to an environment."""
    teams.require(
        actor,
        project.team,
        "deployment.create",
        absent=not_found("project", project.id),
        on=teams.Resource("project", project.id, environment=environment),
    )


def may_redirect(actor: Actor, project: Project, changes: dict[str, Any]) -> None:
    """Raise Forbidden unless the actor may deploy wherever these changes lead something to.

    Whoever names the production branch, or a rule about branches and tags, decides what visitors
    get; so does whoever says which commits and forks are trusted, and how a release goes live.
    What holds a release up is said by those who may lock the project. Raises Invalid for a
    delivery that cannot be.
    """
    branch = project.production_branch
    touched = set()
    if changes.get("production_branch", branch) != branch:
        touched.add("production")
    if "git" in changes and flow.guarded(changes["git"]) != flow.guarded(project.git):
        touched |= {"production"} | flow.named(project.git).deployed
        touched |= flow.named(changes["git"]).deployed
    if "delivery" in changes:
        check_delivery(changes["delivery"])
        touched.add("production")
        if delivery.guarded(changes["delivery"]) != delivery.guarded(project.delivery):
            teams.require(
                actor,
                project.team,
                "release.lock",
                absent=not_found("project", project.id),
                on=teams.Resource("project", project.id, environment="production"),
            )
    for environment in sorted(touched):
        may_deploy(actor, project, environment)


def check_flow(project: Project, git: dict[str, Any]) -> list[str]:
    """The environments that rules lead to beside those built in; raises Invalid `invalid_git`."""
    named = sorted(flow.named(git).custom)
    there = {row.name for row in rows.environments(project.id)} if named else set()
    faults = flow.faults(git, there)
    if faults:
        raise Invalid(
            "invalid_git",
            faults[0].detail,
            hint="Correct the rules; nothing was changed.",
            errors=tuple(FieldError(f"/git{f.pointer}", f.detail, "invalid_git") for f in faults),
        )
    return named


def check_delivery(given: dict[str, Any]) -> None:
    """Raise Invalid `invalid_delivery_settings` for a delivery that cannot be."""
    faults = delivery.faults(given)
    if faults:
        raise Invalid(
            "invalid_delivery_settings",
            faults[0].detail,
            hint="Correct it; nothing was changed.",
            errors=tuple(
                FieldError(f"/delivery{f.pointer}", f.detail, "invalid_delivery_settings")
                for f in faults
            ),
        )
