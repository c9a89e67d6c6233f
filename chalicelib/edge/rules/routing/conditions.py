"""Whether a request is what a rule's `when` asks for."""

from __future__ import annotations

from chalicelib.edge.rules.routing.facts import HOST, Facts
from chalicelib.edge.rules.routing.model import When

Pairs = tuple[tuple[str, tuple[str, ...] | None], ...]


class Condition:
    """A `When`, made ready to be asked often. `names` are the placeholders its query fills.

    However many values it names, each thing about a request is looked up among them once.
    """

    __slots__ = (
        "_countries",
        "_hosts",
        "_languages",
        "_methods",
        "_query",
        "_tests",
        "_unless",
        "looks",
        "names",
    )

    def __init__(self, when: When) -> None:
        self._methods = frozenset(when.method)
        self._countries = frozenset(when.country)
        self._hosts = frozenset(when.host)
        self._languages = frozenset(tag.lower() for tag in when.language)
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
        if (self._methods and facts.method not in self._methods) or (
            self._countries and facts.get("country") not in self._countries
        ):
            return False
        if self._hosts and self._hosts.isdisjoint(_above(facts.host)):
            return False
        if self._languages and self._languages.isdisjoint(_broader(facts.language)):
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


def _above(host: str) -> list[str]:
    """A host, and what stands for it among others: `*.example.com` is all below example.com."""
    labels = host.split(".")
    return [host, *("*." + ".".join(labels[at:]) for at in range(1, len(labels)))]


def _broader(tag: str) -> list[str]:
    """A language and those that it is of: `de-ch` is of `de`."""
    parts = tag.split("-")
    return ["-".join(parts[:length]) for length in range(1, len(parts) + 1)]
