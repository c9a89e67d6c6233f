"""Asking for a deployment from down here: projects know no deployments, so an event says it."""

from __future__ import annotations

from chalicelib.core.actor import Actor
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.ports import services
from chalicelib.projects.actions.steering import may_deploy
from chalicelib.projects.rows import Project
from chalicelib.projects.rules import asked, flow
from chalicelib.projects.rules.asked import Trigger, key_of
from chalicelib.projects.rules.names import branch_fault

__all__ = ["allow", "ask", "key_of"]


def allow(actor: Actor, project: Project, branch: str) -> None:
    """Check that somebody may let a branch be deployed again and again.

    A branch that leads to no environment by itself becomes a preview when it is asked for. Raises
    Invalid `invalid_branch`, and Forbidden when they may not deploy there themselves.
    """
    fault = branch_fault(branch)
    if fault:
        raise Invalid(
            "invalid_branch",
            fault,
            hint="Name a branch such as main.",
            errors=(FieldError("/branch", fault),),
        )
    production = project.production_branch or ""
    found = flow.environment_of_branch(project.git, production, branch) or "preview"
    may_deploy(actor, project, found)
    if not production and found != "production":
        # whichever branch is pushed first becomes the one of production: perhaps this one
        leads = flow.environment_of_branch(project.git, branch, branch)
        may_deploy(actor, project, leads or "preview")


def ask(project: Project, branch: str, trigger: Trigger, by: str, key: str) -> str:
    """Ask for a deployment of a branch, once for each key; the id that it will have."""
    services().bus.put(
        asked.EVENT,
        {
            "version": 1,
            "project": project.id,
            "branch": branch,
            "trigger": trigger,
            "by": by,
            "key": key,
        },
    )
    return asked.deployment_id(project.id, branch, key)
