"""Production is swapped under load, and edges hear of it late."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from typing import Any

from adapters.local.settings import ROOT
from tests.prove import pages
from tests.prove.cloud import Cloud, wait
from tests.prove.edges import Courier, LateEdge
from tests.prove.outcome import Outcome, percentile

GOAL = (
    "no request fails and no page load mixes versions while production is swapped, at three edges "
    "of which two hear of every swap late; in the end all of them show the last one"
)
SWAPS = {"smoke": 40, "full": 1000}
LAG_SECONDS = {"smoke": 5.0, "full": 60.0}
REQUESTS = 1000
"""Requests per second that the load has to reach in the large tier."""
VERSIONS = 10
LOADERS, VISITORS = 2, 12
SLUG = "swaps"


def run(outcome: Outcome) -> None:
    """Deploy ten versions, then promote and roll back among them while people visit."""
    swaps, lag = SWAPS[outcome.tier], LAG_SECONDS[outcome.tier]
    with Cloud() as cloud:
        deployments = _deploy(cloud)
        late = [LateEdge(cloud, number) for number in range(2)]
        try:
            routes = cloud.home / "edge" / "routes"
            with Courier(routes, late, lag, outcome.seed) as courier:
                _swap(cloud, outcome, deployments, late, swaps, lag)
                wait(courier.arrived, lag + 10, 0.5)
                _same_everywhere(cloud, outcome, late)
                outcome.figures["route_files_carried"] = courier.carried
        finally:
            for edge in late:
                edge.stop()


def _deploy(cloud: Cloud) -> list[str]:
    """Ready deployments, one a version; what pages ask for follows their version for an hour."""
    cloud.project(SLUG)
    cloud.must("PATCH", f"/v1/projects/{SLUG}", {"delivery": {"skew_seconds": 3600}})
    repository = cloud.repository(SLUG)
    return [cloud.published(repository, SLUG, pages.files(version)) for version in range(VERSIONS)]


def _swap(  # the story's people and places
    cloud: Cloud,
    outcome: Outcome,
    deployments: list[str],
    late: list[LateEdge],
    swaps: int,
    lag: float,
) -> None:
    rng = random.Random(outcome.seed)
    ports = [cloud.port + 1, *(edge.port for edge in late)]
    took: list[float] = []
    live = deployments[-1]
    began = time.monotonic()
    with Load(ports) as load:
        for number in range(swaps):
            live = rng.choice([one for one in deployments if one != live])
            asked = time.monotonic()
            if number % 3:
                cloud.must("POST", f"/v1/projects/{SLUG}/promote", {"deployment": live})
            else:
                body = {"to": live, "reason": "a swap"}
                cloud.must("POST", f"/v1/projects/{SLUG}/rollback", body)
            took.append(time.monotonic() - asked)
            shown = cloud.visit(SLUG, "/part.html")[1]
            outcome.expect(shown == live, f"swap {number}: the first edge shows {shown}")
        swapped = time.monotonic() - began
        time.sleep(min(lag, 20))
        seen = load.stop()
    seconds = time.monotonic() - began
    requests = sum(one["requests"] for one in seen)
    outcome.expect(requests > 0 and all(one["loads"] for one in seen), "nobody visited")
    for what in ("failed", "mixed"):
        count = sum(one[what][0] for one in seen)
        shown = [text for one in seen for text in one[what][1:]]
        outcome.expect(count == 0, f"{count} {what}: {shown[:4]}")
        outcome.figures[what] = count
    rate = requests / seconds
    if outcome.tier == "full":
        outcome.expect(rate >= REQUESTS, f"{rate:.0f} requests a second, not {REQUESTS}")
    outcome.figures |= {
        "swaps": swaps,
        "swapped_in_s": round(swapped, 1),
        "swap_p50_ms": round(percentile(took, 0.5) * 1000),
        "requests": requests,
        "requests_per_s": round(rate),
        "page_loads": sum(one["loads"] for one in seen),
        "lag_s": lag,
    }


def _same_everywhere(cloud: Cloud, outcome: Outcome, late: list[LateEdge]) -> None:
    """Once the last word has arrived every edge shows what the pointer names."""
    pointer = cloud.must("GET", f"/v1/projects/{SLUG}/pointer")
    for edge in late:
        told: dict[str, Any] = {}

        def same(edge: LateEdge = edge, told: dict[str, Any] = told) -> bool:
            told.update(json.loads((edge.routes / f"{SLUG}.json").read_bytes()))
            return bool(told["production"] == pointer["deployment"])

        outcome.expect(
            wait(same, 15, 0.2) is not None,
            f"an edge ends on {told.get('production')}, not on {pointer['deployment']}",
        )


class Load:
    """Visitors in programs of their own; `stop` tells what they saw."""

    SECONDS = 3600

    def __init__(self, ports: list[int]) -> None:
        self._ports = ",".join(map(str, ports))
        self._running: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Load:
        for _ in range(LOADERS):
            command = [sys.executable, "-m", "tests.prove.pages", self._ports, f"{SLUG}.localhost"]
            self._running.append(
                subprocess.Popen(
                    [*command, str(VISITORS), str(self.SECONDS)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._running:
            one.kill()

    def stop(self) -> list[dict[str, Any]]:
        """Let them finish the page that they are at."""
        return [json.loads(one.communicate("\n")[0]) for one in self._running]
