"""Every look of the judge is kept beside its rollout, once, and can be read."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.live import feed
from chalicelib.ports import SmokeAnswer
from chalicelib.projects import actions as projects
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import people
from chalicelib.rollouts.rows import LookRow, Rollout
from chalicelib.rollouts.rules import looks, states
from functions.rollouts import look
from tests.api.rolling import Hands, Site
from tests.unit.rollouts.visits import Version


@pytest.fixture
def canary(owner: Any, services: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A live site of somebody who is signed in, whose next push goes out in steps."""
    actor = Actor(kind="user", id=owner.id, user=owner.id)
    site = Site(services, Hands(monkeypatch), actor, projects.create(actor, "My Site"))
    site.deploy()
    site.delivers(strategy="canary")
    return site


def kept(site: Site) -> list[LookRow]:
    """All looks at the newest rollout, oldest first."""
    found, following = rows.looks_page(site.rollout().id, 1000, None)
    assert following is None
    return found[::-1]


def test_every_look_is_there_with_its_numbers(canary: Site) -> None:
    canary.deploy()
    visited = canary.run()
    found = kept(canary)
    assert [int(one.number) for one in found] == list(range(1, visited.count("Look") + 1))
    assert [one.outcome for one in found if one.outcome != "wait"] == ["pass"] * 3
    assert [one.told["weight"] for one in found if one.outcome == "pass"] == [500, 2500, 5000]
    assert found[-1].told == canary.rollout().verdict
    seen = [one.told["numbers"]["canary"]["requests"] for one in found]
    new = [one.told["numbers"]["recent"]["canary"]["requests"] for one in found]
    assert seen == [sum(new[: n + 1]) for n in range(len(new))]
    assert sum(new) > 1000
    lasts = {int(one.ttl) - clock.epoch() for one in found}
    assert min(lasts) > looks.KEPT_SECONDS - 2000


def test_they_are_read_newest_first_in_pages(canary: Site, owner: Any) -> None:
    canary.deploy(Version(errors=0.2))
    canary.rate = 1.0
    canary.run()
    path = f"/v1/projects/{canary.project.slug}/rollouts/{canary.rollout().id}/looks"
    first = owner.client.get(f"{path}?limit=3").json()
    rest = owner.client.get(f"{path}?limit=100&cursor={first['next']}").json()
    numbers = [one["number"] for one in first["items"] + rest["items"]]
    assert numbers == list(range(len(kept(canary)), 0, -1))
    assert rest["next"] is None
    newest = first["items"][0]
    assert newest["outcome"] == "abort"
    assert newest["weight"] == 5
    assert "errors" in newest["why"][0]
    assert newest["by"] is None
    most = [max(one["numbers"]["evidence"].values()) for one in first["items"]]
    assert most[0] >= newest["numbers"]["needed"] > max(most[1:])
    other = projects.create(canary.actor, "Other")
    answer = owner.client.get(path.replace(canary.project.slug, other.slug))
    assert (answer.status, answer.json()["code"]) == (404, "rollout_not_found")


def test_the_graph_has_them_as_well(canary: Site, owner: Any) -> None:
    canary.deploy()
    canary.run(lambda: int(canary.rollout().step) == 1)
    query = """query($p: String!) { project(project: $p) { rollouts(limit: 1) { items {
        looks(limit: 2) { items { number outcome numbers { recent { live { requests } } } } }
    } } } }"""
    body = {"query": query, "variables": {"p": canary.project.slug}}
    answer = owner.client.post("/v1/graphql", body).json()
    rollout = answer["data"]["project"]["rollouts"]["items"][0]
    numbers = [one["number"] for one in rollout["looks"]["items"]]
    assert numbers == [len(kept(canary)), len(kept(canary)) - 1]
    assert rollout["looks"]["items"][0]["numbers"]["recent"]["live"]["requests"] > 0


def test_a_look_that_is_asked_for_twice_is_two_and_loses_none(canary: Site) -> None:
    """The first answer got lost: the machine asks again, and the judge looks again."""
    canary.deploy()
    canary.run(lambda: len(kept(canary)) == 2)
    _, data = canary.started()[-1]
    event = {"machine": "rollout", "state": "Look", **data}
    look.handler(event, None)
    look.handler(event, None)
    assert [int(one.number) for one in kept(canary)] == [1, 2, 3, 4]


def test_a_look_that_lost_to_a_person_is_not_there(
    canary: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are written or neither: what did not count is in no list."""
    canary.deploy()
    canary.run(lambda: len(kept(canary)) == 2)
    _, data = canary.started()[-1]
    real = rows.change
    lost: list[bool] = []

    def late(row: Rollout, look: LookRow | None = None, **values: Any) -> bool:
        if look is not None and not lost:
            lost.append(True)
            people.pause(canary.actor, canary.project, row.id)
        return real(row, look, **values)

    monkeypatch.setattr(rows, "change", late)
    outcome = look.handler({"machine": "rollout", "state": "Look", **data}, None)
    assert outcome["outcome"] == "over"
    assert lost
    assert canary.rollout().state == states.PAUSED
    assert [int(one.number) for one in kept(canary)] == [1, 2]
    people.resume(canary.actor, canary.project, canary.rollout().id)
    canary.run()
    assert canary.rollout().state == "completed"
    numbers = [int(one.number) for one in kept(canary)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_old_ones_are_thinned_and_decisions_stay(
    canary: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "ALL_OF", 5)
    canary.deploy()
    canary.run()
    found = kept(canary)
    count = int(found[-1].number)
    assert [int(one.number) for one in found[-5:]] == list(range(count - 4, count + 1))
    assert [one.outcome for one in found].count("pass") == 3
    older = [one for one in found if int(one.number) <= count - 5]
    assert {int(one.number) % 10 for one in older if one.outcome == "wait"} <= {0}


def test_a_look_tells_those_who_watch(canary: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(feed, "changed", lambda _team, _project, *what: told.append(what))
    canary.deploy()
    canary.run(lambda: int(canary.rollout().step) == 1)
    count = len(kept(canary))
    assert told.count(("look", canary.rollout().id)) == count


def test_checks_say_what_they_got(canary: Site) -> None:
    canary.delivers(strategy="canary", checks=[{"path": "/health", "status": 204}])
    row = canary.deploy()
    canary.services.edge.default = SmokeAnswer(204, row.id, 3)
    canary.run(lambda: int(canary.rollout().step) == 1)
    expected = [{"path": "/health", "status": 204, "answered": 204}]
    assert all(one.told["checks"] == expected for one in kept(canary))


def test_what_people_did_stands_among_what_was_decided(canary: Site, owner: Any) -> None:
    canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    path = f"/v1/projects/{canary.project.slug}/rollouts/{canary.rollout().id}"
    for deed in ("pause", "resume", "advance"):
        assert owner.client.post(f"{path}/{deed}").status == 200
    assert owner.client.post(f"{path}/abort", {"reason": "no good"}).status == 200
    history = owner.client.get(path).json()["history"]
    by_hand = [(one["outcome"], one["why"][0]) for one in history if one["by"]]
    assert by_hand == [
        ("pause", "Paused by hand."),
        ("resume", "Resumed by hand."),
        ("pass", "Passed by hand."),
        ("abort", "no good"),
    ]
    assert {one["by"] for one in history if one["by"]} == {owner.id}
