"""Everybody does everything at once to one project: pushes, pipelines, people, a deletion.

Threads on the real database; every call of it waits a random moment, so that each seed is another
interleaving (and each run of a seed as well: what is checked must hold in all of them).
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pynamodb.connection.base import Connection

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds.actions import order, report
from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Problem
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import create, pointer, sweep
from chalicelib.git.rules import Push
from chalicelib.ports import Head
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions as teams
from functions.pipeline import build, fail, notify, package, prepare, promote, publish, verify
from tests.fakes import line
from tests.fakes.crash import Cloud, listing

PIPELINE = "usr_who_pushes"
FIRST = 1_700_000_000_000_000_000
AFTER_BUILD: list[Any] = [package, publish, verify, promote]


@pytest.fixture
def actor(database: Any, services: Any, monkeypatch: Any) -> Actor:
    monkeypatch.setattr(sweep, "QUIET_MS", -1)
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def jitter(monkeypatch: Any) -> None:
    real = Connection._make_api_call

    def late(connection: Any, *arguments: Any, **named: Any) -> Any:
        time.sleep(random.random() * 0.004)
        return real(connection, *arguments, **named)

    monkeypatch.setattr(Connection, "_make_api_call", late)


class Race:
    """One project, and what its threads do to it."""

    def __init__(self, services: Any, actor: Actor) -> None:
        self.services, self.actor = services, actor
        self.project = projects.create(actor, "Race")
        self.pushed: list[Push] = []
        self.uploaded: list[str] = []
        self.errors: list[BaseException] = []
        self._lock = threading.Lock()
        Cloud(services)  # an edge that answers for what is published

    def push(self, branch: str) -> Push:
        """Move a branch in git: its sequence is taken under a lock, as git does."""
        with self._lock:
            sequence = FIRST + len(self.pushed) * 1_000_000
            one = Push(self.project.id, branch, f"{sequence:040x}", sequence, PIPELINE)
            self.pushed.append(one)
            with contextlib.suppress(KeyError):
                repository = self.services.repositories.all[self.project.id]
                repository.heads[branch] = Head(branch, one.commit, sequence)
                repository.archives[one.commit] = b"tar"
                repository.commits[one.commit] = {"commit": one.commit, "message": "m"}
        return one

    def upload(self) -> str:
        """A finished site from a laptop: it has its place among the pushes, but no head."""
        upload, _ = artifacts.open_upload(self.actor, self.project, "output")
        self.services.store.put(artifact_rules.list_key(upload), listing(line.PAGE))
        wanted = artifacts.missing(upload, self.project.team, None, None)
        line.upload_blobs(self.services, wanted, self.project.team, line.PAGE)
        sequence = self.push("elsewhere").sequence
        origin = create.Origin("prebuilt", upload=upload)
        identifier = "dpl_" + ids.label(upload)
        with self._lock:
            self.uploaded.append(identifier)
        create.begin(self.project, identifier, "production", sequence, origin, PIPELINE)
        return identifier

    def overtaken(self, deployment: str) -> None:
        """Wait for something newer to be live, but not for ever."""
        row = rows.get(deployment)
        assert row is not None
        for _ in range(40):
            live = project_rows.pointer(self.project.id)
            if live is not None and live.sequence > row.sequence:
                return
            time.sleep(0.02)

    def carry(self, deployment: str) -> None:
        """One execution of the state machine, with its runner; there may be others."""
        try:
            if prepare.handler({"deployment": deployment}, None)["outcome"] == "ok":
                token = f"{deployment}-{threading.get_ident()}-{time.monotonic_ns()}"
                self.services.workflow.waiting.add(token)
                if deployment not in self.uploaded:
                    build.handler({"deployment": deployment, "token": token}, None)
                    self.run(order.build_id(deployment))
                for step in AFTER_BUILD:
                    outcome = step.handler({"deployment": deployment}, None)["outcome"]
                    if step is package and outcome != "ok":
                        break
        except RuntimeError as fault:
            fail.handler({"deployment": deployment, "error": {"Cause": str(fault)}}, None)
        notify.handler({"deployment": deployment}, None)

    def run(self, identifier: str) -> None:
        """What a runner does, until it is told to stop."""
        try:
            claim = report.claim(identifier, "the one runner")
            name = order.order_id(claim.row)
            self.services.store.put(artifact_rules.list_key(name), listing(line.PAGE))
            wanted = report.missing(identifier, None)
            line.upload_blobs(self.services, wanted, self.project.team, line.PAGE)
            told = {"framework": "x", "output": ".", "files": 2, "bytes": 1, "cache_hit": False}
            report.complete(identifier, told)
        except Problem as problem:
            if problem.code != "build_closed":
                raise

    def person(self, dice: random.Random) -> None:
        """Somebody moves the pointer or cancels; being refused is fine."""
        known = dice.choice(self.pushed or [None])
        if known is None:
            return
        found = rows.get(create.git.deployment_id(known))
        what = dice.choice(["promote", "rollback", "back", "cancel"])
        with contextlib.suppress(Problem):
            if what == "back":
                pointer.rollback(self.actor, self.project, None, "")
            elif found is not None and what == "cancel":
                create.cancel(found, self.actor)
            elif found is not None and what == "promote":
                pointer.promote(self.actor, self.project, found.id, "")
            elif found is not None:
                pointer.rollback(self.actor, self.project, found.id, "")

    def together(self, works: list[Callable[[], None]]) -> None:
        """All of them at once."""

        def guarded(work: Callable[[], None]) -> None:
            try:
                work()
            except BaseException as error:
                self.errors.append(error)

        threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        assert self.errors == []

    def settled(self) -> dict[str, rows.Deployment]:
        """Every deployment, after the sweep has come by; what must hold of them holds."""
        Cloud(self.services).settle()
        assert list(rows.still_open()) == []
        found = {}
        for one in [*map(create.git.deployment_id, self.pushed), *self.uploaded]:
            row = rows.get(one)
            if row is not None:
                found[row.id] = row
        for row in found.values():
            assert row.state in rules.TERMINAL
            assert row.state != "failed", row.error
            assert row.published or row.state != "ready"
            told = {
                e["state"]
                for e in self.services.bus.of("deployment.finished")
                if e["deployment"] == row.id
            }
            assert told == {row.state}
        self.history(found)
        return found

    def history(self, found: dict[str, rows.Deployment]) -> None:
        """The pointer's moves, oldest first, obey the rules; the edge and the last one agree."""
        moves = rows.moves(self.project.id, 1000)[::-1]
        assert [int(m.generation) for m in moves] == list(range(1, len(moves) + 1))
        before: Any = None
        for move in moves:
            row = found[move.deployment]
            assert (row.state, bool(row.published)) == ("ready", True)
            assert artifact_rules.manifest_key(row.id) in self.services.store.objects
            if move.moved_by == PIPELINE and before is not None:
                assert before.reason != "rolled back", "the pipeline moved a pinned pointer"
                assert row.sequence > found[before.deployment].sequence
            before = move
        route = self.services.edge.routes["race"]
        if route.site == self.project.id and not route.gone:
            assert route.production == (before.deployment if before else None)


