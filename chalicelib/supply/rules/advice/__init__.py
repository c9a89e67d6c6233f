"""What would make a project's builds quicker and its site smaller, with the evidence for it."""

from __future__ import annotations

from chalicelib.supply.rules.advice import building, output
from chalicelib.supply.rules.advice.model import Advice, Facts

__all__ = ["Advice", "Facts", "advise"]

_RULES = (*building.RULES, *output.RULES)


def advise(facts: Facts) -> list[Advice]:
    """Every piece of advice that the facts bear out, what saves most time first.

    Nothing is advised that is so already: each rule looks at what its own change would bring.
    """
    found = [advice for rule in _RULES if (advice := rule(facts)) is not None]
    return sorted(found, key=lambda a: (-(a.saves_ms or 0), -(a.saves_bytes or 0), a.kind))
