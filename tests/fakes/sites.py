"""An edge in a dict."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.ports import Edge, SiteRoute, SmokeAnswer


@dataclass
class FakeEdge(Edge):
    """Routes by slug; `answers` maps (host, path) to an answer, None means out of reach."""

    routes: dict[str, SiteRoute] = field(default_factory=dict)
    answers: dict[tuple[str, str], SmokeAnswer | None] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    default: SmokeAnswer | None = field(default_factory=lambda: SmokeAnswer(200, "", 1))

    def put(self, route: SiteRoute) -> None:
        known = self.routes.get(route.slug)
        if known is None or (
            known.generation < route.generation if known.site == route.site else not route.gone
        ):
            self.routes[route.slug] = route

    def ask(self, host: str, path: str) -> SmokeAnswer:
        self.asked.append((host, path))
        answer = self.answers.get((host, path), self.default)
        if answer is None:
            raise ConnectionError(f"{host} is out of reach")
        return answer