@pytest.mark.parametrize("seed", range(6))
def test_the_newest_push_wins(services: Any, actor: Actor, jitter: None, seed: int) -> None:
    race, dice = Race(services, actor), random.Random(seed)
    pushes = [race.push("main") for _ in range(8)]
    deliveries = [one for one in pushes for _ in range(dice.randint(1, 3))]
    lost = dice.randrange(len(pushes))  # only the sweep will find it
    dice.shuffle(deliveries)

    def deliver(mine: list[Push]) -> None:
        for one in mine:
            row = create.from_push(one)
            if row is not None and row.state not in rules.TERMINAL:
                race.carry(row.id)

    race.together(
        [
            lambda i=i: deliver([d for d in deliveries[i::4] if d is not pushes[lost]])
            for i in range(4)
        ]
    )
    race.settled()
    assert project_rows.production_of(race.project.id) == create.git.deployment_id(pushes[-1])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("deleted", [False, True], ids=["kept", "deleted"])
def test_everybody_at_once(
    services: Any, actor: Actor, jitter: None, seed: int, deleted: bool
) -> None:
    race = Race(services, actor)
    for _ in range(2):
        row = create.from_push(race.push("main"))
        assert row is not None
        race.carry(row.id)

    def pusher(number: int) -> None:
        dice = random.Random(seed * 100 + number)
        for _ in range(3):
            row = create.from_push(race.push(dice.choice(["main", "main", "topic"])))
            if row is None:
                return
            if dice.random() < 0.3:  # the sweep took the execution for lost: there are two
                race.together([partial(race.carry, row.id)] * 2)
            elif dice.random() < 0.8:
                race.carry(row.id)

    def uploader() -> None:
        for _ in range(2):
            identifier = race.upload()
            race.overtaken(identifier)
            race.carry(identifier)

    def people() -> None:
        dice = random.Random(seed)
        for _ in range(6):
            race.person(dice)
            time.sleep(dice.random() * 0.03)

    def sweeper() -> None:
        for _ in range(3):
            time.sleep(0.05)
            sweep.sweep()

    def deleter() -> None:
        time.sleep(random.Random(seed).random() * 0.5)
        projects.delete(projects.resolve(race.project.id))

    race.together(
        [lambda: pusher(1), lambda: pusher(2), uploader, people, sweeper, *([deleter] * deleted)]
    )
    found = race.settled()
    assert found
    if deleted:
        assert services.edge.routes["race"].gone
        assert race.project.id not in services.repositories.projects()
        heir = projects.create(actor, "Race")
        sweep.sweep()
        assert services.edge.routes["race"].site == heir.id
