"""The routing rules of a deployment as the edge has them, compiled and frozen with it.

They lie in the store as `rules/<team>/<sha256>.json`; the manifest names the digest as `routing`.
Paths in rules are decoded and normalised as `rules/paths.py` does with requests; `patterns.py`
says what a pattern may hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.edge.rules.resolve import TrailingSlash

VERSION = 1
MAX_BYTES = 4 * 1024 * 1024
"""No compiled table is larger; more is refused when it is published and not read by an edge."""
MAX_RULES = 10_000
MAX_HEADER_RULES = 1_000
MAX_BACKENDS = 10
REDIRECTS = (301, 302, 303, 307, 308)
PAGES = (200, 401, 403, 404, 410, 451)
"""Statuses of a rewrite: the file is answered with it."""


@dataclass(frozen=True, slots=True)
class When:
    """What a request has to be for a rule to count; all that is said must hold, empty says nothing.

    Each value is one of several. In headers, cookies and query `None` asks for presence alone, and
    `:name` as a query value takes what is there as a placeholder. `unless` turns one around.
    """

    host: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    header: tuple[tuple[str, tuple[str, ...] | None], ...] = ()
    cookie: tuple[tuple[str, tuple[str, ...] | None], ...] = ()
    query: tuple[tuple[str, tuple[str, ...] | None], ...] = ()
    unless: When | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """From a path to somewhere else, the first that fits counts.

    `to` is a path of the site, or an absolute http(s) address, or `backend:<name>/<path>`, with the
    placeholders of the pattern. `status` in REDIRECTS redirects, 200 rewrites or, with an address
    or a backend, passes the request on (a proxy); others of PAGES answer the file at `to` with
    that status. `force`: even where a file of that path exists. `keep_query`: the query of the
    request goes along unless `to` has one of its own. `line` is where it stands in `source`.
    """

    source: str
    line: int
    pattern: str
    to: str
    status: int
    force: bool = False
    keep_query: bool = True
    when: When | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Request headers that a proxy adds."""
    signed: str = ""
    """Name of the variable that a proxy signs its requests with (as Netlify's); empty for none."""


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """Response headers for paths; all that fit count, later ones win over earlier of one name.

    An empty value takes a header away.
    """

    source: str
    line: int
    pattern: str
    headers: tuple[tuple[str, str], ...]
    when: When | None = None


@dataclass(frozen=True, slots=True)
class AuthRule:
    """Paths that want a name and a password (RFC 7617). The last that fits counts.

    `users` are (name, salt hex, PBKDF2-HMAC-SHA256 hex of 10,000 rounds).
    """

    source: str
    line: int
    pattern: str
    users: tuple[tuple[str, str, str], ...]
    realm: str = "Protected"


@dataclass(frozen=True, slots=True)
class Origin:
    """One address of a backend. Those that `when` names get those requests; the rest goes by
    weight, 0 gets only what it is named for.
    """

    name: str
    url: str
    weight: int = 100
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Backend:
    """Several addresses behind one name.

    `health` is a path that is asked every minute, "" for none. After `failures` answers in a row
    of 5xx or none at all an edge leaves an address alone for `pause_seconds`. What was answered
    before may be shown for `stale_seconds` while nobody answers. `timeout_seconds` of one answer.
    """

    name: str
    origins: tuple[Origin, ...]
    health: str = ""
    failures: int = 5
    pause_seconds: int = 10
    stale_seconds: int = 0
    timeout_seconds: int = 30


@dataclass(frozen=True, slots=True)
class Locales:
    """Pages in several languages, below `/<locale>/`.

    Who opens `/` is sent (307) to the best of `names` by the cookie `locale`, then by their
    languages, then `default`; pages of `default` may lie at the root (`prefix_default` false).
    """

    names: tuple[str, ...]
    default: str
    detect: bool = True
    prefix_default: bool = False


@dataclass(frozen=True, slots=True)
class Routing:
    """All rules of a deployment, each kind in its order."""

    rules: tuple[Rule, ...] = ()
    headers: tuple[HeaderRule, ...] = ()
    auth: tuple[AuthRule, ...] = ()
    backends: tuple[Backend, ...] = ()
    locales: Locales | None = None
    trailing_slash: TrailingSlash = "auto"
    clean_urls: bool | None = None
    """None: as the framework has it."""
    spa: bool | None = None
    not_found: str = "404.html"
    looks: tuple[str, ...] = field(default=())
    """What about a request all of this looks at: see `rules/routes.py`, LOOKS."""


class BadRoutingError(ValueError):
    """A compiled table that says nothing usable."""
