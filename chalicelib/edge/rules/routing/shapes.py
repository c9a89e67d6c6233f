"""What is wrong with a single rule, backend or list of languages: (code, sentence) for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from chalicelib.edge.rules.hosts import normalise_host
from chalicelib.edge.rules.paths import BadPath, normalise_path
from chalicelib.edge.rules.routing.conditions import Condition
from chalicelib.edge.rules.routing.grammar import BadPatternError, parse_pattern
from chalicelib.edge.rules.routing.model import (
    PAGES,
    REDIRECTS,
    AuthRule,
    Backend,
    HeaderRule,
    Locales,
    Routing,
    Rule,
    When,
)
from chalicelib.edge.rules.routing.patterns import Pattern, split
from chalicelib.edge.rules.routing.targets import BadTargetError, Target, parse_target

MAX_USERS = 50
MAX_ORIGINS = 10
MAX_LOCALES = 50
MAX_VALUES = 100
"""Values of one condition."""
MAX_TESTS = 10
"""Headers, cookies and parameters that one condition names."""
MAX_HEADERS = 50
"""Headers of one rule."""
MAX_HEADER_BYTES = 8_192
"""Bytes of the headers of one rule."""

Said = Iterator[tuple[str, str]]

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}\Z")
_VALUE = re.compile(r"[\x20-\x7e\x80-\xff]*\Z")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,3}\Z")
_METHOD = re.compile(r"[A-Z]{1,20}\Z")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,64}\Z")
_PRIVATE = (".local", ".localhost", ".internal", ".lan", ".home", ".corp", ".intranet", ".private")
_OURS = ("x-clouddeck-", "x-amz-", "x-amzn-", "x-edge-", "proxy-")
_ANSWERS = (
    "accept-ranges age allow alt-svc cache-tag connection content-encoding content-length "
    "content-range date etag keep-alive last-modified location server set-cookie te trailer "
    "transfer-encoding upgrade vary via warning www-authenticate"
)
_REQUESTS = (
    "connection content-length cookie expect forwarded host keep-alive te trailer "
    "transfer-encoding upgrade via"
)
ANSWER_NAMES = frozenset(_ANSWERS.split())
"""Response headers that the edge itself is answerable for."""
REQUEST_NAMES = frozenset(_REQUESTS.split())
"""Request headers that no rule adds to what is passed on."""


def rule(rule: Rule, routing: Routing, *, private: bool) -> Said:
    """One rule, the backends of its table considered."""
    if rule.status not in {*REDIRECTS, *PAGES}:
        yield "bad_status", f"{rule.status} is neither a redirect nor a page"
    try:
        pattern = parse_pattern(rule.pattern)
    except BadPatternError as error:
        yield "bad_pattern", f"{rule.pattern}: {error}"
        return
    condition = Condition(rule.when) if rule.when else None
    if rule.when:
        yield from _when(rule.when)
    try:
        target = parse_target(rule.to, pattern.names, condition.names if condition else ())
    except BadTargetError as error:
        yield "bad_target", f"{rule.to}: {error}"
        return
    yield from _target(rule, target, routing, private=private)
    if rule.status in REDIRECTS and target.kind == "path" and not rule.when:
        yield from _loop(rule, pattern, target)
    for name, value in rule.headers:
        if not _TOKEN.match(name) or name.lower() in REQUEST_NAMES or _is_ours(name):
            yield "bad_header", f"{name}: no rule adds this to a request"
        if not _VALUE.match(value):
            yield "bad_header", f"{name}: the value holds characters that no header may"


def _target(rule: Rule, target: Target, routing: Routing, *, private: bool) -> Said:
    """Whether what a rule leads to suits its status."""
    redirects = rule.status in REDIRECTS
    if target.kind == "nothing" and rule.status < 400:
        yield "bad_target", "a target is missing"
    if target.kind == "backend":
        if target.base not in {backend.name for backend in routing.backends}:
            yield "unknown_backend", f"no backend is named {target.base}"
        if redirects:
            yield "bad_target", "nobody can be redirected to a backend"
    if target.kind in {"address", "backend"} and not redirects and rule.status != 200:
        yield "bad_status", f"what is passed on has status 200, not {rule.status}"
    if target.kind == "address" and not redirects:
        yield from _address(target.base, private=private)
    if target.kind == "path" and not redirects and target.query is None:
        plain = "".join(part for part in target.path if isinstance(part, str)) or "/"
        if isinstance(normalise_path(("/" + plain.lstrip("/")).encode()), BadPath):
            yield "bad_target", f"{rule.to}: no file has such a path"
    if (rule.signed or rule.headers) and (redirects or target.kind in {"path", "nothing"}):
        yield "not_passed_on", "only what is passed on is signed or gets headers"


def _address(base: str, *, private: bool) -> Said:
    """Whether a request may be passed on to scheme, host and port."""
    try:
        parts = urlsplit(base)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        yield "bad_address", f"{base} is no address"
        return
    if private:
        return
    if parts.scheme != "https":
        yield "private_address", f"{base}: requests are passed on over https only"
    if port is not None and port != 443 and port < 1_024:
        yield "private_address", f"{base}: port 443, or one from 1024 on"
    if _is_address(host) or "." not in host or host.endswith(_PRIVATE):
        yield "private_address", f"{base}: requests are passed on to public host names only"
    elif normalise_host(host) is None:
        yield "bad_address", f"{host} is no host name"


def _is_address(host: str) -> bool:
    """Whether a host is an IP address, in any spelling that a resolver takes for one."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdigit() or last.lower().startswith("0x")
    return True


