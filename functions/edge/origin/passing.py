"""Requests that another server answers: the rules of a deployment name it, CloudFront asks it.

A server is a public name that is reached over HTTPS; of an address or an internal name CloudFront
would know nothing anyway. Which server of a backend is asked follows from weights and from what the
control plane knows of their health: a function sees a request once and cannot try another.
"""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from chalicelib.edge.rules.balance import order
from chalicelib.edge.rules.hosts import normalise_host
from chalicelib.edge.rules.routing.verdicts import Proxy, carried
from functions.edge.origin.answer import Headers, first, headers
from functions.edge.origin.notes import PREFIX, Passed, drop

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
_MOST_SECONDS = 60
"""CloudFront waits no longer for another server's answer without a higher quota."""

_PRIVATE = re.compile(r"(?:.*\.)?(?:local|localhost|internal|lan|home|corp|intranet|private)\Z")
_NAMED = re.compile(r"(?:.+\.)[a-z][a-z0-9-]*\Z")
"""No address ends like this, however it is written."""

_NOT_SENT = re.compile(
    r"(?:connection|expect|keep-alive|proxy-.*|te|trailer|upgrade|forwarded|x-forwarded-(?!for\Z).*"
    r"|x-real-ip|x-original-.*|x-rewrite-.*|x-http-method.*|x-method-override|x-amz-.*|x-amzn-.*"
    r"|x-edge-.*|x-accel-.*|cloudfront-.*)\Z"
)
"""Not a visitor's to say to a server that trusts whoever passes requests on."""

_HARMLESS = re.compile(
    r"(?:accept|accept-encoding|accept-language|user-agent|referer|sec-.*|cache-control|pragma|dnt"
    r"|upgrade-insecure-requests|priority|host|via|x-forwarded-for|cdn-loop|cloudfront-.*|x-amz.*"
    r"|if-none-match|if-modified-since|x-clouddeck-.*|connection|te)\Z"
)
"""Of whom nothing else is known is anybody; one more header could change the answer unseen."""


_ONE_VISITORS = re.compile(
    r"(?:cache-control|pragma|priority|dnt|save-data|sec-gpc|upgrade-insecure-requests)\Z"
)
"""No server owns up to having looked at these: left out where the answer is everybody's."""


class UnusableError(ValueError):
    """A rule leads to what is no public server."""


def pass_on(request: dict[str, Any], verdict: Proxy, note: Passed) -> dict[str, Any]:
    """The visitor's request, turned to another server; its body follows as it came.

    Raises UnusableError, and TooLongError when the notes do not fit.
    """
    goal = order(verdict, secrets.randbits(32))[0]
    address = _checked(goal.url)
    given: Headers = request["headers"]
    target = address.path + (f"?{address.query}" if address.query else "")
    if verdict.keep_query:
        target = carried(target, first(given, PREFIX + "query").encode("latin-1"))
    path, _, query = target.partition("?")
    host = _host(address.hostname)
    timeout = verdict.backend.timeout_seconds if verdict.backend else _MOST_SECONDS
    sent = _sent(given)
    if note.plain:
        sent = {name: values for name, values in sent.items() if not _ONE_VISITORS.match(name)}
    drop(sent)
    sent |= headers({"Host": host, "X-Forwarded-Host": first(given, PREFIX + "host")})
    if accept := first(given, PREFIX + "accept"):
        sent |= headers({"Accept": accept})
    sent |= headers(dict(verdict.add))
    sent |= note.written()
    request["headers"] = sent
    request["uri"] = path or "/"
    request["querystring"] = query
    request["origin"] = {
        "custom": {
            "domainName": host,
            "port": address.port or 443,
            "protocol": "https",
            "path": "",
            "sslProtocols": ["TLSv1.2"],
            "readTimeout": max(1, min(timeout, _MOST_SECONDS)),
            "keepaliveTimeout": 5,
            "customHeaders": {},
        }
    }
    return request


def is_plain(request: dict[str, Any], verdict: Proxy, *, keyed: bool) -> bool:
    """Whether an answer may be anybody's: a GET that says nothing of who asks.

    `keyed`: the cache tells requests of another query apart; else an answer to one is no other's
    if the server got to see it.
    """
    return (
        request["method"] == "GET"
        and not verdict.private
        and (keyed or not verdict.keep_query)
        and all(_HARMLESS.match(name) for name in request["headers"])
    )


def _checked(url: str) -> Any:
    """The parts of an address that may be asked; raises UnusableError."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise UnusableError(f"{url[:200]} is no address") from error
    host = _host(parts.hostname)
    if parts.scheme != "https" or parts.username or parts.password:
        raise UnusableError(f"{url[:200]}: servers are asked over HTTPS, and not by a name of ours")
    if not _NAMED.match(host) or _PRIVATE.match(host):
        raise UnusableError(f"{host} is no public name")
    if port != 443 and not 1024 <= port <= 65_535:
        raise UnusableError(f"{host}: CloudFront asks at port 443 and from 1024 on")
    return parts


def _host(text: str | None) -> str:
    host = normalise_host(text or "")
    if host is None:
        raise UnusableError(f"{text!r} is no name of a server")
    return host


def _sent(given: Headers) -> Headers:
    """What of a visitor's headers goes along; what Connection names belongs to that connection."""
    named = {name.strip().lower() for name in first(given, "connection").split(",")}
    return {
        name: values
        for name, values in given.items()
        if not _NOT_SENT.match(name) and name not in named
    }
