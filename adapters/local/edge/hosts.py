"""Own domains of sites: one small file per host says whose it is and how it is served.

`edge/hosts/<host>.json`, `_wild.<host>.json` for `*.<host>`: `{"version":1,"host","slug","site",
"redirect": host or null,"https":"redirect" or "both","hsts_seconds":n,"tls":"1.2" or "1.3"}`. Who
owns a host is settled before its file is written; here it is only believed when it is whole.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from adapters.local.edge.folder import Folder, Scan
from chalicelib.edge.rules.hosts import Site, normalise_host, parse_host

if TYPE_CHECKING:
    from adapters.local.edge.serving import Request

WILD = "_wild."
_MOST_BYTES = 16 * 1024
_YEARS = 10 * 31_536_000
_SITE = re.compile(r"prj_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")
_PORT = re.compile(r":([0-9]{1,5})\Z")
_KEPT = "!$%&'()*+,-./:;=?@_~"
"""What a path or query may hold and stays as it came; anything else is percent-encoded."""


@dataclass(frozen=True, slots=True)
class OwnHost:
    """A host of somebody's own. `host` may begin with `*.`: every name one label below.

    `redirect` is the host that is meant instead, `https` whether plain HTTP is answered
    (`both`) or sent to HTTPS, `hsts_seconds` how long browsers shall not even try plain HTTP, `tls`
    the oldest version that is spoken.
    """

    host: str
    slug: str
    site: str
    redirect: str | None = None
    https: Literal["redirect", "both"] = "redirect"
    hsts_seconds: int = 0
    tls: Literal["1.2", "1.3"] = "1.2"

    @property
    def file_name(self) -> str:
        """The name of its files, without suffix."""
        return self.host.replace("*.", WILD, 1) if self.host.startswith("*.") else self.host

    @property
    def leads_to(self) -> Site:
        """The route that answers."""
        return Site(self.slug)


class OwnHosts:
    """The own domains that this edge knows. A bad file keeps the last good one of its host."""

    def __init__(self, folder: Path, domain: str) -> None:
        self.known: dict[str, OwnHost] = {}
        self._domain = domain
        self._folder = Folder(folder, ".json", _MOST_BYTES, self._parse)

    def find(self, host: str | None) -> OwnHost | None:
        """Whose a host is: exactly its own file first, then that of the names beside it."""
        if host is None or not self.known:
            return None
        exact = self.known.get(host)
        if exact is not None:
            return exact
        _, dot, parent = host.partition(".")
        return self.known.get(f"*.{parent}") if dot else None

    def scan(self, *, force: bool = False) -> Scan[OwnHost] | None:
        """What changed on disk; None when nothing can have. May run in a thread."""
        return self._folder.scan(force=force)

    def apply(self, scan: Scan[OwnHost]) -> bool:
        """Take over a scan; whether anything is different now."""
        changed = {own.host: own for own in scan.changed.values()}
        changed = {host: own for host, own in changed.items() if self.known.get(host) != own}
        self.known |= changed
        removed = {_host_of(name) for name in self._folder.apply(scan)} & self.known.keys()
        for host in removed:
            del self.known[host]
        return bool(changed or removed)

    def _parse(self, content: bytes, name: str) -> OwnHost:
        """A host file's content; raises ValueError rather than guess."""
        try:
            data: Any = json.loads(content)
        except RecursionError as error:
            raise ValueError("not JSON") from error
        host = _host_of(name)
        if not isinstance(data, dict) or data.get("version") != 1 or data.get("host") != host:
            raise ValueError("not the file of this host")
        bare = host.removeprefix("*.")
        if normalise_host(bare) != bare or f".{bare}".endswith(f".{self._domain}"):
            raise ValueError("not a host that can be somebody's own")
        slug, site, redirect = data.get("slug"), data.get("site"), data.get("redirect")
        seconds = data.get("hsts_seconds", 0)
        if not isinstance(slug, str) or parse_host(f"{slug}.localhost", "localhost") != Site(slug):
            raise ValueError("slug is not the name of a route")
        if not isinstance(site, str) or not _SITE.match(site):
            raise ValueError("site is not a project id")
        if redirect is not None and not (
            isinstance(redirect, str) and redirect != host and normalise_host(redirect) == redirect
        ):
            raise ValueError("redirect is not another host")
        if type(seconds) is not int or not 0 <= seconds <= _YEARS:
            raise ValueError("hsts_seconds is not a number of seconds")
        https, tls = data.get("https", "redirect"), data.get("tls", "1.2")
        if https not in ("redirect", "both") or tls not in ("1.2", "1.3"):
            raise ValueError("https or tls is unknown")
        return OwnHost(host, slug, site, redirect, https, seconds, tls)


@dataclass(frozen=True, slots=True)
class Doors:
    """The two ports of this edge; `tls` is 0 when it speaks no HTTPS."""

    plain: int
    tls: int

    def moved(self, request: "Request", own: OwnHost, known: OwnHosts) -> str | None:
        """Where a request to an own domain has to go instead, None when it is right here.

        To another host and to HTTPS in one step, if both are needed; path and query stay. A port
        is named when the visitor named ours.
        """
        secure = request.secure
        meant = own if own.redirect is None else known.find(own.redirect)
        tls = secure or bool(self.tls and meant is not None and meant.https == "redirect")
        if own.redirect is None and tls == secure:
            return None
        text = request.host.decode("latin-1").lower()
        port = _PORT.search(text)
        name = own.redirect or _PORT.sub("", text).removesuffix(".")
        place = request.path if request.path.startswith(b"/") else b"/"
        if request.query:
            place += b"?" + request.query
        return (
            f"{'https' if tls else 'http'}://{name}{self._port(port, secure=secure, tls=tls)}"
            + quote(place, safe=_KEPT)
        )

    def _port(self, named: re.Match[str] | None, *, secure: bool, tls: bool) -> str:
        """Our other port beside ours; beside a port that is forwarded to us, the usual one."""
        if named is None or secure == tls:
            return named.group() if named else ""
        ours = self.tls if secure else self.plain
        return f":{self.tls if tls else self.plain}" if int(named.group(1)) == ours else ""


def _host_of(name: str) -> str:
    return f"*.{name.removeprefix(WILD)}" if name.startswith(WILD) else name
