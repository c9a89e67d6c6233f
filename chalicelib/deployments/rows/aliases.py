"""Rows of aliases: addresses that follow the newest ready deployment of something."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, table
from chalicelib.deployments.rows.deployments import Deployment
from chalicelib.projects.rows import key as project_key


class Alias(table.CoreRow):
    """An alias; `of` is its subject. Without a deployment it was removed, and goes on counting:

    whatever is told of it later has a higher generation.
    """

    alias = UnicodeAttribute()
    of = UnicodeAttribute()
    deployment = UnicodeAttribute(null=True)
    sequence = NumberAttribute(default=0)
    generation = NumberAttribute(default=0)
    moved_at = UnicodeAttribute()


def _row(project: str, name: str) -> Alias:
    return Alias(pk=project_key(project), sk=f"ALIAS#{name}")


def alias(project: str, name: str) -> Alias | None:
    """An alias, read consistently."""
    return table.find(Alias, project_key(project), f"ALIAS#{name}")


def aliases(project: str) -> list[Alias]:
    """All aliases of a project, those that were removed too."""
    return list(table.below(Alias, project_key(project), "ALIAS#"))


def take_alias(row: Deployment, name: str, of: str, *, takes: bool) -> Alias | None:
    """Move an alias to a deployment; None when a newer one, or somebody else, has it.

    `takes` says that the name belongs to its subject, whoever has it now.
    """
    found = _row(row.project, name)
    older = (Alias.of == of) & (Alias.sequence < row.sequence)
    other = Alias.of != of if takes else (Alias.of != of) & Alias.deployment.does_not_exist()
    try:
        found.update(
            actions=[
                Alias.alias.set(name),
                Alias.of.set(of),
                Alias.deployment.set(row.id),
                Alias.sequence.set(row.sequence),
                Alias.generation.set((Alias.generation | 0) + 1),
                Alias.moved_at.set(clock.iso()),
            ],
            condition=Alias.pk.does_not_exist() | older | other,
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        return None
    return found


def drop_alias(project: str, name: str, deployment: str) -> Alias | None:
    """Take an alias off the deployment that it names; None when it names another one by now."""
    found = _row(project, name)
    try:
        found.update(
            actions=[
                Alias.deployment.remove(),
                Alias.generation.set((Alias.generation | 0) + 1),
                Alias.moved_at.set(clock.iso()),
            ],
            condition=Alias.deployment == deployment,
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        return None
    return found
