"""Asking a host's REST API: what its answers mean, and nothing of its secrets in an error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from chalicelib.core import outbound
from chalicelib.git.providers import Refused

SECONDS = 10.0
PAGES = 20
RECONNECT = "Connect the repository again (`deck git connect`) with access that is still valid."

_REDIRECTS = {301, 307, 308}
_GONE = {404, 410}
_NONE = (404, 409, 410, 422)


@dataclass(frozen=True)
class Api:
    """One host's API: where it is, and the headers that open it. `what` names what is asked for
    (`owner/name at github.com`) in errors."""

    base: str
    what: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def get(self, path: str) -> Any:
        """The JSON at a path, None when there is none: no such thing, no such name, nothing yet."""
        reply = self.send("GET", path, also=_NONE)
        return None if reply.status in _NONE else reply.json()

    def must(self, method: str, path: str, data: Any = None) -> Any:
        """The JSON that a request is answered with; raises Refused `repo_not_found` on 404."""
        reply = self.send(method, path, data)
        return reply.json() if reply.body else {}

    def send(
        self, method: str, path: str, data: Any = None, also: tuple[int, ...] = ()
    ) -> outbound.Reply:
        """Ask; a status from 400 on that is not in `also` is an error.

        Raises Refused for 401, 403 and 404, OSError for everything else: the host is not there,
        overloaded, or wants something that we do not know.
        """
        reply = self._asked(method, path, data)
        status = reply.status
        if status < 300 or status in also:
            return reply
        if _overloaded(reply):
            raise OSError(f"{self._host} wants to be asked later ({status})")
        if status in {401, 403}:
            raise Refused(
                "repo_access_denied", f"{self._host} does not let us into {self.what}.", RECONNECT
            )
        if status in _GONE:
            raise Refused("repo_not_found", f"There is no {self.what} that we may see.", RECONNECT)
        raise OSError(f"{self._host} answers {status} to {method} {urlsplit(path).path}")

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """The entries of a list whose next page is in the header `Link` (RFC 8288)."""
        for _ in range(PAGES):
            reply = self.send("GET", path)
            for entry in reply.json():
                if isinstance(entry, dict):
                    yield entry
            path = _next(reply.headers.get("link", ""))
            if not path:
                return

    def _asked(self, method: str, path: str, data: Any) -> outbound.Reply:
        url = urljoin(self.base.rstrip("/") + "/", path)
        headers = {"Accept": "application/json", **self.headers}
        body = None if data is None else json.dumps(data).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        for _ in range(3):
            self._stays(url)
            try:
                reply = outbound.request(method, url, headers=headers, body=body, seconds=SECONDS)
            except outbound.NotAllowed as error:
                raise Refused("git_url_not_allowed", str(error)) from None
            if reply.status not in _REDIRECTS:
                return reply
            url = urljoin(url, reply.headers.get("location", ""))
        raise OSError(f"{self._host} sends us from one address to the next")

    def _stays(self, url: str) -> None:
        """What opens one host is not sent to another."""
        if urlsplit(url)[:2] != urlsplit(self.base)[:2]:
            raise OSError(f"{self._host} sends us to another host, which we do not follow")

    @property
    def _host(self) -> str:
        return str(urlsplit(self.base).hostname)


def quoted(text: str) -> str:
    """A name as one segment of a path."""
    return quote(text, safe="")


def path_of(name: str) -> str:
    """A name that holds slashes as that many segments."""
    return quote(name, safe="/")


def _overloaded(reply: outbound.Reply) -> bool:
    if reply.status == 429 or reply.status >= 500:
        return True
    spent = reply.headers.get("x-ratelimit-remaining") == "0"
    return reply.status == 403 and (spent or "retry-after" in reply.headers)


def _next(link: str) -> str:
    for part in link.split(","):
        address, _, parameters = part.partition(";")
        if 'rel="next"' in parameters.replace("'", '"'):
            return address.strip(" <>")
    return ""
