"""What is known against the packages of a deployment, and whether that stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.supply.rules import osv
from chalicelib.supply.rules.components import Component
from chalicelib.supply.rules.cvss import LEVELS, Level

FRESH_DAYS = 14
"""A copy of the advisories that is older says nothing about what is clean."""

_UNSTATED: Level = "high"
"""How an advisory counts whose severity nobody states."""


@dataclass(frozen=True)
class Copy:
    """The copy of an ecosystem's advisories: as of when, and what it says of a package."""

    age_days: float
    look_up: Callable[[str], list[osv.Advisory]]

    @property
    def fresh(self) -> bool:
        """Whether a package without an advisory may be called one without a known fault."""
        return self.age_days <= FRESH_DAYS


@dataclass(frozen=True)
class Finding:
    """One advisory that concerns one package."""

    component: Component
    advisory: osv.Advisory
    fixed: str


@dataclass
class Judgement:
    """Each package is exactly one of vulnerable, not known to be, or unknown."""

    findings: list[Finding] = field(default_factory=list)
    vulnerable: int = 0
    not_known: int = 0
    unknown: int = 0
    reasons: dict[str, str] = field(default_factory=dict)  # ecosystem -> why it is unknown
    ages: dict[str, float] = field(default_factory=dict)


Verdict = Literal["vulnerable", "not_known", "unknown"]


def judge(components: Iterable[Component], copies: dict[str, Copy]) -> Judgement:
    """Hold packages to the copies of the advisories; what cannot be told is unknown."""
    found = Judgement(ages={name: copy.age_days for name, copy in copies.items()})
    for component in components:
        verdict = _judge(component, copies.get(component.ecosystem), found)
        setattr(found, verdict, getattr(found, verdict) + 1)
    found.findings.sort(key=_worst_first)
    return found


def _judge(component: Component, copy: Copy | None, found: Judgement) -> Verdict:
    ecosystem = component.ecosystem
    if copy is None:
        found.reasons[ecosystem] = "There is no copy of its advisories."
        return "unknown"
    if not copy.fresh:
        found.reasons[ecosystem] = f"The copy of its advisories is {copy.age_days:.0f} days old."
    said = [
        (a, osv.concerns(a, ecosystem, component.version))
        for a in copy.look_up(osv.package_name(ecosystem, component.name))
    ]
    hits = [advisory for advisory, concerned in said if concerned]
    found.findings += [
        Finding(component, a, osv.fixed_in(a, ecosystem, component.version)) for a in hits
    ]
    if hits:
        return "vulnerable"
    if not component.version or any(concerned is None for _, concerned in said):
        found.reasons.setdefault(ecosystem, "Some versions are left open or cannot be compared.")
        return "unknown"
    return "not_known" if copy.fresh else "unknown"


def rank(level: Level) -> int:
    """The place of a level, worst highest."""
    return LEVELS.index(_UNSTATED if level == "unstated" else level)


def _worst_first(finding: Finding) -> tuple[int, float, str, str]:
    advisory = finding.advisory
    return -rank(advisory.level), -(advisory.score or 0), finding.component.purl, advisory.id


def stops(
    judgement: Judgement, policy: Literal["off", "warn", "block"], severity: Level
) -> Finding | None:
    """The worst finding that a project's gate does not let through."""
    if policy != "block" or not judgement.findings:
        return None
    worst = judgement.findings[0]
    return worst if rank(worst.advisory.level) >= rank(severity) else None


def sentence(finding: Finding) -> str:
    """A finding in words: package, version, advisory, severity, repair."""
    advisory, component = finding.advisory, finding.component
    known = next((alias for alias in advisory.aliases if alias.startswith("CVE-")), "")
    named = f"{advisory.id} ({known})" if known else advisory.id
    severity = "of unstated severity" if advisory.level == "unstated" else advisory.level
    fixed = f"fixed in {finding.fixed}" if finding.fixed else "no fixed version is known"
    return f"{component.name} {component.version} has {named}, {severity}; {fixed}."
