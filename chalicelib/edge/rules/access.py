"""Who may see a protected site: tokens in a cookie, and the address that turns one into the other.

`functions/edge/viewer_request.js` decides the same in JavaScript; tests/vectors/edge/access.json
holds both together. A token says nothing about anybody: who typed the password or signed in was
checked by whoever made it. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from html import escape
from typing import Literal
from urllib.parse import quote, unquote

from chalicelib.edge.rules.hosts import Site, home
from chalicelib.edge.rules.routes import Access
from chalicelib.edge.rules.visitors import (
    YEAR_SECONDS,
    Cookie,
    Header,
    cookie_value,
    over_tls,
    parameter,
)

COOKIE = "__cda"
"""The name on plain HTTP; over TLS see `visitors.over_tls`."""
PATH = "/_clouddeck/access"
"""Below every host of a protected site: `?token=...&to=/path`."""
HOURS_12 = 43_200
SEEN = "access"
"""How an admitted request is marked in what the cache tells requests apart by."""

Kind = Literal["p", "t", "s"]
"""Somebody who knows the password, who is of the team, who was given a share link."""

_TOKEN = re.compile(r"v1\.([pts])\.([0-9a-z_]{1,40})\.([0-9]{1,12})\.([0-9a-f]{32})\Z")
_ID = re.compile(r"[0-9a-z_]{1,40}\Z")
_TO = re.compile(r"/(?![/\\])[\x21-\x7e]{0,2047}\Z")
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MOST_TOKEN_CHARACTERS = 128


def token(key: str, slug: str, kind: Kind, identity: str, expires: int) -> str:
    """A token for one site; `slug` is the site's own, `expires` in seconds since 1970.

    `identity` is that of a share link (8 characters of [0-9a-z], by which it can be revoked), else
    whatever tells tokens apart. Raises ValueError when it cannot stand in one.
    """
    if not _ID.match(identity) or not 0 <= expires < 10**12:
        raise ValueError(f"not the id and the end of a token: {identity!r}, {expires!r}")
    said = f"v1.{kind}.{identity}.{expires}"
    return f"{said}.{_signature(key, said, slug)}"


def is_protected(access: Access | None, site: Site) -> bool:
    """Whether a host asks for a token: `previews` are all addresses but production."""
    return access is not None and (access.scope == "all" or site.hidden)


def is_admitted(access: Access, name: str, said: str, now_ms: int) -> bool:
    """Whether a token opens a site; `name` is that of any of its routes.

    A password's token ends with the password: it opens no site that is the team's alone. Members
    and share links open both.
    """
    return _end(access, name, said, now_ms) is not None


def carried(header: Header, *, secure: bool) -> str:
    """The token that a request brings along; empty without one."""
    return cookie_value(header("cookie"), over_tls(COOKIE) if secure else COOKIE)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What comes of opening PATH: the way on to a path of the same host, or None: refused."""

    location: str | None
    cookie: Cookie | None = None


def enter(access: Access | None, name: str, query: str, now_ms: int) -> Entrance:
    """The answer to a GET of PATH; `query` is raw and without `?`.

    A link to a site that is not protected any more just leads on.
    """
    location = wanted(query)
    if access is None:
        return Entrance(location)
    said = parameter(query, "token")
    end = _end(access, name, said, now_ms)
    if end is None:
        return Entrance(None)
    most = YEAR_SECONDS if said.startswith("v1.s.") else HOURS_12
    return Entrance(location, Cookie(COOKIE, said, min(end - now_ms // 1000, most)))


def wanted(query: str) -> str:
    """Where somebody at PATH was going; `query` is raw and without `?`."""
    return destination(_decoded(parameter(query, "to")))


def destination(to: str) -> str:
    """`to` when it is a path (and query) of the host itself, else the host's first page."""
    return to if _TO.match(to) else "/"


@dataclass(frozen=True, slots=True)
class Doors:
    """Where people are let in: base URLs of the API and of the console, no slash at the end."""

    api: str
    console: str


def door(
    access: Access, name: str, host: str, to: str, doors: Doors, *, again: bool = False
) -> str:
    """The page for whoever is not admitted, answered with 401 and `door_policy`.

    `host` has been checked, `to` is raw path and query. `again`: something was tried and opened
    nothing, a wrong password or a link that is over.
    """
    to = destination(to)
    api, console = doors.api, doors.console
    if access.mode == "password":
        inner = _FORM.format(
            action=escape(f"{api}/v1/access/{home(name)}"), host=escape(host), to=escape(to)
        )
    else:
        where = f"{console}/#/access?host={quote(host, safe='')}&to={quote(to, safe='')}"
        inner = _LINK.format(where=escape(where))
    return _PAGE.format(inner=_AGAIN + inner if again else inner)


def door_policy(doors: Doors) -> str:
    """Content-Security-Policy of that page: its form goes to the API and comes back."""
    return f"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {doors.api}"


def _decoded(text: str) -> str:
    """A parameter without its escapes; empty when they are none, as JavaScript has it."""
    try:
        return "" if _BROKEN.search(text) else unquote(text, errors="strict")
    except UnicodeDecodeError:
        return ""


def _end(access: Access, name: str, said: str, now_ms: int) -> int | None:
    """When a token ends that is good now, in seconds since 1970; None for any other."""
    found = _TOKEN.match(said) if len(said) <= _MOST_TOKEN_CHARACTERS else None
    if found is None:
        return None
    kind, identity, expires, signature = found.groups()
    if kind == "p" and access.mode != "password":
        return None
    if identity in access.revoked or now_ms >= int(expires) * 1000:
        return None
    right = _signature(access.key, said[: -len(signature) - 1], home(name))
    return int(expires) if hmac.compare_digest(right, signature) else None


def _signature(key: str, said: str, slug: str) -> str:
    """HMAC-SHA256 (RFC 2104) of the token's words and the site's slug, half of it in hex.

    The key is the text of the hex digits, which is what the edge's JavaScript takes.
    """
    whole = hmac.new(key.encode(), f"{said}.{slug}".encode(), hashlib.sha256).hexdigest()
    return whole[:32]


_FORM = """<p>This site is protected. Type its password to see it.</p>
<form method="post" action="{action}">
<input type="hidden" name="host" value="{host}"><input type="hidden" name="to" value="{to}">
<label>Password <input type="password" name="password" autocomplete="current-password" required autofocus></label>
<button>Open</button></form>"""  # noqa: E501  # a page as it is sent

_AGAIN = """<p role="alert">That did not open it.</p>
"""

_LINK = """<p>This site is for the members of its team.</p>
<p><a href="{where}" rel="nofollow">Sign in to see it</a></p>"""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>Protected</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34em; margin: 18vh auto }}
h1 {{ font-size: 1.4em }} p {{ color: #555 }} small {{ color: #888 }}
input, button {{ font: inherit; padding: .3em .6em }}
</style>
<h1>Protected</h1>
{inner}
<p><small>401 &middot; CloudDeck</small></p>
</html>
"""
