"""netlify.toml: its tables [[redirects]] and [[headers]]."""

from __future__ import annotations

from typing import Any

from chalicelib.builds.rules.documents import Document
from chalicelib.routing.rules.netlify_rules import Pairs, Written, take, take_headers
from chalicelib.routing.rules.report import Draft, RuleError

FILE = "netlify.toml"

# Older names of keys, which Netlify still takes.
_FROM = ("from", "origin")
_TO = ("to", "destination")
_QUERY = ("query", "params", "parameters")
_SIGNED = ("signed", "signing", "sign")
_KNOWN = {*_FROM, *_TO, *_QUERY, *_SIGNED, "status", "force", "conditions", "headers"}
_REFUSED = {
    "rate_limit": "rates are limited by the guard of the project: `deck guard`",
    "edge_handler": "there are no edge functions of Netlify here",
    "edge_handlers": "there are no edge functions of Netlify here",
}


def read(draft: Draft, document: Document) -> None:
    """Read the rules of a netlify.toml into the draft."""
    for number, raw in _tables(draft, document, "redirects"):
        line = document.line("redirects", number) or 0
        try:
            take(draft, _redirect(draft, line, raw))
        except RuleError as error:
            draft.fault(line, f"redirects {number + 1}: {error.message}", error.hint)
    for number, raw in _tables(draft, document, "headers"):
        line = document.line("headers", number) or 0
        try:
            take_headers(draft, line, _text(raw, ("for",)), _values(raw.get("values")))
        except RuleError as error:
            draft.fault(line, f"headers {number + 1}: {error.message}", error.hint)


def _tables(draft: Draft, document: Document, name: str) -> list[tuple[int, dict[str, Any]]]:
    found = document.value.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        draft.fault(document.line(name), f"{name} are written one by one", f"Write [[{name}]].")
        return []
    return list(enumerate(found))


def _redirect(draft: Draft, line: int, raw: dict[str, Any]) -> Written:
    start = _text(raw, _FROM)
    for key in raw.keys() - _KNOWN:
        why = _REFUSED.get(key)
        draft.note(
            line, f"{start} {key}", "refused" if why else "ignored", why or "nothing reads this key"
        )
    return Written(
        line=line,
        start=start.strip(),
        to=_text(raw, _TO).strip() if any(key in raw for key in _TO) else None,
        status=_status(raw.get("status", 301)),
        force=_flag(raw.get("force", False)),
        query=_pairs(_first(raw, _QUERY) or {}),
        conditions=_lists(raw.get("conditions", {})),
        headers=_texts(raw.get("headers", {})),
        signed=_text(raw, _SIGNED) if _first(raw, _SIGNED) else "",
    )


def _first(raw: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((raw[key] for key in keys if key in raw), None)


def _text(raw: dict[str, Any], keys: tuple[str, ...]) -> str:
    found = _first(raw, keys)
    if not isinstance(found, str) or not found:
        raise RuleError(f"{keys[0]} must be text", f'Write {keys[0]} = "/path".')
    return found


def _status(raw: object) -> int:
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) == 3:
        return int(raw)
    if type(raw) is not int:
        raise RuleError("status must be a number", "Write status = 301.")
    return raw


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise RuleError("force must be true or false", "Write force = true.")
    return raw


def _pairs(raw: object) -> Pairs:
    return list(_texts(raw).items())


def _texts(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise RuleError("query and headers are keys with texts", 'Write query = {id = ":id"}.')
    return dict(raw)


def _lists(raw: object) -> dict[str, list[str]]:
    if not isinstance(raw, dict):
        raise RuleError("conditions are keys with lists", 'Write conditions = {Country = ["de"]}.')
    conditions = {}
    for name, value in raw.items():
        several = value.split(",") if isinstance(value, str) else value
        if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
            raise RuleError(
                f"the condition {name} must be a list of texts", f'Write {name} = ["de"].'
            )
        conditions[name.lower()] = [one.strip() for one in several if one.strip()]
    return conditions


def _values(raw: object) -> dict[str, list[str]]:
    """Headers with all their values; one of several lines is several values."""
    if not isinstance(raw, dict):
        raise RuleError("values are names with texts", "Write [headers.values] below it.")
    values: dict[str, list[str]] = {}
    for name, value in raw.items():
        several = [value] if isinstance(value, str) else value
        if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
            raise RuleError(f"the value of {name} must be text", f'Write {name} = "...".')
        values[name] = [" ".join(one.split()) if "\n" in one else one.strip() for one in several]
    return values
