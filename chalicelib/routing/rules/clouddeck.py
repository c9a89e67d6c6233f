"""clouddeck.toml: redirects, rewrites, headers, passwords, backends and languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from chalicelib.builds.rules.documents import Document
from chalicelib.edge.rules.resolve import TrailingSlash
from chalicelib.edge.rules.routing.model import (
    AuthRule,
    Backend,
    HeaderRule,
    Locales,
    Origin,
    Rule,
)
from chalicelib.edge.rules.routing.shapes import MAX_LOCALES, MAX_ORIGINS
from chalicelib.routing.rules import names, passwords, tables, when
from chalicelib.routing.rules.paths import own_pattern
from chalicelib.routing.rules.report import Draft, RuleError
from chalicelib.routing.rules.tables import Table
from chalicelib.routing.rules.targets import check_origin, check_status, check_target, is_address

FILE = "clouddeck.toml"
RULE = ("from", "to", "status", "force", "keep_query", "when")
TABLES: dict[str, tuple[str, ...]] = {
    "redirects": RULE,
    "rewrites": (*RULE, "headers"),
    "headers": ("for", "set", "remove", "when"),
    "auth": ("for", "users", "realm"),
    "backends": ("name", "origins", "health", "failures", "pause", "stale", "timeout"),
}
"""The tables of this file that say something about routes, and their keys."""
ORIGIN = ("name", "url", "weight", "when")
I18N = ("locales", "default", "detect", "prefix_default")


def read(draft: Draft, document: Document) -> None:
    """Read the rules of a clouddeck.toml into the draft."""
    readers: dict[str, Callable[[Draft, int, Table], None]] = {
        "redirects": lambda into, line, raw: _rule(into, line, raw, 301),
        "rewrites": lambda into, line, raw: _rule(into, line, raw, 200),
        "headers": _headers,
        "auth": _auth,
        "backends": _backend,
    }
    for name, reader in readers.items():
        found = document.value.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            draft.fault(document.line(name), f"{name} are written one by one", f"Write [[{name}]].")
            continue
        for number, raw in enumerate(found):
            line = document.line(name, number) or 0
            try:
                tables.unknown(raw, TABLES[name], f"[[{name}]]")
                reader(draft, line, raw)
            except RuleError as error:
                draft.fault(line, f"[[{name}]] {number + 1}: {error.message}", error.hint)
    for section, read_section in (("site", _site), ("i18n", _i18n)):
        try:
            raw = document.value.get(section, {})
            read_section(draft, raw if isinstance(raw, dict) else {})
        except RuleError as error:
            draft.fault(document.line(section), f"[{section}]: {error.message}", error.hint)


def _rule(draft: Draft, line: int, raw: Table, default: int) -> None:
    status = check_status(raw.get("status", default))
    if (status < 300 or status >= 400) != (default == 200):
        other = "[[rewrites]]" if default == 301 else "[[redirects]]"
        raise RuleError(f"status {status} is not of this table", f"Write it as one of {other}.")
    to = check_target(tables.text(raw, "to", "/new"), status, private=draft.private)
    headers = tables.pairs(raw, "headers", 'X-Key = "1"')
    if headers and not (is_address(to) or to.startswith("backend:")):
        raise RuleError("only a request that is passed on has headers", "Lead it to an address.")
    draft.rules.append(
        Rule(
            source=draft.file,
            line=line,
            pattern=own_pattern(tables.text(raw, "from", "/old/*")),
            to=to,
            status=status,
            force=tables.flag(raw, "force", False),
            keep_query=tables.flag(raw, "keep_query", True),
            when=when.read(raw.get("when")),
            headers=tuple(names.check_request_header(k, v) for k, v in headers.items()),
        )
    )


def _headers(draft: Draft, line: int, raw: Table) -> None:
    values = tables.pairs(raw, "set", 'X-Frame-Options = "DENY"')
    headers = [names.check_header(name, value) for name, value in values.items()]
    headers += [names.check_header(one, "") for one in tables.texts(raw, "remove", "X-Powered-By")]
    if not headers:
        raise RuleError("it sets no header", 'Write set = { X-Frame-Options = "DENY" }.')
    if any(not value for _, value in headers[: len(values)]):
        raise RuleError(
            "a header has no value", 'Write remove = ["X-Powered-By"] to take one away.'
        )
    pattern = own_pattern(tables.text(raw, "for", "/assets/*"))
    conditions = when.read(raw.get("when"))
    draft.headers.append(HeaderRule(draft.file, line, pattern, tuple(headers), conditions))


def _auth(draft: Draft, line: int, raw: Table) -> None:
    people = tables.pairs(raw, "users", 'alice = "password"')
    realm = tables.text(raw, "realm", "Staff", "Protected")
    if len(realm) > 100 or not realm.isascii() or not realm.isprintable() or '"' in realm:
        raise RuleError("a realm is a short text without quotes", 'Write realm = "Staff".')
    draft.auth.append(
        AuthRule(
            draft.file,
            line,
            own_pattern(tables.text(raw, "for", "/staff/*")),
            passwords.users(list(people.items()), draft.salt),
            realm,
        )
    )


def _backend(draft: Draft, _line: int, raw: Table) -> None:
    name = tables.text(raw, "name", "api")
    check_target(f"backend:{name}/", 200, private=draft.private)
    if any(known.name == name for known in draft.backends):
        raise RuleError(f"there are two backends {name}", "Every backend has a name of its own.")
    origins = raw.get("origins", [])
    if (
        not isinstance(origins, list)
        or not 1 <= len(origins) <= MAX_ORIGINS
        or not all(isinstance(one, dict) for one in origins)
    ):
        raise RuleError(f"a backend has 1 to {MAX_ORIGINS} origins", "Write [[backends.origins]].")
    health = tables.text(raw, "health", "/healthz", "")
    if health and (not health.startswith("/") or not health.isprintable() or len(health) > 500):
        raise RuleError("health is a path", 'Write health = "/healthz".')
    read_origins = tuple(_origin(draft, number, one) for number, one in enumerate(origins, 1))
    if len({origin.name for origin in read_origins}) < len(read_origins):
        raise RuleError("two origins have one name", "Every origin has a name of its own.")
    draft.backends.append(
        Backend(
            name=name,
            origins=read_origins,
            health=health,
            failures=tables.number(raw, "failures", 5, 1, 100),
            pause_seconds=tables.number(raw, "pause", 10, 1, 3_600),
            stale_seconds=tables.number(raw, "stale", 0, 0, 604_800),
            timeout_seconds=tables.number(raw, "timeout", 30, 1, 60),
        )
    )


def _origin(draft: Draft, number: int, raw: Table) -> Origin:
    tables.unknown(raw, ORIGIN, "[[backends.origins]]")
    name = tables.text(raw, "name", "eu", f"origin-{number}")
    names.check_token(name, "origin")
    return Origin(
        name=name,
        url=check_origin(tables.text(raw, "url", "https://api.example.com"), private=draft.private),
        weight=tables.number(raw, "weight", 100, 0, 10_000),
        when=when.read(raw.get("when")),
    )


def _site(draft: Draft, raw: Table) -> None:
    draft.spa = tables.flag(raw, "spa", False) if "spa" in raw else None
    draft.clean_urls = tables.flag(raw, "clean_urls", True) if "clean_urls" in raw else None
    if "trailing_slash" in raw:
        chosen = raw["trailing_slash"]
        known: tuple[TrailingSlash, ...] = get_args(TrailingSlash)
        draft.trailing_slash = next((one for one in known if one == chosen), None)
        if draft.trailing_slash is None:
            listed = ", ".join(known)
            raise RuleError(f"trailing_slash is one of {listed}", 'Write trailing_slash = "never".')
    if "not_found" in raw:
        page = tables.text(raw, "not_found", "404.html").removeprefix("/")
        parts = page.split("/")
        if (
            "" in parts
            or "." in parts
            or ".." in parts
            or not page.isprintable()
            or len(page) > 255
        ):
            raise RuleError("not_found is a file of the site", 'Write not_found = "404.html".')
        draft.not_found = page


def _i18n(draft: Draft, raw: Table) -> None:
    if not raw:
        return
    tables.unknown(raw, I18N, "[i18n]")
    given = tables.texts(raw, "locales", "en")
    if not 1 <= len(given) <= MAX_LOCALES or len({one.lower() for one in given}) < len(given):
        raise RuleError(
            f"locales are 1 to {MAX_LOCALES}, each once", 'Write locales = ["en", "de"].'
        )
    names.check_languages(given)
    default = tables.text(raw, "default", given[0], given[0])
    if default not in given:
        raise RuleError("default is none of the locales", f'Write default = "{given[0]}".')
    draft.locales = Locales(
        names=tuple(given),
        default=default,
        detect=tables.flag(raw, "detect", True),
        prefix_default=tables.flag(raw, "prefix_default", False),
    )
