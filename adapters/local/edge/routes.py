"""The route table: one small file per site, re-read when it changes, never trusted."""

import json
import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.local.edge.folder import Folder, Scan
from chalicelib.edge.rules.hosts import parse_host
from chalicelib.edge.rules.routes import Access, BadRouteError, Match, read, replaces
from chalicelib.edge.rules.visitors import ALL, divides

MAX_ROUTE_BYTES = 64 * 1024
_ID = r"[0-7][0-9a-hjkmnp-tv-z]{25}\Z"
_SITE = re.compile("prj_" + _ID)
_TEAM = re.compile("team_" + _ID)
_DEPLOYMENT = re.compile("dpl_" + _ID)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """What a site's host names lead to."""

    site: str
    team: str
    slug: str
    production: str | None
    generation: int
    gone: bool
    canary: str | None = None
    weight: int = 0
    skew_seconds: int = 0
    revision: int = 0
    match: Match | None = None
    past: tuple[tuple[str, int], ...] = ()
    looks: tuple[str, ...] = ()
    access: Access | None = None
    guard: str = ""
    down: tuple[str, ...] = ()
    divided: bool = False
    """Whether it matters who asks; kept here, so that the fast way need not work it out."""


def parse_route(body: bytes, slug: str) -> Route:
    """A route file's content; raises BadRouteError rather than guess."""
    if len(body) > MAX_ROUTE_BYTES:
        raise BadRouteError("too large")
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRouteError("not JSON") from error
    if not isinstance(data, dict) or data.get("version") != 1 or data.get("slug") != slug:
        raise BadRouteError("not a route of this site")
    for name in ("production", "canary"):
        if data.get(name) is not None and not _matches(_DEPLOYMENT, data[name]):
            raise BadRouteError(f"{name} is not a deployment id")
    numbers = (
        ("generation", None, 2**63),
        ("weight", 0, ALL + 1),
        ("skew_seconds", 0, 2**31),
        ("revision", 0, 2**63),
    )
    for name, default, end in numbers:
        number = data.get(name, default)
        if type(number) is not int or not 0 <= number < end:
            raise BadRouteError(f"{name} is not a number below {end}")
    if not _matches(_SITE, data.get("site")) or not _matches(_TEAM, data.get("team")):
        raise BadRouteError("site or team is not an id")
    gone = data.get("gone", False)
    if not isinstance(gone, bool) or parse_host(f"{slug}.localhost", "localhost") is None:
        raise BadRouteError("gone is not a boolean, or the slug is not a host label")
    route = Route(
        data["site"],
        data["team"],
        slug,
        data.get("production"),
        data["generation"],
        gone,
        data.get("canary"),
        data.get("weight", 0),
        data.get("skew_seconds", 0),
        data.get("revision", 0),
        **read(data),
    )
    return replace(route, divided=divides(route))


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.match(value) is not None


class RouteTable:
    """Routes by slug. A bad file keeps the last good route of its site; other sites never notice.

    `scan` may run in a thread and changes nothing; `apply` belongs to the event loop.
    """

    def __init__(self, folder: Path) -> None:
        self.routes: dict[str, Route] = {}
        self._folder = Folder(folder, ".json", MAX_ROUTE_BYTES, parse_route)

    def scan(self, *, force: bool = False) -> Scan[Route] | None:
        """What changed on disk; None when nothing can have, or the folder cannot be read."""
        return self._folder.scan(force=force)

    def apply(self, scan: Scan[Route]) -> list[Route]:
        """Take over a scan; returns the routes that are new or different."""
        news = []
        for slug, route in scan.changed.items():
            current = self.routes.get(slug)
            if current is not None and not replaces(route, current):
                log.warning("route %s ignored: generation %d is older", slug, route.generation)
            elif route != current:
                self.routes[slug] = route
                news.append(route)
        for slug in self._folder.apply(scan):
            self.routes.pop(slug, None)
        return news
