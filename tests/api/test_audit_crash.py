"""A process that dies at any call of the database, and a log that is right all the same.

For every k the k-th call of an audited request is the last (it is applied, or it is not), or it
fails and the process lives. Then the schedule comes by: every change that was made has one entry,
and none has two.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from pynamodb.connection.base import Connection

from chalicelib.audit import actions, rows
from chalicelib.core import clock
from tests.api.test_crash_everywhere import Story, actor, every_write  # noqa: F401  # a fixture
from tests.fakes.crash import Death, FaultError

WAYS = [
    pytest.param(kind, applied, id=f"{kind.__name__}-{'after' if applied else 'before'}")
    for kind in (Death, FaultError)
    for applied in (False, True)
]
ways = pytest.mark.parametrize(("kind", "applied"), WAYS)


@contextmanager
def breaking(at: int, kind: type[BaseException], applied: bool) -> Iterator[list[str]]:
    """The `at`-th call of the database is the last, or fails; the calls there were."""
    real = Connection._make_api_call
    made: list[str] = []

    def call(connection: Any, operation: str, *arguments: Any, **named: Any) -> Any:
        made.append(operation)
        if len(made) != at:
            if kind is Death and len(made) > at:
                raise Death("nobody is left")
            return real(connection, operation, *arguments, **named)
        if applied:
            real(connection, operation, *arguments, **named)
        raise kind(f"{operation}, call {at}")

    with pytest.MonkeyPatch.context() as moment:
        moment.setattr(Connection, "_make_api_call", call)
        yield made


def later(monkeypatch: Any, minutes: int) -> None:
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + minutes * 60_000)


def every_call(
    kind: type[BaseException], applied: bool, begin: Callable[[int], Callable[[], Any]]
) -> int:
    """`begin(k)` prepares a try and gives what breaks at its k-th call; returns how many."""
    for k in itertools.count(1):
        request = begin(k)
        with breaking(k, kind, applied) as made, suppress(Death, FaultError):
            request()
        if len(made) < k:
            return k - 1
    raise AssertionError


def told(team: str, **wanted: Any) -> list[dict[str, Any]]:
    found = [row.entry() for row in rows.entries(team)]
    return [e for e in found if all(e[name] == value for name, value in wanted.items())]


def waiting() -> int:
    return sum(len(list(rows.trails(shard))) for shard in range(rows.TRAIL_SHARDS))


@ways
def test_what_is_made_has_one_entry(owner, monkeypatch, kind, applied):
    slugs = []

    def begin(k: int) -> Callable[[], Any]:
        slugs.append(f"site-{k}")
        return lambda: owner.client.post("/v1/projects", {"name": "x", "slug": slugs[-1]})

    assert every_call(kind, applied, begin) >= 6
    actions.finish()
    later(monkeypatch, 3)
    actions.finish()
    assert waiting() == 0
    unknown = 0
    for slug in slugs:
        there = owner.client.get(f"/v1/projects/{slug}").status == 200
        found = told(owner.team, action="projects.create", after={"name": "x", "slug": slug})
        assert len(found) <= 1, slug
        assert found or not there, slug
        unknown += bool(found and found[0]["outcome"] == "unknown")
        if found and found[0]["outcome"] == "ok":
            assert there, slug
    assert unknown
    assert actions.verify(owner.team).ok


@ways
def test_what_is_changed_and_removed_has_one_entry(owner, monkeypatch, kind, applied):
    numbers = []

    def begin(k: int) -> Callable[[], Any]:
        made = owner.client.post("/v1/projects", {"name": "x", "slug": f"site-{k}"})
        project = made.json()["id"]
        numbers.append(project)
        return lambda: owner.client.delete(f"/v1/projects/{project}")

    assert every_call(kind, applied, begin) >= 5
    later(monkeypatch, 3)
    actions.finish()
    assert waiting() == 0
    for project in numbers:
        gone = owner.client.get(f"/v1/projects/{project}").status == 404
        found = told(owner.team, action="projects.delete", resource=project)
        assert len(found) <= 1
        assert found or not gone
    assert actions.verify(owner.team).ok


@ways
def test_the_schedule_may_die_as_well(owner, kind, applied):
    from chalicelib.core.actor import Actor
    from chalicelib.core.trail import Trail

    ids = []

    def begin(k: int) -> Callable[[], Any]:
        for number in range(2):
            ids.append(f"req_{k}_{number}")
            trail = Trail(ids[-1], clock.now_ms(), "a.b", Actor("user", "u", "u"), owner.team)
            actions.Log().open(trail)
        return actions.finish

    with pytest.MonkeyPatch.context() as moment:
        moment.setattr("chalicelib.audit.actions.recorder.GRACE_MS", -1)
        assert every_call(kind, applied, begin) >= 10
        actions.finish()
    found = [e["id"] for e in told(owner.team, action="a.b")]
    assert sorted(found) == sorted(ids)
    assert waiting() == 0
    assert actions.verify(owner.team).ok


def test_a_log_that_cannot_be_written_does_not_undo_a_change(owner, monkeypatch):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no log today")

    with pytest.MonkeyPatch.context() as moment:
        moment.setattr(rows, "append", broken)
        answer = owner.client.post("/v1/projects", {"name": "Kept"})
        assert answer.status == 201
    assert told(owner.team, action="projects.create") == []
    assert actions.finish() == {"finished": 1, "unknown": 0, "troubled": 0}
    (found,) = told(owner.team, action="projects.create")
    assert (found["outcome"], found["resource"]) == ("ok", answer.json()["id"])


def test_nothing_is_changed_when_it_cannot_be_announced(owner):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no table today")

    with pytest.MonkeyPatch.context() as moment:
        moment.setattr(rows, "open_trail", broken)
        assert owner.client.post("/v1/projects", {"name": "x", "slug": "never"}).status == 500
    assert owner.client.get("/v1/projects/never").status == 404


def test_a_broken_trail_does_not_keep_the_others(owner, monkeypatch):
    rows.TrailRow("TRAIL#0", "req_broken", draft="{", at_ms=1).save()
    actions.Log().open(_trail(owner.team))
    later(monkeypatch, 3)
    count = actions.finish()
    assert (count["unknown"], count["troubled"]) == (1, 1)


def _trail(team: str) -> Any:
    from chalicelib.core.actor import Actor
    from chalicelib.core.trail import Trail

    return Trail("req_1", clock.now_ms(), "a.b", Actor("user", "u", "u"), team)


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_a_push_has_its_entries_once_whatever_dies(monkeypatch, actor, applied):  # noqa: F811
    def tell(story: Story) -> None:
        story.crash.armed = True
        deployment = story.push()
        story.cloud.settle()
        story.crash.armed = False
        actions.finish()
        team = story.project.team
        for action in ("push", "ready"):
            found = told(team, action=f"deployments.{action}", resource=deployment)
            assert len(found) == 1, (action, story.crash)
        live = told(team, action="deployments.go_live", resource=story.project.id)
        assert [e["after"]["deployment"] for e in live] == [deployment]

    assert every_write(monkeypatch, actor, (Death, applied, False), tell) > 20
    assert waiting() == 0
