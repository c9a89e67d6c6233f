"""What keeps a release from visitors, over HTTP: locks, pins, freezes, approvals."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, sweep
from chalicelib.git.rules import Push
from tests.fakes import line
from tests.fakes.people import api_key, member

_numbers = itertools.count(1_820_000_000_000_000_000, 1_000_000)


@pytest.fixture
def project(owner: Any) -> str:
    answer = owner.client.post("/v1/projects", {"name": "Shop", "slug": "shop"})
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def pushed(services: Any, project: str, by: str = "usr_x", commit: str = "") -> str:
    sequence = next(_numbers)
    commit = commit or f"{sequence:040x}"
    services.repositories.push(project, "main", commit, archive=commit.encode())
    row = create.from_push(Push(project, "main", commit, sequence, by))
    assert row is not None
    line.carry(services, row.id)
    return str(row.id)


def live(services: Any) -> str | None:
    return services.edge.routes["shop"].production


def held(owner: Any, deployment: str) -> Any:
    return owner.client.get(f"/v1/deployments/{deployment}").json()["held"]


def delivers(owner: Any, project: str, **said: Any) -> None:
    answer = owner.client.patch(f"/v1/projects/{project}", {"delivery": said})
    assert answer.status == 200, answer.text


def test_a_lock_holds_pushes_and_people_but_no_rollback(
    services: Any, owner: Any, project: str
) -> None:
    first, second = pushed(services, project), pushed(services, project)
    path = f"/v1/projects/{project}"
    answer = owner.client.put(f"{path}/lock", {"reason": "sale"})
    assert answer.status == 200
    assert answer.json()["reason"] == "sale"
    assert owner.client.get(path).json()["lock"]["by"] == owner.id
    third = pushed(services, project)
    assert live(services) == second
    assert held(owner, third)["because"] == "locked"
    assert "sale" in held(owner, third)["detail"]
    refused = owner.client.post(f"{path}/promote", {"deployment": third})
    assert (refused.status, refused.json()["code"]) == (409, "project_locked")
    never = owner.client.post(f"{path}/rollback", {"to": third})
    assert (never.status, never.json()["code"]) == (409, "project_locked")
    assert owner.client.post(f"{path}/rollback", {}).status == 200
    assert live(services) == first
    assert owner.client.delete(f"{path}/lock").status == 204
    assert live(services) == first  # still pinned, and chosen since
    assert owner.client.get(path).json()["lock"] is None


def test_what_waited_for_a_lock_goes_live_the_newest_of_it(
    services: Any, owner: Any, project: str
) -> None:
    pushed(services, project)
    owner.client.put(f"/v1/projects/{project}/lock", {})
    older, newer = pushed(services, project), pushed(services, project)
    assert held(owner, older)
    assert held(owner, newer)
    owner.client.delete(f"/v1/projects/{project}/lock")
    assert live(services) == newer
    assert held(owner, older) is None
    assert held(owner, newer) is None
    assert list(rows.held_back()) == []
    assert list(rows.still_open()) == []
    moves = owner.client.get(f"/v1/projects/{project}/pointer").json()["history"]
    assert older not in {move["deployment"] for move in moves}


def test_a_pin_holds_what_is_pushed_until_it_is_taken_off(
    services: Any, owner: Any, project: str
) -> None:
    first, second = pushed(services, project), pushed(services, project)
    owner.client.post(f"/v1/projects/{project}/rollback", {"reason": "broken"})
    assert live(services) == first
    third = pushed(services, project)
    assert (live(services), held(owner, third)["because"]) == (first, "pinned")
    sweep.sweep()
    assert live(services) == first
    answer = owner.client.post(f"/v1/projects/{project}/unpin", {})
    assert answer.status == 200, answer.text
    assert (answer.json()["pinned"], answer.json()["deployment"]) == (False, third)
    assert second != live(services)


def test_who_promotes_decides_about_what_waits(services: Any, owner: Any, project: str) -> None:
    first, second = pushed(services, project), pushed(services, project)
    owner.client.post(f"/v1/projects/{project}/rollback", {})
    third = pushed(services, project)
    owner.client.post(f"/v1/projects/{project}/promote", {"deployment": second})
    sweep.sweep()
    assert live(services) == second
    assert held(owner, third) is None
    assert first != second


def test_a_freeze_holds_until_it_ends_and_the_sweep_goes_on(
    services: Any, owner: Any, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pushed(services, project)
    begins = datetime.now(UTC) - timedelta(hours=1)
    ends = (begins + timedelta(hours=3)).replace(second=0, microsecond=0)
    span = {"from": f"{begins:%Y-%m-%dT%H:%M}", "to": f"{ends:%Y-%m-%dT%H:%M}"}
    delivers(owner, project, freezes=[{**span, "timezone": "UTC", "reason": "launch day"}])
    second = pushed(services, project)
    assert live(services) == first
    why = held(owner, second)
    assert (why["because"], why["detail"]) == ("frozen", "launch day")
    assert why["until"] == clock.iso(int(ends.timestamp() * 1000))
    sweep.sweep()
    assert live(services) == first
    refused = owner.client.post(f"/v1/projects/{project}/promote", {"deployment": second})
    assert (refused.status, refused.json()["code"]) == (409, "release_frozen")
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 3 * 3600 * 1000)
    assert sweep.sweep()["carried_on"] == 1
    assert live(services) == second


def test_approvals_are_of_people_of_this_commit_and_not_of_its_author(
    services: Any, owner: Any, project: str
) -> None:
    from tests.fakes.client import Client

    first = pushed(services, project, owner.id)
    delivers(owner, project, approvals=2)
    ada, bob = (member(Client(), owner, "developer") for _ in range(2))
    second = pushed(services, project, owner.id)
    commit = owner.client.get(f"/v1/deployments/{second}").json()["commit"]
    assert (held(owner, second)["because"], held(owner, second)["missing"]) == ("approval", 2)
    path = f"/v1/deployments/{second}/approve"
    own = owner.client.post(path, {"commit": commit})
    assert (own.status, own.json()["code"]) == (403, "own_release")
    other = ada.client.post(path, {"commit": "b" * 40})
    assert (other.status, other.json()["code"]) == (409, "commit_differs")
    key = api_key(ada, team=owner.team, scopes=["release.approve"])
    machine = key.post(path, {"commit": commit})
    assert (machine.status, machine.json()["code"]) == (403, "person_required")
    once = ada.client.post(path, {"commit": commit})
    assert once.status == 200
    assert once.json()["missing"] == 1
    twice = ada.client.post(path, {"commit": commit})
    assert twice.json()["missing"] == 1
    assert live(services) == first
    assert held(owner, second)["missing"] == 1
    refused = owner.client.post(f"/v1/projects/{project}/promote", {"deployment": second})
    assert refused.json()["code"] == "approval_missing"
    assert bob.client.post(path, {"commit": commit}).json()["missing"] == 0
    assert live(services) == second
    third = pushed(services, project, owner.id)  # a new commit needs new ones
    assert held(owner, third)["missing"] == 2
    again = pushed(services, project, owner.id, commit)  # the commit that was approved
    assert live(services) == again
    shown = owner.client.get(f"/v1/deployments/{again}/approvals").json()
    assert {one["user"] for one in shown["items"]} == {ada.id, bob.id}


def test_only_admins_count_where_only_they_do(services: Any, owner: Any, project: str) -> None:
    from tests.fakes.client import Client

    delivers(owner, project, approvals=1, approvers="admins")
    ada, eve = (member(Client(), owner, role) for role in ("admin", "developer"))
    made = pushed(services, project)
    commit = owner.client.get(f"/v1/deployments/{made}").json()["commit"]
    path = f"/v1/deployments/{made}/approve"
    refused = eve.client.post(path, {"commit": commit})
    assert (refused.status, refused.json()["code"]) == (403, "approver_required")
    assert services.edge.routes["shop"].production is None
    assert ada.client.post(path, {"commit": commit}).status == 200
    assert live(services) == made


def test_a_developer_changes_no_rule_that_holds_releases(
    services: Any, owner: Any, project: str
) -> None:
    from tests.fakes.client import Client

    eve = member(Client(), owner, "developer")
    path = f"/v1/projects/{project}"
    assert eve.client.patch(path, {"delivery": {"strategy": "canary"}}).status == 200
    for said in ({"approvals": 1}, {"freezes": [weekend()]}):
        assert eve.client.patch(path, {"delivery": said}).status == 403
    delivers(owner, project, approvals=1, freezes=[weekend()])
    assert eve.client.patch(path, {"delivery": {}}).status == 403
    assert eve.client.put(f"{path}/lock", {}).status == 403
    kept = {"approvals": 1, "freezes": [weekend()], "skew_seconds": 60}
    assert eve.client.patch(path, {"delivery": kept}).status == 200
    shown = owner.client.get(path).json()["delivery"]
    assert shown["freezes"][0]["weekly"] == weekend()["weekly"]


def weekend() -> dict[str, Any]:
    return {
        "weekly": {"days": ["fri", "sat"], "from": "16:00", "to": "16:00"},
        "timezone": "Europe/Berlin",
        "reason": "weekend",
    }


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"strategy": "canary", "steps": [{"weight": 5.001, "seconds": 1}]}, "/steps/0/weight"),
        ({"steps": [{"weight": 5, "seconds": 1}]}, "/steps"),
        ({"match": {"kind": "country", "values": ["de"]}}, "/match/values/0"),
        ({"match": {"kind": "header", "name": "x y", "values": ["1"]}}, "/match/name"),
        ({"checks": [{"path": "//evil.example/"}]}, "/checks/0/path"),
        ({"freezes": [{"from": "2026-01-01T00:00", "to": "2025-01-01T00:00"}]}, "/freezes/0/to"),
        ({"freezes": [{"timezone": "Mars/Crater"}]}, "/freezes/0/timezone"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(
    owner: Any, project: str, said: dict[str, Any], pointer: str
) -> None:
    answer = owner.client.patch(f"/v1/projects/{project}", {"delivery": said})
    assert (answer.status, answer.json()["code"]) == (422, "invalid_delivery_settings")
    assert answer.json()["errors"][0]["pointer"] == "/delivery" + pointer


def test_an_author_does_not_become_another_person_by_a_key(
    services: Any, owner: Any, project: str
) -> None:
    """Pushing with an API key of one's own is pushing."""
    from tests.fakes.client import Client

    pushed(services, project, owner.id)
    delivers(owner, project, approvals=1)
    ada = member(Client(), owner, "developer")
    key = api_key(ada, team=owner.team)
    listed = ada.client.get(f"/v1/keys?team={owner.team}").json()["items"]
    second = pushed(services, project, listed[0]["id"])
    commit = owner.client.get(f"/v1/deployments/{second}").json()["commit"]
    assert key is not None
    own = ada.client.post(f"/v1/deployments/{second}/approve", {"commit": commit})
    assert (own.status, own.json().get("code")) == (403, "own_release")
    assert live(services) != second


