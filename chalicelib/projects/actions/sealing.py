"""Values of variables, sealed: each bound to its team, project, environment, name and branch.

A value that is copied into another row does not open there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.core import clock, crypto
from chalicelib.core.actor import Actor
from chalicelib.ports import services
from chalicelib.projects import rows
from chalicelib.projects.rows import Project, VariableRow


@dataclass(frozen=True)
class Scope:
    """Where a variable belongs: an environment, and perhaps one branch of it."""

    environment: str = "all"
    branch: str = ""


@dataclass(frozen=True)
class Wish:
    """A variable as it shall be."""

    name: str
    value: str = field(repr=False)
    secret: bool = True
    when: str = "both"


def sealed(
    actor: Actor, project: Project, scope: Scope, wish: Wish, previous: VariableRow | None
) -> VariableRow:
    """The row that a wish leads to, not yet saved."""
    context = _context(project, scope.environment, wish.name, scope.branch)
    return VariableRow(
        pk=rows.key(project.id),
        sk=rows.variable_key(scope.environment, wish.name, scope.branch),
        name=wish.name,
        environment=scope.environment,
        branch=scope.branch,
        when=wish.when,
        secret=wish.secret,
        sealed=crypto.seal(services().keys, wish.value.encode(), context),
        version=(int(previous.version) if previous else 0) + 1,
        updated_at=clock.iso(),
        updated_by=actor.id,
    )


def opened(project: Project, row: VariableRow) -> str:
    """The value in a row; raises ValueError when the row was tampered with."""
    context = _context(project, row.environment, row.name, row.branch)
    return crypto.unseal(services().keys, row.sealed, context).decode()


def _context(project: Project, environment: str, name: str, branch: str) -> dict[str, str]:
    context = {
        "team": project.team,
        "project": project.id,
        "environment": environment,
        "name": name,
    }
    return context | {"branch": branch} if branch else context