def _loop(rule: Rule, pattern: Pattern, target: Target) -> Said:
    """Whether following a redirect leads to the same rule again and again, farther each time."""
    held = dict.fromkeys(pattern.names, "1")
    for _ in range(2):
        address = target.fill(held)
        path = None if address is None else normalise_path(address.path.encode())
        if path is None or isinstance(path, BadPath):
            return
        taken = pattern.take(*split(path.text))
        if taken is None:
            return
        again = target.fill(dict(zip(pattern.names, taken, strict=True)))
        if again == address:
            if pattern.exact is not None:
                yield "loop", f"{rule.pattern} redirects to itself"
            return
        held = dict(zip(pattern.names, taken, strict=True))
    yield "loop", f"{rule.pattern} fits its own target {rule.to} and would redirect for ever"


def _when(when: When) -> Said:
    """Whether a condition can hold at all, and is no longer than it may be."""
    for name, values, pattern in (
        ("country", when.country, _COUNTRY),
        ("language", when.language, _LANGUAGE),
        ("method", when.method, _METHOD),
    ):
        for value in values:
            if not pattern.match(value):
                yield "bad_condition", f"{value!r:.60} is no {name}"
    for host in when.host:
        if normalise_host(host.removeprefix("*.")) != host.removeprefix("*."):
            yield "bad_condition", f"{host!r:.60} is no host name in lower case"
    pairs = (*when.header, *when.cookie)
    for name, _ in pairs:
        if not _TOKEN.match(name):
            yield "bad_condition", f"{name!r:.60} is no name of a header or cookie"
    lists = [when.country, when.language, when.method, when.host]
    lists += [values or () for _, values in (*pairs, *when.query)]
    if any(len(values) > MAX_VALUES for values in lists):
        yield "condition_too_large", f"more than {MAX_VALUES} values in one condition"
    if len(pairs) + len(when.query) > MAX_TESTS:
        yield (
            "condition_too_large",
            f"more than {MAX_TESTS} headers, cookies and parameters in one condition",
        )
    if when.unless:
        if when.unless.unless:
            yield "bad_condition", "an exception from an exception"
        else:
            yield from _when(when.unless)


