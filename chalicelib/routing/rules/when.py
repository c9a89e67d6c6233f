"""The conditions of a rule in clouddeck.toml."""

from __future__ import annotations

from typing import Any

from chalicelib.edge.rules.routing.model import When
from chalicelib.routing.rules import names, tables
from chalicelib.routing.rules.report import RuleError

KEYS = ("host", "method", "country", "language", "header", "cookie", "query", "unless")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MAX_VALUES = 50

Named = tuple[tuple[str, tuple[str, ...] | None], ...]


def read(raw: object, *, nested: bool = False) -> When | None:
    """The table `when` of a rule, None for nothing; raises RuleError."""
    if raw is None:
        return None
    if not isinstance(raw, dict) or not raw:
        raise RuleError("when must be a table", 'Write when = { country = ["DE"] }.')
    tables.unknown(raw, KEYS[:-1] if nested else KEYS, "unless" if nested else "when")
    return When(
        host=tuple(names.check_host(host) for host in tables.texts(raw, "host", "www.example.com")),
        method=_methods(tables.texts(raw, "method", "GET")),
        country=names.check_countries(tables.texts(raw, "country", "DE")),
        language=names.check_languages(tables.texts(raw, "language", "de")),
        header=_named(raw, "header"),
        cookie=_named(raw, "cookie"),
        query=_named(raw, "query"),
        unless=None if nested else read(raw.get("unless"), nested=True),
    )


def _methods(given: list[str]) -> tuple[str, ...]:
    for method in given:
        if method.upper() not in METHODS:
            raise RuleError(f"{method[:20]!r} is no method", f"A method is {', '.join(METHODS)}.")
    return tuple(dict.fromkeys(method.upper() for method in given))


def _named(raw: dict[str, Any], kind: str) -> Named:
    """Names with the values that will do; `true` asks for any."""
    found = raw.get(kind, {})
    if not isinstance(found, dict):
        raise RuleError(
            f"{kind} must be names with values", f'Write {kind} = {{ name = "value" }}.'
        )
    named: list[tuple[str, tuple[str, ...] | None]] = []
    for name, value in found.items():
        if kind != "query":
            names.check_token(name, kind)
        if value is True:
            named.append((name, None))
            continue
        several = [value] if isinstance(value, str) else value
        if (
            not isinstance(several, list)
            or not 1 <= len(several) <= MAX_VALUES
            or not all(isinstance(one, str) for one in several)
        ):
            raise RuleError(
                f"{kind} {name[:60]} must be a text, up to {MAX_VALUES} texts, or true",
                f'Write {kind} = {{ {name[:60]} = "value" }}, or true for any value.',
            )
        named.append((name, tuple(several)))
    return tuple(named)
