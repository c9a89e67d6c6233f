"""Importing a `.env` file: every line is judged, and all of it happens or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.projects import rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish, opened, sealed
from chalicelib.projects.actions.variables import Change
from chalicelib.projects.rows import Project, VariableRow
from chalicelib.projects.rules import dotenv
from chalicelib.projects.rules.variables import variable_fault

Verdict = Literal["created", "updated", "unchanged", "kept", "rejected"]
SHOWN = 200
"""Lines that an answer tells of when a file is refused."""


@dataclass(frozen=True)
class Options:
    """How to import: for whom, and whether what is there already may be replaced."""

    scope: Scope
    secret: bool = True
    when: str = "both"
    overwrite: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Line:
    """What becomes of a line: `kept` is a variable that is there and was not to be replaced."""

    line: int
    name: str
    verdict: Verdict
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Imported:
    """What became of a file; `applied` is False for a rehearsal and when a line was rejected."""

    applied: bool
    lines: list[Line]


def import_file(actor: Actor, project: Project, text: str, options: Options) -> Imported:
    """Set the variables of a `.env` file, all or none.

    Raises Invalid `invalid_env_file` with every rejected line unless it is a rehearsal, and
    Conflict when there would be too many variables.
    """
    variables.check_scope(project, options.scope)
    found = dotenv.read(text)
    rejected = [Line(f.line, f.name, "rejected", f.code, f.detail) for f in found.faults]
    for entry in found.entries:
        code, why = variable_fault(entry.name, entry.value)
        if code:
            rejected.append(Line(entry.line, dotenv.told(entry.name), "rejected", code, why))
    if rejected and not options.dry_run:
        raise _refusal(rejected)
    refused = {line.line for line in rejected}
    wanted = [entry for entry in found.entries if entry.line not in refused]
    for _ in range(_TRIES):
        lines, changes, count = _plan(actor, project, wanted, options)
        if options.dry_run:
            told = sorted([*rejected, *lines], key=lambda line: line.line)
            return Imported(False, told[:_TOLD])
        _check_size(count, changes)
        if not changes or variables.commit(actor, project, "import", changes):
            return Imported(True, lines)
    raise Conflict(
        "project_busy",
        "The project's variables are being changed by somebody else, or it was deleted.",
        hint="Try again.",
    )


_TRIES = 5
_TOLD = dotenv.ENTRIES_MAX


def _plan(
    actor: Actor, project: Project, wanted: list[dotenv.Entry], options: Options
) -> tuple[list[Line], list[Change], int]:
    """The verdict of each line, the changes, and how many variables there would be."""
    there = {row.sk: row for row in rows.variables(project.id)}
    lines: list[Line] = []
    changes: list[Change] = []
    count = len(there)
    for entry in wanted:
        scope = options.scope
        previous = there.get(rows.variable_key(scope.environment, entry.name, scope.branch))
        verdict = _verdict(project, entry, previous, options)
        lines.append(Line(entry.line, entry.name, verdict))
        count += verdict == "created"
        if verdict in {"created", "updated"} and not options.dry_run:
            wish = Wish(entry.name, entry.value, options.secret, options.when)
            row = sealed(actor, project, scope, wish, previous)
            changes.append(Change(row, previous))
    return lines, changes, count


def _verdict(
    project: Project, entry: dotenv.Entry, previous: VariableRow | None, options: Options
) -> Verdict:
    if previous is None:
        return "created"
    same = (bool(previous.secret), previous.when) == (options.secret, options.when)
    if same and opened(project, previous) == entry.value:
        return "unchanged"
    return "updated" if options.overwrite else "kept"


def _check_size(count: int, changes: list[Change]) -> None:
    variables.check_room(count)
    if len(changes) > variables.TOGETHER:
        raise Invalid(
            "import_too_large",
            f"This changes {len(changes)} variables; {variables.TOGETHER} can change together.",
            hint="Split the file: each part is imported wholly or not at all.",
        )


def _refusal(rejected: list[Line]) -> Invalid:
    rejected.sort(key=lambda line: line.line)
    first = rejected[0]
    return Invalid(
        "invalid_env_file",
        f"{len(rejected)} of its lines cannot be imported, so nothing was: "
        f"line {first.line}: {first.detail}",
        hint="Correct the lines, or try with `dry_run` first.",
        errors=tuple(
            FieldError(f"/text/{line.line}", f"{line.name or 'line'}: {line.detail}", line.code)
            for line in rejected[:SHOWN]
        ),
    )
