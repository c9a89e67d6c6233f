"""vercel.json: redirects, rewrites, headers, cleanUrls and trailingSlash.

Vercel redirects before it looks for files and rewrites after, so redirects are forced here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chalicelib.builds.rules.documents import Document
from chalicelib.edge.rules.routing.model import REDIRECTS, HeaderRule, Rule
from chalicelib.routing.rules import names, places, vercel_has, vercel_routes
from chalicelib.routing.rules.report import Draft, RuleError, UnavailableError, shown
from chalicelib.routing.rules.targets import check_status, check_target
from chalicelib.routing.rules.vercel_paths import Route, routes

FILE = "vercel.json"
Entry = dict[str, Any]
_KEYS = {
    "redirects": {"source", "destination", "permanent", "statusCode", "has", "missing"},
    "rewrites": {"source", "destination", "statusCode", "has", "missing"},
    "headers": {"source", "headers", "has", "missing"},
}
_WITHOUT_EFFECT = {"respectOriginCacheControl": "what the other server says of caching is heard"}
_BULK = "write them as redirects, or as a _redirects file in the output"


def read(draft: Draft, document: Document) -> None:
    """Read the rules of a vercel.json into the draft."""
    value = document.value
    for key, name in (("cleanUrls", "clean_urls"), ("trailingSlash", "trailing_slash")):
        given = value.get(key)
        if given is not None and not isinstance(given, bool):
            draft.fault(document.line(key), f"{key} must be true or false", f'Write "{key}": true.')
        elif given is not None and name == "clean_urls":
            draft.clean_urls = given
        elif given is not None:
            draft.trailing_slash = "always" if given else "never"
    if "bulkRedirectsPath" in value:
        draft.fault(document.line("bulkRedirectsPath"), "bulkRedirectsPath is not read", _BULK)
    readers: dict[str, Callable[[Draft, int, Entry], None]] = {
        "redirects": _redirect,
        "rewrites": _rewrite,
        "headers": _headers,
    }
    for name, reader in readers.items():
        lines = places.of_entries(document.text, name)
        for number, raw in entries(draft, document, name):
            line = lines[number] if number < len(lines) else document.line(name) or 0
            try:
                _known(draft, line, name, raw)
                reader(draft, line, raw)
            except RuleError as error:
                what = f"{name}[{number}] {raw.get('source', '')}"
                draft.trouble(line, what, error, forced=name == "redirects")
    vercel_routes.read(draft, document)


def entries(draft: Draft, document: Document, name: str) -> list[tuple[int, Entry]]:
    """The objects of a list at the top, with their numbers."""
    found = document.value.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        draft.fault(document.line(name), f"{name} must be a list of objects", f'"{name}": [{{}}]')
        return []
    return list(enumerate(found))


def _known(draft: Draft, line: int, name: str, raw: Entry) -> None:
    for key in raw.keys() - _KEYS[name]:
        if key not in _WITHOUT_EFFECT:
            raise UnavailableError(
                f"{shown(key)} cannot be had here", "docs/rules.md has the list."
            )
        draft.note(line, f"{name} {key}", "ignored", _WITHOUT_EFFECT[key])


def _text(raw: Entry, key: str) -> str:
    found = raw.get(key)
    if isinstance(found, dict):
        raise UnavailableError(f"{key} names a service, and there are none here")
    if not isinstance(found, str) or not found:
        raise RuleError(f"{key} must be text", f'Write "{key}": "/path".')
    return found


def _redirect(draft: Draft, line: int, raw: Entry) -> None:
    permanent, status = raw.get("permanent"), raw.get("statusCode")
    if permanent is not None and not isinstance(permanent, bool):
        raise RuleError("permanent must be true or false", 'Write "permanent": true.')
    if permanent is not None and status is not None:
        raise RuleError("permanent and statusCode are two words for one thing", "Keep one.")
    if status is None:
        status = 307 if permanent is False else 308
    if check_status(status) not in REDIRECTS:
        raise RuleError(f"{status} does not redirect", "Write 301, 302, 303, 307 or 308.")
    _take(draft, line, raw, status, force=True)


def _rewrite(draft: Draft, line: int, raw: Entry) -> None:
    status = check_status(raw.get("statusCode", 200))
    if status in REDIRECTS:
        raise RuleError(f"{status} is a redirect", "Write it as one of redirects.")
    _take(draft, line, raw, status, force=False)


def _take(draft: Draft, line: int, raw: Entry, status: int, *, force: bool) -> None:
    destination = _text(raw, "destination")
    when = vercel_has.conditions(raw.get("has"), raw.get("missing"), destination)
    for route in routes(_text(raw, "source")):
        target = check_target(_rooted(route.target(destination)), status, private=draft.private)
        rule = Rule(draft.file, line, route.pattern, target, status, force=force, when=when)
        draft.rules.append(rule)


def _rooted(target: str) -> str:
    """A path with its slash, which Vercel lets people leave out, and with no slash doubled."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", target):
        return target
    return re.sub(r"\A/*", "/", target)


def _headers(draft: Draft, line: int, raw: Entry) -> None:
    found = raw.get("headers")
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise RuleError("headers are objects", 'Write {"key": "X-Frame-Options", "value": "DENY"}.')
    when = vercel_has.conditions(raw.get("has"), raw.get("missing"), "")
    made = routes(_text(raw, "source"))
    headers = []
    for one in found:
        key, value = _text(one, "key"), one.get("value")
        if not isinstance(value, str):
            raise RuleError(f"the value of {shown(key)} must be text")
        try:
            headers.append(names.check_header(key, _still(value, made)))
        except UnavailableError as error:
            draft.note(line, f"{_text(raw, 'source')} {key}", "refused", error.message)
    for route in made if headers else ():
        draft.headers.append(HeaderRule(draft.file, line, route.pattern, tuple(headers), when))


def _still(value: str, made: list[Route]) -> str:
    """A value that is the same for every path; raises UnavailableError for another."""
    if any(f":{name}" in value for route in made for name in route.held if not name.isdigit()):
        raise UnavailableError("a header cannot hold a part of the path")
    return value
