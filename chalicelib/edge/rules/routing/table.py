"""All patterns of a deployment, asked at once.

Paths without placeholders are looked up. For the others there is one number of as many bits as
there are patterns, for every segment a path may have at every place: the bits of those that allow
it there. What is left after an AND for each segment is compared in full, in the order of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.edge.rules.paths import Path
from chalicelib.edge.rules.resolve import SiteRules
from chalicelib.edge.rules.routing.conditions import Condition, looks_of
from chalicelib.edge.rules.routing.facts import HOST
from chalicelib.edge.rules.routing.grammar import BadPatternError, parse_pattern
from chalicelib.edge.rules.routing.model import (
    REDIRECTS,
    AuthRule,
    Backend,
    BadRoutingError,
    HeaderRule,
    Routing,
    Rule,
)
from chalicelib.edge.rules.routing.patterns import Fixed, Pattern, split
from chalicelib.edge.rules.routing.targets import Target, parse_target

_PLACES = 16
"""Segments beyond this place are compared in full only."""
_FEW = 16
"""So many patterns that want the same segment at a place are kept as a list, more as bits."""


@dataclass(frozen=True, slots=True)
class Way:
    """A normalised path, cut up for patterns."""

    path: Path
    segments: list[str]
    slash: str
    bare: str

    @classmethod
    def of(cls, path: Path) -> Way:
        """A path's way; `bare` is it without a slash at its end."""
        segments, slash = split(path.text)
        return cls(path, segments, slash, path.text[:-1] if slash else path.text)