def test_an_author_does_not_become_another_person_by_somebody_elses_redeploy(
    services: Any, owner: Any, project: str
) -> None:
    from tests.fakes.client import Client

    first = pushed(services, project, owner.id)
    delivers(owner, project, approvals=1)
    ada, bob = (member(Client(), owner, "developer") for _ in range(2))
    second = pushed(services, project, ada.id)
    commit = owner.client.get(f"/v1/deployments/{second}").json()["commit"]
    third = pushed(services, project, bob.id, commit)
    own = ada.client.post(f"/v1/deployments/{third}/approve", {"commit": commit})
    assert (own.status, own.json().get("code")) == (403, "own_release")
    assert live(services) == first


def test_who_approved_of_a_commit_and_then_pushed_it_has_approved_of_nothing(
    services: Any, owner: Any, project: str
) -> None:
    from tests.fakes.client import Client

    first = pushed(services, project, owner.id)
    delivers(owner, project, approvals=2)
    ada = member(Client(), owner, "developer")
    second = pushed(services, project, owner.id)
    commit = owner.client.get(f"/v1/deployments/{second}").json()["commit"]
    assert ada.client.post(f"/v1/deployments/{second}/approve", {"commit": commit}).status == 200
    delivers(owner, project, approvals=1)
    again = pushed(services, project, ada.id, commit)
    assert live(services) == first
    assert held(owner, again)["missing"] == 1


def test_who_may_not_touch_production_does_not_approve_for_it(
    services: Any, owner: Any, project: str
) -> None:
    from tests.fakes.client import Client

    first = pushed(services, project, owner.id)
    delivers(owner, project, approvals=1)
    ada = member(Client(), owner, "developer")
    rule = {
        "effect": "deny",
        "roles": ["developer"],
        "actions": ["release.approve"],
        "conditions": {"environment": ["production"]},
    }
    made = owner.client.put(f"/v1/teams/{owner.team}/policies/calm", rule)
    assert made.status in {200, 201}, made.text
    second = pushed(services, project, owner.id)
    commit = owner.client.get(f"/v1/deployments/{second}").json()["commit"]
    refused = ada.client.post(f"/v1/deployments/{second}/approve", {"commit": commit})
    assert refused.status == 403, refused.text
    assert live(services) == first
