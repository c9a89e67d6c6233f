"""The control plane hangs, all of it, while people visit: API, database, store, builds."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from tests.prove import checks, machine, pages
from tests.prove.cloud import Cloud, wait
from tests.prove.load import Load
from tests.prove.outcome import Outcome

GOAL = (
    "every program but the edge is frozen under load: no request fails; awake again everything is "
    "healthy, and production moves"
)
SECONDS = {"smoke": 20, "full": 600}
WARM_SECONDS = 5
SLUG = "outage"


def run(outcome: Outcome) -> None:
    """Freeze, visit, wake, move."""
    seconds = SECONDS[outcome.tier]
    with Cloud() as cloud:
        cloud.project(SLUG)
        repository = cloud.repository(SLUG)
        first, second = (
            cloud.published(repository, SLUG, pages.files(version)) for version in (1, 2)
        )
        began = time.monotonic()
        with Load([cloud.port + 1], SLUG) as load:
            time.sleep(WARM_SECONDS)
            frozen = _signal(cloud, signal.SIGSTOP)
            try:
                outcome.expect(
                    cloud.api("GET", "/v1/health", seconds=2).status == 0, "the API answers"
                )
                time.sleep(seconds)
            finally:
                _signal(cloud, signal.SIGCONT)
            load.stop(outcome, time.monotonic() - began)
        outcome.figures |= {"frozen_s": seconds, "frozen_programs": frozen}
        outcome.expect(cloud.wait_healthy(60) is not None, "it is not healthy again")
        moved = cloud.must("POST", f"/v1/projects/{SLUG}/rollback", {"to": first})
        outcome.expect(moved["deployment"] == first, f"production is {moved['deployment']}")
        shown = wait(lambda: cloud.visit(SLUG)[1] == first, 10, 0.2)
        outcome.expect(shown is not None, f"the edge goes on showing {second}")
        checks.pointer_sound(cloud, outcome, SLUG)


def _signal(cloud: Cloud, number: signal.Signals) -> int:
    """Send a signal to every program of the cloud but the edge; how many there were."""
    known = machine.processes()
    edge = {
        one.pid
        for one in machine.of_home(cloud.home)
        if any("adapters.local.edge" in part for part in one.command)
    }
    edge |= {one.pid for pid in edge for one in machine.below(pid, known)}
    others = [one for one in machine.of_home(cloud.home) if one.pid not in edge]
    for one in others:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, number)
    return len(others)
