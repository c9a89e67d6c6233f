"""What a build of an environment would find, and where each value comes from."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.projects import rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, opened
from chalicelib.projects.rows import Project, VariableRow
from chalicelib.projects.rules import system
from chalicelib.projects.rules.variables import When, layers, source


@dataclass(frozen=True)
class Layer:
    """A variable that another one stands before."""

    source: str
    environment: str
    branch: str | None
    version: int


@dataclass(frozen=True)
class Effective:
    """A name as a build finds it.

    `value` is None for a secret, for what is only known of a deployment, and for what the caller
    may not read; `hidden` says which: `secret`, `deployment` or `permission`.
    """

    name: str
    value: str | None
    hidden: str | None
    source: str
    environment: str | None
    branch: str | None
    when: str
    secret: bool
    version: int | None
    overrides: list[Layer]


def effective(project: Project, scope: Scope, when: When, *, reads_all: bool) -> list[Effective]:
    """Every variable by name, those of the platform first.

    `reads_all`: the caller may read what counts in all environments, and not in this one alone.
    """
    if scope.environment == "all":
        raise Invalid(
            "invalid_environment",
            "A build is of one environment, not of all.",
            hint="Name one, such as production.",
            errors=(FieldError("/query/environment", "Not `all`."),),
        )
    variables.check_scope(project, scope)
    found = layers(rows.variables(project.id), scope.environment, scope.branch, when)
    return [
        *(_of_the_platform(project, scope) if when == "build" else ()),
        *(_person_s(project, found[name], reads_all) for name in sorted(found)),
    ]


def _of_the_platform(project: Project, scope: Scope) -> list[Effective]:
    facts = system.Facts(project.slug, scope.environment, branch=scope.branch)
    known = system.variables(facts)
    unknown = system.OF_A_DEPLOYMENT | ({"CLOUDDECK_BRANCH"} if not scope.branch else set())
    return [
        Effective(
            name=name,
            value=None if name in unknown else known[name],
            hidden="deployment" if name in unknown else None,
            source="system",
            environment=None,
            branch=None,
            when="build",
            secret=False,
            version=None,
            overrides=[],
        )
        for name in sorted({*known, *unknown})
    ]


def _person_s(project: Project, several: list[VariableRow], reads_all: bool) -> Effective:
    row, *others = several
    hidden = "secret" if row.secret else None
    if row.environment == "all" and not reads_all:
        hidden = "permission"
    return Effective(
        name=row.name,
        value=None if hidden else opened(project, row),
        hidden=hidden,
        source=source(row),
        environment=row.environment,
        branch=row.branch or None,
        when=row.when,
        secret=bool(row.secret),
        version=int(row.version),
        overrides=[
            Layer(source(o), o.environment, o.branch or None, int(o.version)) for o in others
        ],
    )
