"""`routes` of vercel.json, the older way to write rules, as far as it says what newer ones say."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.builds.rules.documents import Document
from chalicelib.edge.rules.routing.model import REDIRECTS, HeaderRule, Rule, When
from chalicelib.routing.rules import names, places
from chalicelib.routing.rules.report import Draft, RuleError, UnavailableError, shown
from chalicelib.routing.rules.targets import check_status, check_target
from chalicelib.routing.rules.vercel_paths import Route, routes

Entry = dict[str, Any]
ADVICE = "Write it as one of redirects, rewrites or headers."
_KNOWN = {"src", "dest", "status", "headers", "methods", "continue", "handle", "check"}


def read(draft: Draft, document: Document) -> None:
    """Read the entries of `routes`: those before `handle: filesystem` stand before the files."""
    found = document.value.get("routes")
    if found is None:
        return
    line = document.line("routes")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        draft.fault(line, "routes must be a list of objects", ADVICE)
        return
    lines = places.of_entries(document.text, "routes")
    before = True
    for number, raw in enumerate(found):
        at = lines[number] if number < len(lines) else line or 0
        if "handle" in raw:
            before = before and raw["handle"] != "filesystem"
            if raw["handle"] != "filesystem":
                draft.note(
                    at, f"routes[{number}] handle", "ignored", "there is one such phase here"
                )
            continue
        try:
            _take(draft, at, raw, before=before)
        except RuleError as error:
            error.hint = error.hint or ADVICE
            draft.trouble(at, f"routes[{number}] {raw.get('src', '')}", error, forced=before)


def _take(draft: Draft, line: int, raw: Entry, *, before: bool) -> None:
    for key in raw.keys() - _KNOWN:
        raise UnavailableError(f"{shown(key)} of routes cannot be had here", ADVICE)
    made = _patterns(raw.get("src"))
    headers = _pairs(raw.get("headers"))
    location = headers.pop("location", None)
    when = _methods(raw.get("methods"))
    status, target = raw.get("status"), raw.get("dest", location)
    if location is not None or target is not None:
        code = check_status(status if status is not None else 308 if location else 200)
        if (location is not None) != (code in REDIRECTS):
            raise RuleError("a redirect has a status from 301 to 308 and a Location", ADVICE)
        if not isinstance(target, str):
            raise RuleError("dest must be text", ADVICE)
        for route in made:
            to = route.target(target if target.startswith("/") or ":" in target else f"/{target}")
            to = check_target(to, code, private=draft.private)
            rule = Rule(draft.file, line, route.pattern, to, code, force=before, when=when)
            draft.rules.append(rule)
    elif status is not None:
        raise UnavailableError("a status without dest has no page to answer with", ADVICE)
    for route in made if headers else ():
        kept = tuple(names.check_header(name, value) for name, value in headers.items())
        draft.headers.append(HeaderRule(draft.file, line, route.pattern, kept, when))


def _patterns(src: object) -> list[Route]:
    """A regular expression over the whole path, as far as it is a source with brackets."""
    if not isinstance(src, str) or not src:
        raise RuleError("src must be text", ADVICE)
    bare = src.removeprefix("^").removesuffix("$")
    bare = re.sub(r"(?<![(\\])\.\*(?!\))", "(.*)", bare)
    bare = bare.removesuffix("/?")
    if ":" in bare or "{" in bare:
        raise UnavailableError(f"{shown(src)} is more than paths and brackets", ADVICE)
    return routes(bare or "/")


def _pairs(found: object) -> dict[str, str]:
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise RuleError("headers are names with texts", ADVICE)
    return {
        name.lower() if name.lower() == "location" else name: text for name, text in found.items()
    }


def _methods(found: object) -> When | None:
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise RuleError("methods are texts", ADVICE)
    return When(method=tuple(one.upper() for one in found))
