"""`has` and `missing` of Vercel: what a request has to have, and what it must not have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib.edge.rules.routing.model import When
from chalicelib.routing.rules import names
from chalicelib.routing.rules.report import RuleError, UnavailableError, shown
from chalicelib.routing.rules.vercel_paths import PLAIN

MAX_ITEMS = 16
COUNTRY = "x-vercel-ip-country"
_MADE = "x-vercel-"
_ANY = re.compile(r"(?:\(\?<([A-Za-z][A-Za-z0-9]*)>)?\^?\.[*+]\$?\)?\Z")
_BELOW = re.compile(r"\.[*+]\\\.([A-Za-z0-9.\\-]+)\Z")


def conditions(has: object, missing: object, target: str) -> When | None:
    """Both lists as one condition; None without any. Raises RuleError.

    `target` is the destination, which may use what was found as `:name`.
    """
    when = When()
    for item in _items(has, "has"):
        when = _with(when, item, target)
    left_out = _items(missing, "missing")
    if len(left_out) > 1:
        raise UnavailableError("only one thing can be missing in a rule", "Write two rules.")
    if left_out:
        when = replace(when, unless=_with(When(), left_out[0], ""))
    return None if when == When() else when


def _items(found: object, name: str) -> list[dict[str, Any]]:
    if found is None:
        return []
    if (
        not isinstance(found, list)
        or len(found) > MAX_ITEMS
        or not all(isinstance(one, dict) for one in found)
    ):
        raise RuleError(f"{name} is a list of at most {MAX_ITEMS} objects", "See docs/rules.md.")
    return found


def _with(when: When, item: dict[str, Any], target: str) -> When:
    kind, key, value = item.get("type"), item.get("key"), item.get("value")
    if kind == "host":
        return replace(when, host=_hosts(value))
    if kind not in {"header", "cookie", "query"} or not isinstance(key, str) or not key:
        raise RuleError("an item has a type (host, header, cookie or query) and a key")
    if kind == "header" and key.lower() == "host":
        return replace(when, host=_hosts(value))
    values, name = _values(value)
    if kind == "header" and key.lower() == COUNTRY:
        if values is None:
            raise UnavailableError("any country is no condition", "Name countries.")
        return replace(when, country=names.check_countries(list(values)))
    if kind == "header" and key.lower().startswith(_MADE):
        raise UnavailableError(
            f"{shown(key)} is made by Vercel; here visitors alone could send it",
            f"Of these {COUNTRY} is known here.",
        )
    used = name or (key if values is None else "")
    if used and re.search(rf":{re.escape(used)}(?![A-Za-z0-9_])", target):
        if kind != "query":
            raise UnavailableError(f"what a {kind} holds cannot be part of the target")
        values = (f":{used}",)
    if kind != "query":
        names.check_token(key, kind)
    entry = ((key, values),)
    if kind == "header":
        return replace(when, header=when.header + entry)
    if kind == "cookie":
        return replace(when, cookie=when.cookie + entry)
    return replace(when, query=when.query + entry)


def _hosts(value: object) -> tuple[str, ...]:
    below = _BELOW.match(value) if isinstance(value, str) else None
    if below:
        return (names.check_host("*." + below[1].replace("\\", "")),)
    values, _ = _values(value)
    if values is None:
        raise RuleError("a host needs a value", 'Write "value": "www.example.com".')
    return tuple(names.check_host(host) for host in values)


def _values(value: object) -> tuple[tuple[str, ...] | None, str]:
    """The texts that will do, None for any, and the name by which what is found is known."""
    if value is None:
        return None, ""
    if isinstance(value, dict):
        return _operator(value), ""
    if not isinstance(value, str):
        raise RuleError("a value is text", "Numbers stand in quotes.")
    anything = _ANY.match(value)
    if anything:
        return None, anything[1] or ""
    words = value.removeprefix("^").removesuffix("$")
    if words.startswith("(") and words.endswith(")"):
        words = words[1:-1].removeprefix("?:")
    several = words.split("|")
    if not all(one and PLAIN.match(one) for one in several):
        raise UnavailableError(
            f"{shown(value)} is an expression, and requests are compared with plain texts only",
            'Write the texts that will do: "value": "one|two".',
        )
    return tuple(re.sub(r"\\(.)", r"\1", one) for one in several), ""


def _operator(value: dict[str, Any]) -> tuple[str, ...]:
    readers: dict[str, Callable[[Any], list[Any]]] = {"eq": lambda one: [one], "inc": list}
    if len(value) != 1 or next(iter(value)) not in readers:
        raise UnavailableError(
            f"{shown(', '.join(value))} cannot be asked of a request", "Write eq or inc."
        )
    [(operator, given)] = value.items()
    if operator == "inc" and not isinstance(given, list):
        raise RuleError("inc is a list", 'Write "inc": ["one", "two"].')
    return tuple(str(one) for one in readers[operator](given))
