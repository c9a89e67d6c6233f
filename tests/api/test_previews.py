"""Aliases and the end of previews, on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, pointer, previews, pulls, show, sweep
from chalicelib.projects import rows as project_rows
from tests.api.pulls import actor, again, at, flow, gone, host, project, ready, sha
from tests.fakes.pull_host import PullHost

__all__ = ["actor", "host", "project"]


@pytest.mark.parametrize("fork", [True, False])
def test_closing_removes_its_previews_and_opening_builds_again(
    services: Any, project: Any, host: PullHost, fork: bool
) -> None:
    event = host.open(project.id, 7, sha("a"), at(), fork=fork)
    first = ready(services, pulls.receive(event))
    event = host.open(project.id, 7, sha("b"), at(), fork=fork)
    second = ready(services, pulls.receive(event))
    assert services.edge.routes["pr-7--shop"].production == second.id
    pulls.receive(host.close(event, at()))
    assert gone(services, first)
    assert gone(services, second)
    assert services.edge.routes["pr-7--shop"].gone
    assert again(second).state == "ready"
    assert show.view(again(second), None)["alias_url"] is None
    assert rows.pull(project.id, 7).state == "closed"  # type: ignore[union-attr]
    with pytest.raises(Conflict) as refused:
        pointer.promote(Actor(kind="user", id="usr_x"), project, second.id, "")
    assert refused.value.code == "deployment_removed"
    opened = host.open(project.id, 7, sha("b"), at(), fork=fork, action="reopened")
    third = ready(services, pulls.receive(opened))
    assert third.id not in {first.id, second.id}
    assert services.edge.routes["pr-7--shop"].production == third.id
    assert not services.edge.routes["pr-7--shop"].gone


def test_closing_ends_what_is_on_its_way(services: Any, project: Any, host: PullHost) -> None:
    event = host.open(project.id, 7, sha("a"), at(), fork=True)
    row = pulls.receive(event)
    pulls.receive(host.close(event, at()))
    assert again(row).state == "cancelled"
    opened = host.open(project.id, 7, sha("a"), at(), fork=True, action="reopened")
    assert ready(services, pulls.receive(opened)).id != row.id  # type: ignore[union-attr]


def test_what_is_closed_while_it_is_opened_stays_closed(
    services: Any, project: Any, host: PullHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The opening was confirmed by the host, then the closing came and was the faster one."""
    opened = host.open(project.id, 7, sha("a"), at(), fork=True)
    pulls.receive(host.close(opened, at()))
    monkeypatch.setattr(pulls.git, "confirm", lambda event: event)
    assert pulls.receive(opened) is None
    assert rows.pull(project.id, 7).state == "closed"  # type: ignore[union-attr]
    assert "pr-7--shop" not in services.edge.routes


def test_what_is_live_stays_when_its_pull_request_is_closed(
    services: Any, project: Any, host: PullHost
) -> None:
    event = host.open(project.id, 7, sha("a"), at())
    row = ready(services, pulls.receive(event))
    somebody = Actor(kind="user", id="usr_x")
    pointer.promote(somebody, project, row.id, "")
    pulls.receive(host.close(event, at()))
    assert not gone(services, row)
    after = ready(services, create.from_push(host.push(project.id, "main", sha("1"), at())))
    pointer.promote(somebody, project, after.id, "")
    previews.end_pull(project.id, 7)
    assert not gone(services, row)  # production may be rolled back to it
    assert pointer.rollback(somebody, project, None, "").deployment == row.id


def test_a_preview_that_another_open_pull_request_shows_stays(
    services: Any, project: Any, host: PullHost
) -> None:
    one = host.open(project.id, 7, sha("a"), at())
    two = host.open(project.id, 8, sha("a"), at(), base="next")
    row = ready(services, pulls.receive(one))
    assert pulls.receive(two).id == row.id  # type: ignore[union-attr]
    assert services.edge.routes["pr-8--shop"].production == row.id
    pulls.receive(host.close(one, at()))
    assert not gone(services, row)
    pulls.receive(host.close(two, at()))
    assert gone(services, row)


def test_previews_expire_and_what_is_needed_is_put_off(
    services: Any, project: Any, host: PullHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow(project, preview_days=3, branches=[{"match": "next", "environment": "staging"}])
    plain = ready(services, create.from_push(host.push(project.id, "a", sha("1"), at())))
    staged = ready(services, create.from_push(host.push(project.id, "next", sha("2"), at())))
    live = ready(services, create.from_push(host.push(project.id, "main", sha("3"), at())))
    assert plain.expires_at is not None
    assert live.expires_at is None
    assert sweep.sweep()["expired"] == 0
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 3 * 24 * 3600 * 1000 + 1000)
    assert sweep.sweep()["expired"] == 1
    assert gone(services, plain)
    assert services.edge.routes["a--shop"].gone
    assert not gone(services, staged)
    assert not gone(services, live)
    assert again(staged).expires_at > clock.iso()
    assert previews.expire() == 0
    assert list(services.edge.forgotten) == [plain.id]


def test_a_removal_that_died_is_finished_by_the_sweep(
    services: Any, project: Any, host: PullHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = host.open(project.id, 7, sha("a"), at(), fork=True)
    row = ready(services, pulls.receive(event))
    forget = services.edge.forget
    monkeypatch.setattr(services.edge, "forget", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pulls.receive(host.close(event, at()))
    assert again(row).removed_at
    monkeypatch.setattr(services.edge, "forget", forget)
    assert previews.expire() == 1
    assert gone(services, row)
    assert previews.expire() == 0


def test_a_deleted_project_takes_its_aliases_along(
    services: Any, project: Any, host: PullHost
) -> None:
    ready(services, create.from_push(host.push(project.id, "a", sha("1"), at())))
    found = project_rows.get(project.id)
    assert found is not None
    found.update(
        actions=[
            project_rows.Project.deleted_at.set(clock.iso()),
            project_rows.Project.gsi2pk.set(project_rows.LEAVING),
            project_rows.Project.gsi2sk.set(project.id),
        ]
    )
    sweep.sweep()
    assert services.edge.routes["a--shop"].gone
    assert rows.aliases(project.id) == []


# aliases


def test_two_branches_that_are_spelled_alike_have_an_address_each(
    services: Any, project: Any, host: PullHost
) -> None:
    one = ready(services, create.from_push(host.push(project.id, "a/b", sha("1"), at())))
    two = ready(services, create.from_push(host.push(project.id, "a-b", sha("2"), at())))
    assert services.edge.routes["a-b--shop"].production == one.id
    other = again(two).aliases[0]
    assert other != "a-b"
    assert services.edge.routes[f"{other}--shop"].production == two.id


def test_an_older_build_that_is_ready_late_takes_no_alias(
    services: Any, project: Any, host: PullHost
) -> None:
    flow(project, auto_cancel=False)
    old = create.from_push(host.push(project.id, "a", sha("1"), at()))
    new = ready(services, create.from_push(host.push(project.id, "a", sha("2"), at())))
    ready(services, old)
    assert services.edge.routes["a--shop"].production == new.id


# the world is told


def test_the_started_event_says_what_the_finished_one_does(
    services: Any, project: Any, host: PullHost
) -> None:
    row = ready(services, create.from_push(host.push(project.id, "a", sha("1"), at())))
    (started,) = services.bus.of("deployment.started")
    (finished,) = services.bus.of("deployment.finished")
    assert set(started) == set(finished)
    assert (started["state"], started["alias_url"]) == ("preparing", None)
    assert finished["alias_url"] == show.view(row, None)["alias_url"]