def headers(rule: HeaderRule) -> Said:
    """A header rule."""
    try:
        parse_pattern(rule.pattern)
    except BadPatternError as error:
        yield "bad_pattern", f"{rule.pattern}: {error}"
    if rule.when:
        yield from _when(rule.when)
    if len(rule.headers) > MAX_HEADERS:
        yield "too_many_headers", f"more than {MAX_HEADERS} headers in one rule"
    if sum(len(name) + len(value) + 4 for name, value in rule.headers) > MAX_HEADER_BYTES:
        yield "headers_too_large", f"more than {MAX_HEADER_BYTES} bytes of headers in one rule"
    for name, value in rule.headers:
        if not _TOKEN.match(name):
            yield "bad_header", f"{name!r:.60} is no name of a header"
        elif name.lower() in ANSWER_NAMES or _is_ours(name):
            yield "reserved_header", f"{name} is set by the edge itself"
        if not _VALUE.match(value):
            yield "bad_header", f"{name}: the value holds characters that no header may"


def _is_ours(name: str) -> bool:
    return name.lower().startswith(_OURS)


def auth(rule: AuthRule) -> Said:
    """A rule of who may come in."""
    try:
        parse_pattern(rule.pattern)
    except BadPatternError as error:
        yield "bad_pattern", f"{rule.pattern}: {error}"
    if not 0 < len(rule.users) <= MAX_USERS:
        yield "bad_users", f"between 1 and {MAX_USERS} users are named"
    if any(not user or ":" in user for user, _, _ in rule.users):
        yield "bad_users", "a user has no name, or a colon in it"
    if any(not _HEX.match(salt) or not _HEX.match(digest) for _, salt, digest in rule.users):
        yield "bad_users", "salt and digest are hex"
    if not _VALUE.match(rule.realm) or not rule.realm.isascii() or len(rule.realm) > 100:
        yield "bad_realm", "a realm has at most 100 ASCII characters"
    if set(rule.realm) & {'"', "\\"}:
        yield "bad_realm", "a realm has no quotes and no backslashes"


def backend(backend: Backend, *, private: bool) -> Said:
    """A backend with its origins."""
    if not _NAME.match(backend.name) or not all(_NAME.match(one.name) for one in backend.origins):
        yield "bad_name", "names of backends and origins: letters, digits, - and _, 32 at most"
    if not 0 < len(backend.origins) <= MAX_ORIGINS:
        yield "bad_origins", f"between 1 and {MAX_ORIGINS} origins"
    if len({one.name for one in backend.origins}) < len(backend.origins):
        yield "bad_origins", "two origins of one name"
    if not any(one.weight > 0 for one in backend.origins):
        yield "bad_origins", "no origin has a weight above 0"
    for origin in backend.origins:
        if not 0 <= origin.weight <= 10_000:
            yield "bad_origins", f"{origin.name}: a weight lies between 0 and 10,000"
        if origin.when:
            yield from _when(origin.when)
        yield from _origin(origin.url, private=private)
    if backend.health and not backend.health.startswith("/"):
        yield "bad_health", "the path of a health check begins with /"
    for name, number, least, most in (
        ("failures", backend.failures, 1, 100),
        ("pause_seconds", backend.pause_seconds, 1, 3_600),
        ("stale_seconds", backend.stale_seconds, 0, 604_800),
        ("timeout_seconds", backend.timeout_seconds, 1, 60),
    ):
        if not least <= number <= most:
            yield "bad_number", f"{name} lies between {least} and {most}"


def _origin(url: str, *, private: bool) -> Said:
    try:
        target = parse_target(url, ())
    except BadTargetError as error:
        yield "bad_origins", f"{url:.100}: {error}"
        return
    if target.kind != "address" or target.query is not None or target.fragment:
        yield "bad_origins", f"{url:.100}: an address with a path at most"
    else:
        yield from _address(target.base, private=private)


def locales(locales: Locales) -> Said:
    """The languages."""
    if not 0 < len(locales.names) <= MAX_LOCALES:
        yield "bad_locales", f"between 1 and {MAX_LOCALES} languages"
    if locales.default not in locales.names:
        yield "bad_locales", "the default language is not among them"
    if not all(_LOCALE.match(name) for name in locales.names):
        yield "bad_locales", "a language is written like de or pt-BR"
