"""Where a rule may lead: a path of the site, an absolute address, or a backend of ours."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from chalicelib.edge.rules.routing.model import PAGES, REDIRECTS
from chalicelib.routing.rules.report import RuleError, UnavailableError, shown

MAX_TARGET = 2048
STATUSES = (*REDIRECTS, *PAGES)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_BACKEND = re.compile(r"backend:([A-Za-z0-9_-]{1,32})(/.*)?\Z")
_NAME = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.){1,100}[A-Za-z][A-Za-z0-9-]{0,62}\Z")
_INSIDE = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".home")


def is_address(text: str) -> bool:
    """Whether it names another host."""
    return bool(_ADDRESS.match(text))


def check_status(status: object) -> int:
    """A status that a rule may have; raises RuleError."""
    if type(status) is int and status in STATUSES:
        return status
    listed = ", ".join(str(one) for one in sorted(STATUSES))
    known = type(status) is int and 100 <= status <= 599
    kind = UnavailableError if known else RuleError
    raise kind(f"no rule answers with {shown(str(status))}", f"A status is one of {listed}.")


def check_target(to: str, status: int, *, private: bool) -> str:
    """The target of a rule, when it may lead there; raises RuleError.

    With `private` a proxy may lead to plain HTTP and to addresses that are not public.
    """
    if not to or len(to.encode("utf-8", "surrogatepass")) > MAX_TARGET:
        raise RuleError("the target is empty or too long", f"At most {MAX_TARGET} bytes.")
    if any(not char.isprintable() or char in ' \\"<>' for char in to):
        raise RuleError(
            "a target has no spaces, quotes, backslashes or control characters",
            "Write such characters percent-encoded: %20 for a space.",
        )
    backend = _BACKEND.match(to)
    if backend:
        if status != 200:
            raise RuleError("only status 200 passes requests on to a backend", "Write status 200.")
        return to
    if is_address(to):
        return _check_address(to, status, private=private)
    if not to.startswith("/") or to.startswith("//"):
        raise RuleError(
            f"{shown(to)} is no target",
            "It begins with one slash, with https:// or with http://.",
        )
    return to


def _check_address(to: str, status: int, *, private: bool) -> str:
    if status in REDIRECTS:
        _host(to)
        return to
    if status != 200:
        raise RuleError(
            f"a page with status {status} is a file of the site, not another address",
            "Begin the target with a slash.",
        )
    return check_origin(to, private=private)


def check_origin(url: str, *, private: bool) -> str:
    """The address of somebody who answers requests that are passed on; raises RuleError."""
    host = _host(url)
    if not private and not url.lower().startswith("https://"):
        raise RuleError("requests are passed on over HTTPS only", "Begin it with https://.")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        inside = host.lower().rstrip(".").endswith(_INSIDE) or not _NAME.match(host.rstrip("."))
        if inside and not private:
            raise RuleError(
                f"{shown(host)} is not a name of the public internet",
                "Requests are passed on to public names only.",
            ) from None
        return url
    if not private:
        what = "public names" if address.is_global else "the public internet"
        raise RuleError(
            f"{address} is an address, and requests are passed on to {what} only",
            "Give it a name in the DNS.",
        )
    return url


def _host(url: str) -> str:
    """The host of an address that is whole and has no placeholder in it; raises RuleError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RuleError(
            f"the host or port of {shown(url)} cannot be read",
            "Placeholders may stand in the path of an address, not in its host.",
        ) from None
    if not host or "*" in host or parts.username or parts.password or port == 0:
        raise RuleError(
            f"{shown(url)} needs a host, without user, password or placeholder",
            "Write it as https://example.com/path.",
        )
    return host
