"""Rows of variables, and of what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.core import clock, ids, table
from chalicelib.projects.rows.projects import key

HISTORY_SECONDS = 400 * 24 * 3600


class VariableRow(table.CoreRow):
    """An environment variable; `sealed` is the encrypted value, `when` when it is there."""

    name = UnicodeAttribute()
    environment = UnicodeAttribute()
    branch = UnicodeAttribute(default="")
    when = UnicodeAttribute(default="both")
    secret = BooleanAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute(default=1)
    updated_at = UnicodeAttribute()
    updated_by = UnicodeAttribute()


class VariableLog(table.CoreRow):
    """What was done to one or several variables at once: everything but their values."""

    id = UnicodeAttribute()
    names = UnicodeSetAttribute()
    changes = JSONAttribute()
    how = UnicodeAttribute()
    at = UnicodeAttribute()
    by = UnicodeAttribute()


def variable_key(environment: str, name: str, branch: str = "") -> str:
    """Sort key of a variable; no part but the last may hold a `#`."""
    return f"VAR#{environment}#{name}" + (f"#{branch}" if branch else "")


def variable(project: str, environment: str, name: str, branch: str = "") -> VariableRow | None:
    """One variable, read consistently."""
    return table.find(VariableRow, key(project), variable_key(environment, name, branch))


def variables(project: str) -> Iterator[VariableRow]:
    """All variables of a project, by environment, name and branch."""
    return table.below(VariableRow, key(project), "VAR#")


def log(project: str, by: str, how: str, changes: list[dict[str, Any]]) -> VariableLog:
    """The row of changes that happen together, not yet saved."""
    identifier = ids.ulid()
    return VariableLog(
        pk=key(project),
        sk=f"VARLOG#{identifier}",
        id=identifier,
        names={str(change["name"]) for change in changes},
        changes=changes,
        how=how,
        at=clock.iso(),
        by=by,
        ttl=clock.epoch(HISTORY_SECONDS),
    )


def history(project: str, name: str, **at: Any) -> Any:
    """A page of what was done to a variable, newest first."""
    return VariableLog.query(
        key(project),
        VariableLog.sk.startswith("VARLOG#"),
        filter_condition=VariableLog.names.contains(name),
        scan_index_forward=False,
        consistent_read=True,
        **at,
    )
