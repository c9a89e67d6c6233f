"""An edge in a dict."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.edge.rules.hosts import parse_host
from chalicelib.edge.rules.routes import replaces
from chalicelib.ports import Edge, SiteRoute, SmokeAnswer


@dataclass
class FakeEdge(Edge):
    """Routes by slug; `answers` maps (host, path) to an answer, None means out of reach."""

    routes: dict[str, SiteRoute] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    purged: list[tuple[str, list[str], list[str], bool]] = field(default_factory=list)
    revoked: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[tuple[str, str], SmokeAnswer | None] = field(default_factory=dict)
    cannot: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    default: SmokeAnswer | None = field(default_factory=lambda: SmokeAnswer(200, "", 1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, route: SiteRoute) -> None:
        site = parse_host(f"{route.slug}.localhost", "localhost")
        if site is None or site.slug != route.slug or site.deployment is not None:
            raise ValueError(f"not a site name: {route.slug!r}")
        with self._lock:
            known = self.routes.get(route.slug)
            if known is None or replaces(route, known):
                self.routes[route.slug] = route

    def revoke(self, route: SiteRoute, deployment: str) -> None:
        self.put(route)
        self.revoked.append((route.slug, deployment))

    def forget(self, deployments: list[str], occasion: str = "") -> None:
        self.forgotten += deployments

    def purge(self, site: str, tags: list[str], paths: list[str], *, everything: bool) -> None:
        self.purged.append((site, tags, paths, everything))

    def guard_refusal(self, guard: Mapping[str, Any]) -> str:
        return self.cannot

    def ask(self, host: str, path: str) -> SmokeAnswer:
        self.asked.append((host, path))
        answer = self.answers.get((host, path), self.default)
        if answer is None:
            raise ConnectionError(f"{host} is out of reach")
        return answer
