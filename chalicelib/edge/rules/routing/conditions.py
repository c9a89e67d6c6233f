"""Whether a request is what a rule's `when` asks for."""

from __future__ import annotations

from chalicelib.edge.rules.routing.facts import HOST, Facts, languages, speaks
from chalicelib.edge.rules.routing.model import When

Pairs = tuple[tuple[str, tuple[str, ...] | None], ...]


class Condition:
    """A `When`, made ready to be asked often. `names` are the placeholders its query fills."""

    __slots__ = ("_query", "_tests", "_unless", "looks", "names", "when")

    def __init__(self, when: When) -> None:
        self.when = when
        self._tests = _tests("header:", when.header) + _tests("cookie:", when.cookie)
        self._query = [
            (name, None if values is None else frozenset(values), _placeholder(values))
            for name, values in when.query
        ]
        self._unless = None if when.unless is None else Condition(when.unless)
        self.names = tuple(name for _, _, name in self._query if name)
        self.looks = looks_of(when)

    def holds(self, facts: Facts, looked: set[str]) -> dict[str, str] | None:
        """What its placeholders hold; None when it does not hold. `looked` learns what counted."""
        looked.update(self.looks)
        if not self._fits(facts):
            return None
        taken = self._parameters(facts)
        if taken is None or self._unless is None:
            return taken
        return taken if self._unless.holds(facts, looked) is None else None

    def _fits(self, facts: Facts) -> bool:
        """Everything but the query."""
        when = self.when
        if (when.method and facts.method not in when.method) or (
            when.country and facts.get("country") not in when.country
        ):
            return False
        if when.host and not any(_names(facts.host, host) for host in when.host):
            return False
        if when.language and not _spoken(facts, when.language):
            return False
        for look, values in self._tests:
            value = facts.get(look)
            if not value or (values is not None and value not in values):
                return False
        return True

    def _parameters(self, facts: Facts) -> dict[str, str] | None:
        taken: dict[str, str] = {}
        for name, values, placeholder in self._query:
            value = facts.query.get(name)
            if value is None:
                return None
            if placeholder:
                taken[placeholder] = value
            elif values is not None and value not in values:
                return None
        return taken


def looks_of(when: When) -> tuple[str, ...]:
    """What about a request a condition looks at."""
    looks = [
        *(["country"] if when.country else []),
        *(["language"] if when.language else []),
        *(["query"] if when.query else []),
        *([HOST] if when.host else []),
        *(f"header:{name.lower()}" for name, _ in when.header),
        *(f"cookie:{name}" for name, _ in when.cookie),
        *(looks_of(when.unless) if when.unless else ()),
    ]
    return tuple(dict.fromkeys(looks))


def _tests(kind: str, pairs: Pairs) -> list[tuple[str, frozenset[str] | None]]:
    return [
        (
            kind + (name.lower() if kind == "header:" else name),
            None if values is None else frozenset(values),
        )
        for name, values in pairs
    ]


def _placeholder(values: tuple[str, ...] | None) -> str:
    """The name in `(":name",)`; empty for anything else."""
    if values is None or len(values) != 1 or not values[0].startswith(":"):
        return ""
    return values[0][1:]


def _names(host: str, wanted: str) -> bool:
    """Whether a host is the wanted one; `*.example.com` is every host below example.com."""
    if wanted.startswith("*."):
        return host.endswith(wanted[1:]) and len(host) > len(wanted) - 1
    return host == wanted


def _spoken(facts: Facts, wanted: tuple[str, ...]) -> bool:
    """Whether the language that is wanted most is one of these."""
    best = languages(facts.get("language"))[:1]
    return any(speaks(tag, one) for tag in best for one in wanted)
