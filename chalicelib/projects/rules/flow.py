"""Where a branch, a tag or a pull request leads: the field `git` of a project. Pure.

The first rule that matches wins. Without one the production branch leads to production, every other
branch to preview and a tag to nothing; a pull request always leads to preview.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from chalicelib.projects.rules import environments, glob

Forks = Literal["off", "untrusted", "approval"]
Signatures = Literal["off", "warn", "require"]

RULES_MAX = 50
DAYS_MIN, DAYS_MAX = 1, 365


@dataclass(frozen=True)
class Rule:
    """Branches or tags that match lead to an environment, or to `none`."""

    match: str
    environment: str


@dataclass(frozen=True)
class Flow:
    """What git leads to, with every default filled in.

    `forks` says what becomes of a pull request from elsewhere: nothing, a build without anybody's
    variables, or a build once a person approved the commit. `preview_days` is how long a preview
    stays; `auto_cancel` ends older builds of a branch when a newer push arrives.
    """

    branches: tuple[Rule, ...] = ()
    tags: tuple[Rule, ...] = ()
    pull_requests: bool = True
    forks: Forks = "untrusted"
    comments: bool = True
    preview_days: int = 30
    auto_cancel: bool = True
    signatures: Signatures = "off"


DEFAULT = Flow()


@dataclass(frozen=True)
class Fault:
    """What is wrong with a rule: where (a JSON pointer below `git`), and a sentence."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class Named:
    """Environments that rules lead to."""

    custom: frozenset[str] = field(default_factory=frozenset)
    deployed: frozenset[str] = field(default_factory=frozenset)


def read(git: Mapping[str, Any] | None) -> Flow:
    """The flow of a project as its row holds it; what the row does not say is the default."""
    given = {
        name: value
        for name, value in (git or {}).items()
        if value is not None and hasattr(DEFAULT, name)
    }
    branches, tags = _rules(given.pop("branches", ())), _rules(given.pop("tags", ()))
    return replace(DEFAULT, branches=branches, tags=tags, **given)


def _rules(given: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    return tuple(Rule(str(one["match"]), str(one["environment"])) for one in given)


def environment_of_branch(
    git: Mapping[str, Any] | None, production_branch: str, branch: str
) -> str | None:
    """The environment that a branch is deployed to; None when it is not deployed."""
    found = _first(read(git).branches, branch)
    if found is not None:
        return None if found == environments.NONE else found
    return "production" if branch and branch == production_branch else "preview"


def environment_of_tag(git: Mapping[str, Any] | None, tag: str) -> str | None:
    """The environment that a tag is deployed to; None when it is not deployed."""
    found = _first(read(git).tags, tag)
    return None if found in {None, environments.NONE} else found


def _first(rules: Iterable[Rule], name: str) -> str | None:
    return next((rule.environment for rule in rules if glob.matches(rule.match, name)), None)


def named(git: Mapping[str, Any] | None) -> Named:
    """The environments that a flow's rules lead to."""
    flow = read(git)
    found = {rule.environment for rule in (*flow.branches, *flow.tags)} - {environments.NONE}
    return Named(frozenset(filter(environments.is_custom, found)), frozenset(found))


def guarded(git: Mapping[str, Any] | None) -> Flow:
    """A flow as far as it decides what is deployed where and which commits are trusted."""
    found = read(git)
    return replace(DEFAULT, **{name: getattr(found, name) for name in _GUARDED})


_GUARDED = ("branches", "tags", "forks", "signatures")


def faults(git: Mapping[str, Any], there: Collection[str] = ()) -> list[Fault]:
    """Everything that is wrong with a flow whose fields have the right types.

    `there` are the environments that people made.
    """
    flow = read(git)
    found: list[Fault] = []
    for kind, rules in (("branches", flow.branches), ("tags", flow.tags)):
        if len(rules) > RULES_MAX:
            found.append(Fault(f"/{kind}", f"At most {RULES_MAX} rules."))
        for number, rule in enumerate(rules[:RULES_MAX]):
            found += _pattern_faults(f"/{kind}/{number}", rule, rules[:number])
            found += _place_faults(f"/{kind}/{number}", rule, there)
    if not DAYS_MIN <= flow.preview_days <= DAYS_MAX:
        found.append(Fault("/preview_days", f"{DAYS_MIN} to {DAYS_MAX} days."))
    return found


def _pattern_faults(pointer: str, rule: Rule, earlier: tuple[Rule, ...]) -> list[Fault]:
    wrong = glob.fault(rule.match)
    if not wrong and any(other.match in {rule.match, "**"} for other in earlier):
        wrong = "A rule above it matches all of this: it is never reached."
    return [Fault(f"{pointer}/match", wrong)] if wrong else []


def _place_faults(pointer: str, rule: Rule, there: Collection[str]) -> list[Fault]:
    allowed = (*environments.DEPLOYED, environments.NONE)
    name = rule.environment
    if name in allowed or (environments.is_custom(name) and name in there):
        return []
    pointer = f"{pointer}/environment"
    if name == "development":
        return [Fault(pointer, "Nothing is deployed to development.")]
    ways = ", ".join(allowed)
    return [Fault(pointer, f"There is no environment {name[:40]!r}: {ways}, or one that was made.")]