class Index:
    """Which of many patterns fit a path."""

    __slots__ = (
        "_exact",
        "_lengths",
        "_numbers",
        "_places",
        "_sure",
        "patterns",
    )

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = patterns
        self._exact: dict[str, list[int]] = {}
        self._numbers: list[int] = []
        self._sure: set[int] = set()
        open_ended: list[list[int]] = [[] for _ in range(_PLACES)]
        said: list[dict[str, list[int]]] = [{} for _ in range(_PLACES)]
        fixed: dict[int, list[int]] = {}
        least: dict[int, list[int]] = {}
        for number, pattern in enumerate(patterns):
            exact = pattern.exact
            if exact is not None:
                self._exact.setdefault(exact, []).append(number)
                continue
            bit = len(self._numbers)
            self._numbers.append(number)
            if pattern.sure and len(pattern.front) <= _PLACES:
                self._sure.add(number)
            for place, segment in enumerate(pattern.front[:_PLACES]):
                if isinstance(segment, Fixed):
                    said[place].setdefault(segment.text, []).append(bit)
                else:
                    open_ended[place].append(bit)
            for place in range(len(pattern.front), _PLACES):
                open_ended[place].append(bit)
            (fixed if pattern.deep is None else least).setdefault(pattern.least, []).append(bit)
        self._lengths = _lengths(fixed, least)
        self._places = [
            (_number(wild), {text: _packed(bits) for text, bits in table.items()})
            for wild, table in zip(open_ended, said, strict=True)
        ]

    def fitting(self, way: Way) -> Iterator[int]:
        """The numbers of the patterns that fit, in their order."""
        exact = self._exact.get(way.bare, ())
        if not self._numbers:
            yield from exact
            return
        waiting = iter(exact)
        next_exact = next(waiting, -1)
        for number in self._candidates(way.segments):
            while 0 <= next_exact < number:
                yield next_exact
                next_exact = next(waiting, -1)
            if number in self._sure or self.patterns[number].take(way.segments) is not None:
                yield number
        while next_exact >= 0:
            yield next_exact
            next_exact = next(waiting, -1)

    def _candidates(self, segments: list[str]) -> Iterator[int]:
        left = self._lengths[min(len(segments), len(self._lengths) - 1)]
        for (wild, said), segment in zip(self._places, segments, strict=False):
            if not left:
                return
            left &= wild | _unpacked(said.get(segment, 0))
        if not left:
            return
        # Bits of a large number are found quicker in its text than one by one.
        text = f"{left:b}"[::-1]
        bit = text.find("1")
        while bit >= 0:
            yield self._numbers[bit]
            bit = text.find("1", bit + 1)


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule with what was read from its texts."""

    rule: Rule
    pattern: Pattern
    target: Target
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class ReadyHeaders:
    """A header rule; of a name that it says twice the values stand in one line."""

    rule: HeaderRule
    headers: tuple[tuple[str, str], ...]
    condition: Condition | None


class Table:
    """The rules of a deployment, read once and asked often; raises BadRoutingError when made.

    It takes about ten microseconds a rule to make one: keep it as long as the deployment. What
    `limits.check` finds fault with may raise BadTargetError or KeyError later.
    """

    __slots__ = (
        "_auth",
        "_backends",
        "_headers",
        "_origins",
        "_ready",
        "_site",
        "auth_index",
        "header_index",
        "looks",
        "open_methods",
        "routing",
        "rule_index",
    )

    def __init__(self, routing: Routing) -> None:
        self.routing = routing
        self._ready: dict[int, ReadyRule] = {}
        self._headers = [_ready_headers(rule) for rule in routing.headers]
        self._auth = routing.auth
        self._backends = {backend.name: backend for backend in routing.backends}
        self._origins = {
            backend.name: tuple(
                Condition(origin.when) if origin.when else None for origin in backend.origins
            )
            for backend in routing.backends
        }
        self.rule_index = Index([_pattern("rule", one) for one in routing.rules])
        self.header_index = Index([_pattern("header", one) for one in routing.headers])
        self.auth_index = Index([_pattern("auth", one) for one in routing.auth])
        self.looks = looks(routing)
        self.open_methods = any(_reaches_out(rule) for rule in routing.rules)
        """Whether another method than GET may be answered: some rule passes requests on."""
        self._site: tuple[SiteRules, SiteRules] | None = None

    def rule(self, number: int) -> ReadyRule:
        """A rule by its number; what it leads to is read when it is asked for first."""
        ready = self._ready.get(number)
        if ready is None:
            ready = _ready(self.routing.rules[number], self.rule_index.patterns[number])
            self._ready[number] = ready
        return ready

    def headers(self, number: int) -> ReadyHeaders:
        """A header rule by its number."""
        return self._headers[number]

    def auth(self, number: int) -> AuthRule:
        """A rule of who may come in, by its number."""
        return self._auth[number]

    def backend(self, name: str) -> tuple[Backend, tuple[Condition | None, ...]]:
        """A backend and what each of its origins is named for."""
        return self._backends[name], self._origins[name]

    def site(self, rules: SiteRules) -> SiteRules:
        """How paths are read, the rules considered."""
        if self._site is None or self._site[0] != rules:
            routing = self.routing
            self._site = (
                rules,
                SiteRules(
                    spa=rules.spa if routing.spa is None else routing.spa,
                    clean_urls=rules.clean_urls
                    if routing.clean_urls is None
                    else routing.clean_urls,
                    not_found=routing.not_found,
                    trailing_slash=routing.trailing_slash,
                ),
            )
        return self._site[1]


def looks(routing: Routing) -> tuple[str, ...]:
    """What about a request all rules of a table look at, sorted: see `rules/routes.py`, LOOKS."""
    whens = [
        *(rule.when for rule in routing.rules),
        *(rule.when for rule in routing.headers),
        *(origin.when for backend in routing.backends for origin in backend.origins),
    ]
    found = {look for when in whens if when for look in looks_of(when)}
    if any(_leads_away(rule) for rule in routing.rules):
        found.add(HOST)  # a redirect to the host that one is at would lead in a circle
    if routing.auth:
        found.add("authorization")
    if routing.locales and routing.locales.detect:
        found |= {"language", "cookie:locale"}
    return tuple(sorted(found))


def _leads_away(rule: Rule) -> bool:
    """Whether a rule redirects to a host that it names, which may be the one that was asked at."""
    return rule.status in REDIRECTS and rule.to.lower().startswith(("http://", "https://"))


def _packed(bits: list[int]) -> int | tuple[int, ...]:
    """Few bits as they are: a number as long as its highest bit would be large for each."""
    if len(bits) <= _FEW:
        return tuple(bits)
    return _number(bits)


def _number(bits: list[int]) -> int:
    """The number that has these bits, which are in order."""
    made = bytearray(bits[-1] // 8 + 1 if bits else 0)
    for bit in bits:
        made[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(made, "little")


def _lengths(fixed: dict[int, list[int]], least: dict[int, list[int]]) -> list[int]:
    """For each number of segments the patterns that allow it; the last is for all above."""
    made, longer = [], 0
    for length in range(max((*fixed, *least), default=0) + 2):
        longer |= _number(least.get(length, []))
        made.append(longer | _number(fixed.get(length, [])))
    return made


def _unpacked(bits: int | tuple[int, ...]) -> int:
    if isinstance(bits, int):
        return bits
    made = 0
    for bit in bits:
        made |= 1 << bit
    return made


def _ready(rule: Rule, pattern: Pattern) -> ReadyRule:
    condition = Condition(rule.when) if rule.when else None
    target = parse_target(rule.to, pattern.names, condition.names if condition else ())
    return ReadyRule(rule, pattern, target, condition)


def _ready_headers(rule: HeaderRule) -> ReadyHeaders:
    told: dict[str, tuple[str, str]] = {}
    for name, value in rule.headers:
        known = told.get(name.lower())
        both = known and known[1] and value
        told[name.lower()] = (name, f"{known[1]}, {value}" if known and both else value)
    return ReadyHeaders(rule, tuple(told.values()), Condition(rule.when) if rule.when else None)


def _pattern(kind: str, rule: Rule | HeaderRule | AuthRule) -> Pattern:
    try:
        return parse_pattern(rule.pattern)
    except BadPatternError as error:
        raise BadRoutingError(f"{kind} rule of line {rule.line}: {error}") from error


def _reaches_out(rule: Rule) -> bool:
    return rule.status == 200 and not rule.to.startswith("/")
