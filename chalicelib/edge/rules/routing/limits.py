"""What a table of rules may hold, checked before it is published.

The numbers are chosen so that no request, however it is made up, waits 5 ms for the rules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from chalicelib.edge.rules.paths import BadPath, normalise_path
from chalicelib.edge.rules.routes import LOOKS
from chalicelib.edge.rules.routing import shapes
from chalicelib.edge.rules.routing.grammar import BadPatternError, parse_pattern
from chalicelib.edge.rules.routing.model import (
    MAX_BACKENDS,
    MAX_HEADER_RULES,
    MAX_RULES,
    Routing,
)
from chalicelib.edge.rules.routing.patterns import Fixed
from chalicelib.edge.rules.routing.shapes import Said
from chalicelib.edge.rules.routing.table import looks

MAX_COMPARED = 500
"""So many rules of one first segment may need more than a lookup: a condition, a part of a
segment, a class, something after `*`."""
MAX_PIECED = 20
"""So many rules may have segments that are compared atom by atom."""
MAX_SAME = 500
"""So many rules may stand for one and the same path."""
MAX_AUTH_RULES = 100

Kind = Literal["rule", "header", "auth", "backend", "locales", "table"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a table. `index` is the number within the kind, None for all of it."""

    kind: Kind
    index: int | None
    code: str
    detail: str


def check(routing: Routing, *, private: bool = False) -> list[Fault]:
    """Everything that is wrong with a table; a table without faults can be made and served.

    With `private` rules may pass requests on to addresses that are no public https names.
    """
    checks = (
        *(
            Fault("rule", number, code, detail)
            for number, rule in enumerate(routing.rules[:MAX_RULES])
            for code, detail in shapes.rule(rule, routing, private=private)
        ),
        *(
            Fault("header", number, code, detail)
            for number, rule in enumerate(routing.headers[:MAX_HEADER_RULES])
            for code, detail in shapes.headers(rule)
        ),
        *(
            Fault("auth", number, code, detail)
            for number, rule in enumerate(routing.auth[:MAX_AUTH_RULES])
            for code, detail in shapes.auth(rule)
        ),
        *(
            Fault("backend", number, code, detail)
            for number, backend in enumerate(routing.backends[:MAX_BACKENDS])
            for code, detail in shapes.backend(backend, private=private)
        ),
    )
    more = () if routing.locales is None else shapes.locales(routing.locales)
    return [
        *checks,
        *(Fault("locales", None, code, detail) for code, detail in more),
        *(Fault("table", None, code, detail) for code, detail in _whole(routing)),
    ]


def _whole(routing: Routing) -> Said:
    """Numbers that bound how long a request may take."""
    for name, count, most in (
        ("rules", len(routing.rules), MAX_RULES),
        ("header rules", len(routing.headers), MAX_HEADER_RULES),
        ("rules of who may come in", len(routing.auth), MAX_AUTH_RULES),
        ("backends", len(routing.backends), MAX_BACKENDS),
    ):
        if count > most:
            yield "too_many_rules", f"{count} {name}; {most} at most"
    if len({backend.name for backend in routing.backends}) < len(routing.backends):
        yield "bad_name", "two backends of one name"
    if not _is_file(routing.not_found):
        yield "bad_not_found", f"{routing.not_found!r:.60} is no path of a file"
    found = looks(routing)
    if len(found) > LOOKS:
        yield (
            "too_many_looks",
            f"the rules look at {len(found)} things about a request, {LOOKS} at most: "
            + ", ".join(found),
        )
    yield from _work(routing)


def _is_file(name: str) -> bool:
    path = normalise_path(f"/{name}".encode("utf-8", "replace"))
    return not isinstance(path, BadPath) and path.text == f"/{name}" and len(name) > 0


def _work(routing: Routing) -> Said:
    compared: Counter[str | None] = Counter()
    same: Counter[str] = Counter()
    pieced = 0
    patterns = [
        *((rule.pattern, bool(rule.when)) for rule in routing.rules[:MAX_RULES]),
        *((rule.pattern, bool(rule.when)) for rule in routing.headers[:MAX_HEADER_RULES]),
    ]
    for text, conditional in patterns:
        try:
            pattern = parse_pattern(text)
        except BadPatternError:
            continue
        pieced += pattern.pieced
        exact = pattern.exact
        if exact is not None:
            same[exact] += 1
        elif conditional or not pattern.sure:
            first = pattern.front[0] if pattern.front else None
            compared[first.text if isinstance(first, Fixed) else None] += 1
    everywhere = compared.pop(None, 0)
    worst = everywhere + max(compared.values(), default=0)
    if worst > MAX_COMPARED:
        detail = (
            f"{worst} rules that begin alike have conditions, classes, parts of segments or "
            f"something after *; {MAX_COMPARED} at most. Rules of plain paths, :name and a * at "
            "the end are not counted."
        )
        yield "too_many_compared", detail
    if pieced > MAX_PIECED:
        yield "too_many_pieced", f"{pieced} rules have composed segments; {MAX_PIECED} at most"
    if same and max(same.values()) > MAX_SAME:
        path, count = same.most_common(1)[0]
        yield "too_many_alike", f"{count} rules for {path}; {MAX_SAME} at most"
