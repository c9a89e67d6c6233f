"""A rollout carried through its machine in process, with a clock and visitors of the test's own."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.deployments import rows as deployment_rows
from chalicelib.deployments.actions import create
from chalicelib.git.rules import Push
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer, Project
from chalicelib.rollouts import rows
from chalicelib.rollouts.rows import Rollout
from chalicelib.traffic import actions as traffic
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts
from functions.rollouts import begin, look, settle, shift, withdraw
from tests.fakes import line
from tests.unit.rollouts.visits import Version

STATES = {
    "Begin": (begin, {"go": "Shift"}),
    "Shift": (shift, {"bake": "Look", "settle": "Settle"}),
    "Look": (
        look,
        {"bake": "Look", "shift": "Shift", "settle": "Settle", "withdraw": "Withdraw"},
    ),
    "Settle": (settle, {"bake": "Shift"}),
    "Withdraw": (withdraw, {"bake": "Shift"}),
}
_sequences = itertools.count(1_800_000_000_000_000_000, 1_000_000)


class Hands:
    """A clock that a test turns."""

    def __init__(self, monkeypatch: Any) -> None:
        self.ahead_ms = 0
        real, epoch = clock.now_ms, clock.epoch
        monkeypatch.setattr(clock, "now_ms", lambda: real() + self.ahead_ms)
        monkeypatch.setattr(
            clock, "epoch", lambda seconds=0: epoch(seconds) + self.ahead_ms // 1000
        )

        self._began = real()

    @property
    def passed_seconds(self) -> float:
        """What has passed by the product's clock: it goes on while nobody turns it."""
        return (clock.now_ms() - self._began) / 1000

    def wait(self, seconds: float) -> None:
        self.ahead_ms += int(seconds * 1000)


@dataclass
class Site:
    """A project, its visitors, and the machine that carries its rollouts."""

    services: Any
    hands: Hands
    actor: Actor
    project: Project
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    versions: dict[str, Version] = field(default_factory=dict)
    rate: float = 40.0
    _totals: dict[tuple[str, str], Counts] = field(default_factory=dict)

    def delivers(self, **how: Any) -> None:
        """What PATCH of the project's `delivery` leaves in its row."""
        self.project.update(actions=[Project.delivery.set(how)])

    def deploy(self, version: Version | None = None) -> deployment_rows.Deployment:
        """A push, carried to the end of its pipeline."""
        sequence = next(_sequences)
        commit = f"{sequence:040x}"
        tree = b"tar of " + commit.encode()
        self.services.repositories.push(self.project.id, "main", commit, archive=tree)
        row = create.from_push(Push(self.project.id, "main", commit, sequence, "usr_x"))
        assert row is not None
        self.versions[row.id] = version or Version()
        line.carry(self.services, row.id, {"index.html": commit.encode()})
        found = deployment_rows.get(row.id)
        assert found is not None
        return found

    def started(self) -> list[tuple[str, dict[str, Any]]]:
        """Executions of the machine, in the order of their start."""
        found = self.services.workflow.executions
        return [(name, one.data) for (kind, name), one in found.items() if kind == "rollout"]

    def run(self, until: Any = None, *, limit: int = 400) -> list[str]:
        """Carry the newest execution to its end, or until `until()`; the states it was in."""
        name, data = self.started()[-1]
        state, visited = "Begin", []
        for _ in range(limit):
            handler, ways = STATES[state]
            visited.append(state)
            outcome = handler.handler({"machine": "rollout", "state": state, **data}, None)
            if outcome["wait"]:
                self.visits(outcome["wait"])
            following = ways.get(outcome["outcome"])
            if following is None:
                self.services.workflow.executions["rollout", name].status = "SUCCEEDED"
                return visited
            state = following
            if until is not None and until():
                return visited
        raise AssertionError(f"no end after {limit} states: {visited[-5:]}")

    def visits(self, seconds: float) -> None:
        """Time passes, and visitors come, who get what the pointer says."""
        self.hands.wait(seconds)
        current = self.pointer()
        requests = int(self.rate * seconds)
        share = int(current.weight or 0) / 10_000 if current.canary else 0
        to_canary = sum(self.rng.random() < share for _ in range(requests))
        for deployment, many in (
            (current.canary, to_canary),
            (current.deployment, requests - to_canary),
        ):
            if deployment and many:
                at = clock.iso()[:16]
                known = self._totals.get((deployment, at), Counts())
                counted = known + self.versions[deployment].answers(self.rng, many)
                self._totals[deployment, at] = counted
                traffic.write("edge-1", [Told(self.project.id, deployment, at, "live", counted)])

    def pointer(self) -> Pointer:
        found = project_rows.pointer(self.project.id)
        assert found is not None
        return found

    def rollout(self) -> Rollout:
        """The newest one."""
        found, _ = rows.page(self.project.id, 1, None)
        return found[0]
