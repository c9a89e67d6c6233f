"""Death at every single write of everything a deployment goes through: it always ends well.

For every k the k-th write is the last thing that a process does: it is applied, or it is not, and
nobody is left. Sometimes the call is just repeated, sometimes the execution is lost as well. Then
the rest of the cloud goes on, and the sweep comes by.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.core.actor import Actor
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import create, pointer, steps, sweep
from chalicelib.git import actions as git
from chalicelib.ports import Head
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from chalicelib.teams import actions as teams
from tests.fakes import fake_services
from tests.fakes.crash import Cloud, Crash, Death, FaultError, listing

_numbers = itertools.count(1)
WAYS = [
    pytest.param(Death, False, False, id="died-before"),
    pytest.param(Death, True, False, id="died-after"),
    pytest.param(Death, False, True, id="forgotten-before"),
    pytest.param(Death, True, True, id="forgotten-after"),
    pytest.param(FaultError, False, False, id="failed-before"),
    pytest.param(FaultError, True, False, id="failed-after"),
]
ways = pytest.mark.parametrize(("kind", "applied", "forgets"), WAYS)


@pytest.fixture
def actor(database: Any, services: Any, monkeypatch: Any) -> Actor:
    monkeypatch.setattr(sweep, "QUIET_MS", -1)
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


class Story:
    """A project in a cloud of its own, and a crash that waits for its moment."""

    def __init__(self, monkeypatch: Any, actor: Actor, crash: Crash, forgets: bool) -> None:
        self.actor, self.crash = actor, crash
        crash.armed = False
        self.services: Any = fake_services()
        wiring.install(lambda: self.services)
        self.cloud = Cloud(self.services, forgets)
        self.project = projects.create(actor, "Site", slug=f"site-{next(_numbers)}")
        crash.install(monkeypatch, self.services)

    def push(self, branch: str = "main") -> str:
        """Push, as the hook of the remote does, and give the deployment's id."""
        sequence = 1_700_000_000_000_000_000 + next(_numbers) * 1_000_000
        commit = f"{sequence:040x}"
        self.services.repositories.push(self.project.id, branch, commit, b"tar")
        heads = self.services.repositories.all[self.project.id].heads
        heads[branch] = Head(branch, commit, sequence)
        update = {
            "ref": f"refs/heads/{branch}",
            "old": "0" * 40,
            "new": commit,
            "sequence": sequence,
        }
        taken = self.cloud.patiently(
            lambda: git.receive(self.project.id, [update], "usr", f"delivery-{sequence}")
        )
        return str(taken[0].deployment)

    def consistent(self) -> None:
        """What must be true of every project at rest."""
        assert list(rows.still_open()) == []
        found = project_rows.get(self.project.id)
        assert found is not None
        route = self.services.edge.routes[self.project.slug]
        live_id = project_rows.production_of(self.project.id)
        assert route.gone == bool(found.deleted_at)
        if not route.gone:
            assert route.production == live_id
        if live_id:
            live = rows.get(live_id)
            assert live is not None
            assert live.state == "ready"
            assert live.published
            assert artifact_rules.manifest_key(live_id) in self.services.store.objects
        moves = [int(m.generation) for m in rows.moves(self.project.id)]
        assert moves == list(range(len(moves), 0, -1))

    def ended(self, deployment: str, *states: str) -> rows.Deployment:
        """The deployment, which ended in one of these states, and everybody knows."""
        row = rows.get(deployment)
        assert row is not None
        assert row.state in states, (row.state, row.error, self.crash)
        told = {
            e["state"]
            for e in self.services.bus.of("deployment.finished")
            if e["deployment"] == deployment
        }
        assert told == {row.state}
        assert row.published or row.state != "ready"
        made = build_rows.get(order.build_id(deployment))
        assert made is None or made.state == "finished"
        return row


def every_write(monkeypatch: Any, actor: Actor, way: tuple[Any, bool, bool], tell: Any) -> int:
    """Tell the story once for every write in it; returns how many there were."""
    kind, applied, forgets = way
    for k in itertools.count(1):
        with monkeypatch.context() as moment:
            crash = Crash(k, applied, kind)
            story = Story(moment, actor, crash, forgets)
            tell(story)
            crash.armed = False
            story.consistent()
        if crash.count < k:
            return k - 1
    raise AssertionError


@ways
def test_a_push_goes_live_whatever_dies(
    monkeypatch: Any, actor: Actor, kind: Any, applied: bool, forgets: bool
) -> None:
    def tell(story: Story) -> None:
        story.crash.armed = True
        deployment = story.push()
        story.cloud.settle()
        story.ended(deployment, "ready")
        assert project_rows.production_of(story.project.id) == deployment
        assert len(rows.moves(story.project.id)) == 1

    assert every_write(monkeypatch, actor, (kind, applied, forgets), tell) > 20


