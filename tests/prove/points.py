"""kill -9 of what carries a build out, at twenty labelled points of the build."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.prove import checks, machine
from tests.prove.cloud import TERMINAL, Cloud, wait
from tests.prove.machine import Process
from tests.prove.outcome import Outcome, percentile

GOAL = (
    "a build whose machine is killed at any point is retried once and ready, or failed and says "
    "why, within the limit; its slot is free, and nothing is left behind"
)
LIMIT_SECONDS = 180
"""30 s until a build counts as silent, a minute until the sweep looks, twice, and the build."""

REACH_SECONDS = 60
SLUG = "points"
COMMAND = (
    "echo point-one && sleep 1 && echo point-two && sleep 1 && mkdir -p out && "
    "cp *.html out/ && echo point-three && sleep 1"
)
TOML = f'[build]\ncommand = "{COMMAND}"\noutput = "out"\n'
CODES = {"runner_lost", "internal", "timeout"}

Seen = Callable[["Moment"], bool]


@dataclass(frozen=True)
class Moment:
    """What can be seen of a deployment now."""

    state: str
    stages: frozenset[str]
    text: str
    runner: bool


MOMENTS: dict[str, Seen] = {
    "ordered": lambda now: now.state == "building",
    "in its sandbox": lambda now: now.runner,
    "claimed": lambda now: "source" in now.stages,
    "planned": lambda now: "prepare" in now.stages,
    "command begun": lambda now: "point-one" in now.text,
    "command half done": lambda now: "point-two" in now.text,
    "command done": lambda now: "point-three" in now.text,
    "uploading": lambda now: "upload" in now.stages,
    "completed": lambda now: now.state in {"packaging", "publishing", "verifying"},
    "over": lambda now: now.state in TERMINAL,
}
"""Points of a build in their order; one that is passed unseen counts as reached at the next."""

VICTIMS = ("agent", "sandbox", "slots")
POINTS = (
    *((moment, "agent") for moment in list(MOMENTS)[1:8]),
    *((moment, "sandbox") for moment in list(MOMENTS)[1:8]),
    *((moment, "slots") for moment in list(MOMENTS)[::2]),
    ("over", "slots"),
)
SMOKE = (("in its sandbox", "agent"), ("command half done", "sandbox"))


def run(outcome: Outcome) -> None:
    """A deployment for each point, one after the other; then one that nobody hurts."""
    with Cloud() as cloud:
        story = Story(cloud, outcome)
        for moment, victim in SMOKE if outcome.tier == "smoke" else POINTS:
            story.point(moment, victim)
        story.check()


class Story:
    """One project whose builds die."""

    def __init__(self, cloud: Cloud, outcome: Outcome) -> None:
        self.cloud, self.outcome = cloud, outcome
        self.project = cloud.project(SLUG)["id"]
        self.repository = cloud.repository(SLUG)
        self.versions = 0
        self.took: list[float] = []
        self.hit = 0
        self.ready = 0

    def point(self, moment: str, victim: str) -> None:
        """Deploy, wait for the moment, kill, and see how it ends."""
        label = f"{victim} killed when {moment}"
        deployment = self._push()
        if deployment is None:
            self.outcome.expect(False, f"{label}: no deployment began")
            return
        reached = wait(lambda: self._reached(deployment, moment), REACH_SECONDS, 0.02)
        self.outcome.expect(reached is not None, f"{label}: the moment never came")
        began = time.monotonic()
        self.hit += self._kill(victim)
        found = self.cloud.settled(deployment, LIMIT_SECONDS)
        self.took.append(time.monotonic() - began)
        error = found["error"] or {}
        self.ready += found["state"] == "ready"
        self.outcome.expect(
            found["state"] == "ready" or (found["state"] == "failed" and error["code"] in CODES),
            f"{label}: {found['state']} {error.get('code')} {error.get('message', '')[:200]}",
        )
        print(f"  {label}: {found['state']} after {self.took[-1]:.1f} s", flush=True)
        freed = wait(lambda: self._running() == 0, LIMIT_SECONDS, 0.2)
        self.outcome.expect(freed is not None, f"{label}: its slot stays held")

    def check(self) -> None:
        """Whoever comes next finds a slot, and nothing is left behind."""
        deployment = self._push()
        found = self.cloud.settled(deployment, LIMIT_SECONDS) if deployment else {"state": "none"}
        self.outcome.expect(found["state"] == "ready", f"the last one is {found['state']}")
        left = checks.nothing_left_of_builds(self.cloud, self.outcome)
        left += checks.nothing_left(self.cloud, self.outcome)
        wanted = len(SMOKE if self.outcome.tier == "smoke" else POINTS)
        self.outcome.expect(self.hit >= wanted * 0.8, f"only {self.hit} of {wanted} kills hit")
        self.outcome.figures |= {
            "points": wanted,
            "killed": self.hit,
            "ready": self.ready,
            "over_p50_s": round(percentile(self.took, 0.5), 1),
            "over_max_s": round(max(self.took, default=0), 1),
            "left_behind": left,
        }

    def _push(self) -> str | None:
        self.versions += 1
        body = f"<h1>version {self.versions}</h1>"
        commit = self.repository.commit(
            {"index.html": body, "clouddeck.toml": TOML}, f"version {self.versions}"
        )
        self.outcome.expect(self.repository.push(commit).ok, "a push was refused")
        found: list[str] = []

        def begun() -> bool:
            rows = self.cloud.deployments(SLUG)
            found[:] = [row["id"] for row in rows if row["commit"] == commit]
            return bool(found)

        wait(begun, REACH_SECONDS, 0.05)
        return found[0] if found else None

    def _reached(self, deployment: str, moment: str) -> bool:
        now = self._now(deployment)
        later = list(MOMENTS)[list(MOMENTS).index(moment) :]
        return any(MOMENTS[name](now) for name in later)

    def _now(self, deployment: str) -> Moment:
        state = self.cloud.must("GET", f"/v1/deployments/{deployment}")["state"]
        lines: list[dict[str, Any]] = self.cloud.must(
            "GET", f"/v1/deployments/{deployment}/logs?after=0&limit=1000"
        )["lines"]
        said = [line for line in lines if line["level"] != "command"]
        return Moment(
            state,
            frozenset(line["stage"] for line in lines if line["n"] > 1_000_000),
            "\n".join(line["text"] for line in said),
            bool(self._find("agent")),
        )

    def _kill(self, victim: str) -> bool:
        found = self._find(victim)
        if not found:
            return False
        one = max(found, key=lambda p: p.pid) if victim == "agent" else found[0]
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
            return True
        return False

    def _find(self, victim: str) -> list[Process]:
        supervisor = self.cloud.status()["pid"]
        family = machine.below(supervisor, machine.processes()) if supervisor else []
        if victim == "slots":
            return [one for one in family if one.command[-2:] == ("-m", "adapters.local.slots")]
        outside = victim == "sandbox"
        inside = [one for one in family if any("runner.pyz" in part for part in one.command)]
        return [one for one in inside if one.command[0].endswith("bwrap") == outside]

    def _running(self) -> int:
        return int(self.cloud.must("GET", f"/v1/projects/{self.project}/queue")["running"])
