"""What a redirect or a header rule of Netlify means, wherever it is written.

`_redirects` and `_headers` have lines, netlify.toml has tables; both end here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from chalicelib.edge.rules.routing.model import REDIRECTS, AuthRule, HeaderRule, Rule, When
from chalicelib.routing.rules import names, passwords
from chalicelib.routing.rules.paths import netlify_pattern
from chalicelib.routing.rules.report import Draft, RuleError, UnavailableError, shown
from chalicelib.routing.rules.targets import check_status, check_target, is_address

SERVER = "there are no functions of Netlify here"
ROLES = "nobody has a role here"
HTTPS = "whether an address is left for HTTPS is a setting of its domain"
LOOP = "it leads to itself"

Pairs = Sequence[tuple[str, str | None]]


@dataclass(frozen=True)
class Written:
    """A redirect as it was written; conditions have their names in small letters."""

    line: int
    start: str
    to: str | None = None
    status: int = 301
    force: bool = False
    query: Pairs = ()
    conditions: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    signed: str = ""


def take(draft: Draft, one: Written) -> None:
    """Take a redirect into the draft, or say why not."""
    try:
        draft.rules += list(_rules(draft, one))
    except RuleError as error:
        draft.trouble(one.line, one.start, error, forced=one.force)


def _rules(draft: Draft, one: Written) -> Iterator[Rule]:
    host, start = _split(one.start)
    pattern = netlify_pattern(start)
    status = check_status(one.status)
    to = check_target(_target(one, start), status, private=draft.private)
    if to.startswith("/.netlify/"):
        raise UnavailableError(SERVER, "Write the address of the server that answers.")
    if one.signed:
        raise UnavailableError(
            "requests cannot be signed: the secret would lie with the rules on every edge",
            "Give the server a header that only you know, as `headers` of the rule.",
        )
    if _drops_http(one.start, to, host):
        draft.note(one.line, one.start, "ignored", HTTPS)
        return
    if status in REDIRECTS and _same(to, start) and not host:
        draft.note(one.line, one.start, "ignored", LOOP)
        return
    query = _query(one.query)
    rule = Rule(
        source=draft.file,
        line=one.line,
        pattern=pattern,
        to=to,
        status=status,
        force=one.force,
        keep_query=not query,
        headers=tuple(names.check_request_header(k, v) for k, v in one.headers.items()),
    )
    if rule.headers and not is_address(to):
        draft.note(one.line, one.start, "ignored", "headers are for requests that are passed on")
        rule = replace(rule, headers=())
    for when in _conditions(one.conditions, host, query):
        yield replace(rule, when=when)


def _split(start: str) -> tuple[str, str]:
    """Host, or nothing, and path of where a rule begins."""
    if not is_address(start):
        if start.startswith("/.netlify"):
            raise RuleError("addresses below /.netlify are Netlify's own", "Name another path.")
        return "", start
    try:
        parts = urlsplit(start)
        host = parts.hostname or ""
    except ValueError:
        raise RuleError(f"{shown(start)} cannot be read", "Write https://host/path.") from None
    return names.check_host(host), parts.path or "/"


def _target(one: Written, start: str) -> str:
    """The target; a rule of status 200 that ends with a splat may leave it out."""
    if one.to is not None:
        return one.to
    if start.endswith("/*") and 200 <= one.status < 300:
        return f"{start.removesuffix('*')}:splat"
    raise RuleError("it leads nowhere", "Write a second path, or the address of another site.")


def _drops_http(start: str, to: str, host: str) -> bool:
    """Whether a rule only sends visitors from HTTP to HTTPS of the same host."""
    if not start.lower().startswith("http://") or not is_address(to):
        return False
    return bool(urlsplit(to).hostname == host)


def _same(to: str, start: str) -> bool:
    return to.rstrip("/") == start.rstrip("/").replace("*", ":splat")


def _query(pairs: Pairs) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
    return tuple((name, None if value is None else (value,)) for name, value in pairs)


def _conditions(
    conditions: Mapping[str, list[str]],
    host: str,
    query: tuple[tuple[str, tuple[str, ...] | None], ...],
) -> Iterator[When | None]:
    """What has to hold; one for each cookie, of which any will do."""
    unknown = next(
        (n for n in conditions if n not in {"country", "language", "cookie", "role"}), ""
    )
    if unknown:
        raise UnavailableError(
            f"there is no condition {shown(unknown)}", "Country, Language, Cookie are conditions."
        )
    if "role" in conditions:
        raise UnavailableError(
            ROLES, "Protect the path with [[auth]] in clouddeck.toml, or the site by its team."
        )
    when = When(
        host=(host,) if host else (),
        country=names.check_countries(conditions.get("country", [])),
        language=names.check_languages(conditions.get("language", [])),
        query=query,
    )
    cookies = conditions.get("cookie", [])
    for cookie in cookies:
        yield replace(when, cookie=((names.check_token(cookie, "cookie"), None),))
    if not cookies:
        yield None if when == When() else when


def take_headers(draft: Draft, line: int, start: str, values: Mapping[str, list[str]]) -> None:
    """Take the headers of one path into the draft, or say why not."""
    try:
        pattern = netlify_pattern(start)
    except RuleError as error:
        draft.trouble(line, start, error, forced=True)
        return
    headers: list[tuple[str, str]] = []
    for name, several in values.items():
        if name.strip().lower() == "basic-auth":
            _protect(draft, line, pattern, several)
            continue
        try:
            headers.append(names.check_header(name, ", ".join(several)))
        except RuleError as error:
            draft.trouble(line, f"{start} {name}", error, forced=False)
    if headers:
        draft.headers.append(HeaderRule(draft.file, line, pattern, tuple(headers)))


def _protect(draft: Draft, line: int, pattern: str, values: list[str]) -> None:
    written = " ".join(values).split()
    pairs = [(name, password) for name, _, password in (one.partition(":") for one in written)]
    try:
        people = passwords.users(pairs, draft.salt)
    except RuleError as error:
        draft.fault(line, f"Basic-Auth: {error.message}", error.hint)
        return
    draft.auth.append(AuthRule(draft.file, line, pattern, people))