@pytest.mark.parametrize("files", [1100])
def test_an_upload_of_many_files_goes_live_whatever_dies(
    monkeypatch: Any, actor: Actor, files: int
) -> None:
    pages = {f"p{i}.html": b"%d" % i for i in range(files)}

    def tell(story: Story) -> None:
        upload, _ = artifacts.open_upload(actor, story.project, "output")
        store = story.services.store.objects
        store[artifact_rules.list_key(upload)] = listing(pages)
        for entry in artifact_rules.read_list(listing(pages)):
            key = artifact_rules.blob_key(story.project.team, entry.sha256)
            store[key] = pages[entry.path]
        story.crash.armed = True
        row = story.cloud.patiently(
            lambda: create.from_upload(actor, story.project, upload, True, {})
        )
        story.cloud.settle()
        story.ended(row.id, "ready")
        assert len(artifacts.listing(row.id)) == files

    assert every_write(monkeypatch, actor, (Death, True, True), tell) > 25


@ways
def test_a_cancelled_deployment_is_cancelled_or_goes_live(
    monkeypatch: Any, actor: Actor, kind: Any, applied: bool, forgets: bool
) -> None:
    def tell(story: Story) -> None:
        deployment = story.push()
        story.cloud._deliver()
        name = ("deploy", deployment)
        for _ in range(2):
            story.cloud._step(name, story.services.workflow.executions[name])
        row = rows.get(deployment)
        assert row is not None
        assert row.state == "building"
        story.crash.armed = True
        try:
            create.cancel(row, actor)
        except (Death, FaultError):
            story.cloud.breaks += 1
        story.cloud.settle()
        story.ended(deployment, *(("cancelled", "ready") if story.crash.where else ("cancelled",)))

    every_write(monkeypatch, actor, (kind, applied, forgets), tell)


@pytest.mark.parametrize(("kind", "applied", "forgets"), [WAYS[1], WAYS[2]])
def test_a_superseded_deployment_ends_and_the_newer_one_goes_live(
    monkeypatch: Any, actor: Actor, kind: Any, applied: bool, forgets: bool
) -> None:
    def tell(story: Story) -> None:
        old = story.push()
        story.cloud._deliver()
        steps.prepare(old)
        story.crash.armed = True
        new = story.push()
        story.cloud.settle()
        story.ended(old, "superseded", "ready")
        story.ended(new, "ready")
        assert project_rows.production_of(story.project.id) == new

    every_write(monkeypatch, actor, (kind, applied, forgets), tell)


@pytest.mark.parametrize("applied", [False, True])
def test_a_rollback_is_done_or_not_and_the_edge_agrees(
    monkeypatch: Any, actor: Actor, applied: bool
) -> None:
    def tell(story: Story) -> None:
        first = story.push()
        story.cloud.settle()
        second = story.push()
        story.cloud.settle()
        story.crash.armed = True
        try:
            pointer.rollback(actor, story.project, first, "")
        except Death:
            story.cloud.breaks += 1
        story.cloud.settle()
        live = project_rows.pointer(story.project.id)
        assert live is not None
        assert (live.deployment, bool(live.pinned)) in {(first, True), (second, False)}

    assert every_write(monkeypatch, actor, (Death, applied, False), tell) >= 3


@pytest.mark.parametrize("applied", [False, True])
def test_a_project_is_deleted_wholly_or_not_at_all(
    monkeypatch: Any, actor: Actor, applied: bool
) -> None:
    def tell(story: Story) -> None:
        ready = story.push()
        story.cloud.settle()
        running = story.push()
        story.cloud._deliver()
        steps.prepare(running)
        variables.put_variable(actor, story.project, Scope("all"), Wish("A", "1", True))
        story.crash.armed = True
        try:
            projects.delete(projects.resolve(story.project.id))
        except Death:
            story.cloud.breaks += 1
        story.cloud.settle()
        found = project_rows.get(story.project.id)
        assert found is not None
        if not found.deleted_at:
            story.ended(running, "ready")
            return
        story.ended(running, "cancelled")
        assert project_rows.id_of_slug(found.slug) is None
        assert story.services.repositories.projects() == []
        assert list(project_rows.variables(found.id)) == []
        assert rows.get(ready).state in rules.TERMINAL  # type: ignore[union-attr]

    assert every_write(monkeypatch, actor, (Death, applied, False), tell) >= 4
