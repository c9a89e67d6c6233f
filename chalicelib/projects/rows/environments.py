"""Rows of the environments that people made; the built-in ones have none."""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core import table
from chalicelib.projects.rows.projects import key


class EnvironmentRow(table.CoreRow):
    """An environment of a project."""

    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()


def environment_key(name: str) -> str:
    """Sort key of an environment."""
    return f"ENV#{name}"


def environment(project: str, name: str) -> EnvironmentRow | None:
    """One environment, read consistently."""
    return table.find(EnvironmentRow, key(project), environment_key(name))


def environments(project: str) -> Iterator[EnvironmentRow]:
    """All environments that people made, by name."""
    return table.below(EnvironmentRow, key(project), "ENV#")
