"""Variables: set, removed, listed, and what a build finds of them.

Every change leaves a row that says everything about it but the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import TransactWriteError

from chalicelib.core import table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid, not_found
from chalicelib.projects import rows, rules
from chalicelib.projects.actions.sealing import Scope, Wish, opened, sealed
from chalicelib.projects.rows import EnvironmentRow, Project, VariableLog, VariableRow
from chalicelib.projects.rules import environments
from chalicelib.projects.rules.names import branch_fault
from chalicelib.projects.rules.variables import (
    VARIABLES_MAX,
    When,
    layers,
    scope_fault,
    variable_fault,
)

TOGETHER = 90
"""Changes that one transaction can hold beside their log: DynamoDB takes a hundred items."""


@dataclass(frozen=True)
class VariableView:
    """A variable as a person may see it: a secret's value never comes back."""

    name: str
    environment: str
    branch: str | None
    when: str
    secret: bool
    value: str | None
    version: int
    updated_at: str
    updated_by: str


def check_scope(project: Project, scope: Scope) -> None:
    """Raise Invalid for an environment that there is not, or a branch where none counts."""
    name = scope.environment
    if name not in environments.SCOPES and rows.environment(project.id, name) is None:
        raise Invalid(
            "invalid_environment",
            f"This project has no environment {name[:40]!r}.",
            hint=f"Use {', '.join(environments.SCOPES)}, or one that you made.",
            errors=(FieldError("/environment", "No environment of this project."),),
        )
    fault = scope_fault(name, scope.branch) or (scope.branch and branch_fault(scope.branch))
    if fault:
        raise Invalid(
            "invalid_branch_scope",
            fault,
            hint="Leave the branch out, or name it together with preview or your own environment.",
            errors=(FieldError("/branch", fault),),
        )


def put_variable(actor: Actor, project: Project, scope: Scope, wish: Wish) -> VariableView:
    """Set a variable; raises Invalid with `reserved_env` and its like."""
    check_scope(project, scope)
    code, fault = variable_fault(wish.name, wish.value)
    if fault:
        raise Invalid(code, fault, hint="Correct the name or the value.")
    for _ in range(_TRIES):
        there = {row.sk: row for row in rows.variables(project.id)}
        previous = there.get(rows.variable_key(scope.environment, wish.name, scope.branch))
        check_room(len(there) + (previous is None))
        row = sealed(actor, project, scope, wish, previous)
        if commit(actor, project, "set", [Change(row, previous)]):
            return view(project, row)
    raise _busy()


_TRIES = 5


def check_room(count: int) -> None:
    """Raise Conflict when a project would have more variables than it may."""
    if count > VARIABLES_MAX:
        raise Conflict(
            "too_many_variables",
            f"A project has at most {VARIABLES_MAX} variables.",
            hint="Remove some that nobody needs.",
        )


@dataclass(frozen=True)
class Change:
    """A row as it was and as it shall be; None where there is none."""

    row: VariableRow | None
    previous: VariableRow | None


def commit(actor: Actor, project: Project, how: str, changes: Sequence[Change]) -> bool:
    """Make changes and note them, all or none; False when somebody else was faster."""
    notes = [_note(project, change) for change in changes]
    custom = {note["environment"] for note in notes if environments.is_custom(note["environment"])}
    try:
        with table.write() as transaction:
            for change in changes:
                if change.row is not None:
                    transaction.save(change.row, condition=_unchanged(change.previous))
                elif change.previous is not None:
                    transaction.delete(change.previous, condition=_unchanged(change.previous))
            transaction.save(rows.log(project.id, actor.id, how, notes))
            transaction.condition_check(
                Project, project.pk, "META", condition=Project.deleted_at.does_not_exist()
            )
            for name in custom if how != CLEARED else ():
                transaction.condition_check(
                    EnvironmentRow,
                    project.pk,
                    rows.environment_key(name),
                    condition=EnvironmentRow.pk.exists(),
                )
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


CLEARED = "environment removed"


def _unchanged(previous: VariableRow | None) -> Any:
    if previous is None:
        return VariableRow.pk.does_not_exist()
    return VariableRow.version == int(previous.version)


def _note(project: Project, change: Change) -> dict[str, Any]:
    """What is kept of a change: everything but values."""
    row = change.row or change.previous
    if row is None:
        raise ValueError("a change of nothing")
    changed: list[str] = []
    if change.row is None:
        what = "removed"
    elif change.previous is None:
        what = "created"
    else:
        what, changed = "updated", differences(project, change.previous, change.row)
    return {
        "name": row.name,
        "environment": row.environment,
        "branch": row.branch or None,
        "what": what,
        "changed": changed,
        "secret": bool(row.secret),
        "when": row.when,
        "version": int(row.version),
    }


def differences(project: Project, before: VariableRow, after: VariableRow) -> list[str]:
    """In which of value, secret and when two rows of a variable differ."""
    found = ["value"] if opened(project, before) != opened(project, after) else []
    return found + [
        name for name in ("secret", "when") if getattr(before, name) != getattr(after, name)
    ]


def remove_variable(actor: Actor, project: Project, name: str, scope: Scope) -> None:
    """Remove a variable; raises NotFound."""
    for _ in range(_TRIES):
        row = rows.variable(project.id, scope.environment, name, scope.branch)
        if row is None:
            raise not_found("variable", name)
        if commit(actor, project, "removed", [Change(None, row)]):
            return
    raise _busy()


def clear(actor: Actor, project: Project, environment: str) -> None:
    """Remove all variables of an environment that is gone."""
    while True:
        found = [r for r in rows.variables(project.id) if r.environment == environment][:TOGETHER]
        if not found:
            return
        if not commit(actor, project, CLEARED, [Change(None, row) for row in found]):
            raise _busy()


def _busy() -> Conflict:
    return Conflict(
        "project_busy",
        "The project's variables are being changed by somebody else, or it was deleted.",
        hint="Try again.",
    )


def list_variables(project: Project, environment: str | None) -> list[VariableView]:
    """The variables, all or of one environment; values of secrets are None."""
    return [
        view(project, row)
        for row in rows.variables(project.id)
        if environment in {None, row.environment}
    ]


def history(project: Project, name: str, **at: Any) -> Any:
    """A page of rows about what was done to a variable, newest first."""
    return rows.history(project.id, name, **at)


def changes_of(entry: VariableLog, name: str) -> list[dict[str, Any]]:
    """The changes of one variable among those that happened together."""
    return [change for change in entry.changes if change["name"] == name]


def effective_variables(
    project: Project, environment: str, branch: str = "", when: When = "build"
) -> dict[str, rules.Variable]:
    """Values for a build of a branch in an environment, decrypted; for trusted callers only.

    What counts for a branch alone is left out without `branch`: a fork calls its branches as it
    likes, so whoever asks for one names none.
    """
    chosen = winners(rows.variables(project.id), environment, branch, when)
    return {
        row.name: rules.Variable(
            row.name, opened(project, row), row.environment, bool(row.secret), row.branch
        )
        for row in chosen
    }


def winners(
    found: Iterable[VariableRow], environment: str, branch: str, when: When
) -> list[VariableRow]:
    """The rows that count, one for each name."""
    return [several[0] for several in layers(found, environment, branch, when).values()]


def view(project: Project, row: VariableRow) -> VariableView:
    """A row as a person may see it."""
    return VariableView(
        name=row.name,
        environment=row.environment,
        branch=row.branch or None,
        when=row.when,
        secret=bool(row.secret),
        value=None if row.secret else opened(project, row),
        version=int(row.version),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
