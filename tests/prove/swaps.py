"""Production is swapped under load, and edges hear of it late."""

from __future__ import annotations

import random
import time

from tests.prove import pages
from tests.prove.cloud import Cloud, wait
from tests.prove.edges import Courier, LateEdge
from tests.prove.load import Load
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
                for edge in late:
                    if wait(lambda edge=edge: edge.live(SLUG), 10, 0.2) is None:
                        raise RuntimeError("an edge never heard of the site")
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
    first = cloud.published(repository, SLUG, pages.files(0))
    cloud.must("POST", f"/v1/projects/{SLUG}/rollback", {"to": first})  # the others wait for us
    others = range(1, VERSIONS)
    return [*(cloud.published(repository, SLUG, pages.files(n)) for n in others), first]


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
    with Load(ports, SLUG) as load:
        for number in range(swaps):
            live = rng.choice([one for one in deployments if one != live])
            asked = time.monotonic()
            if number % 3:
                cloud.must("POST", f"/v1/projects/{SLUG}/promote", {"deployment": live})
            else:
                body = {"to": live, "reason": "a swap"}
                cloud.must("POST", f"/v1/projects/{SLUG}/rollback", body)
            took.append(time.monotonic() - asked)
            shown = cloud.visit(SLUG, "/part.json")[1]
            outcome.expect(shown == live, f"swap {number}: the first edge shows {shown}")
        swapped = time.monotonic() - began
        time.sleep(min(lag, 20))
        rate = load.stop(outcome, time.monotonic() - began)
    if outcome.tier == "full":
        outcome.expect(rate >= REQUESTS, f"{rate:.0f} requests a second, not {REQUESTS}")
    outcome.figures |= {
        "swaps": swaps,
        "swapped_in_s": round(swapped, 1),
        "swap_p50_ms": round(percentile(took, 0.5) * 1000),
        "lag_s": lag,
    }


def _same_everywhere(cloud: Cloud, outcome: Outcome, late: list[LateEdge]) -> None:
    """Once the last word has arrived every edge shows what the pointer names."""
    pointer = cloud.must("GET", f"/v1/projects/{SLUG}/pointer")
    for edge in late:
        outcome.expect(
            wait(lambda edge=edge: edge.live(SLUG) == pointer["deployment"], 15, 0.2) is not None,
            f"an edge ends on {edge.live(SLUG)}, not on {pointer['deployment']}",
        )
