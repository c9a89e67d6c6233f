"""Programs that push to branches of our own, and approvals that race with what is pushed next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, pulls
from chalicelib.git.providers import Tip
from chalicelib.projects.rules import asked
from tests.api.pulls import actor, again, at, flow, host, project, ready, sha, spec
from tests.fakes.pull_host import PullHost

__all__ = ["actor", "host", "project"]

BRANCH = "dependabot/npm"


def pushed(host: PullHost, project: Any, commit: str, **tip: Any) -> Any:
    return replace(host.push(project.id, BRANCH, commit, at(), **tip), bot=True)


def opened(host: PullHost, project: Any, commit: str) -> Any:
    return host.open(project.id, 7, commit, at(), branch=BRANCH, bot=True, author="dependabot")


def said(row: rows.Deployment | None) -> tuple[str, str, str]:
    assert row is not None
    return row.trust, row.environment or "", row.target


def test_what_a_program_pushes_gets_nothing_of_ours(
    services: Any, project: Any, host: PullHost
) -> None:
    row = ready(services, create.from_push(pushed(host, project, sha("a"))))
    assert said(row) == ("untrusted", "preview", "preview")
    assert (spec(row)["trusted"], spec(row)["trust"]) == (False, "untrusted")


ORDERS: list[Callable[[Any, Any], list[Any]]] = [
    lambda push, pull: [create.from_push(push), pulls.receive(pull)],
    lambda push, pull: [pulls.receive(pull), create.from_push(push)],
]


@pytest.mark.parametrize("take", ORDERS, ids=["push first", "pull first"])
def test_its_push_and_its_pull_request_are_one_deployment(
    services: Any, project: Any, host: PullHost, actor: Actor, take: Any
) -> None:
    push = pushed(host, project, sha("a"))
    one, two = take(push, opened(host, project, sha("a")))
    assert one.id == two.id
    assert said(again(one)) == ("untrusted", "preview", "preview")
    approved = pulls.approve(actor, project, 7, sha("a"))
    assert approved.trust == "approved"
    row = ready(services, rows.get(approved.deployment))
    assert (row.trust, row.id != one.id, again(one).state) == ("approved", True, "superseded")
    late = replace(push, sequence=at())
    assert create.from_push(late).id == row.id  # type: ignore[union-attr]
    assert services.edge.routes["pr-7--shop"].production == row.id
    assert services.edge.routes["dependabot-npm--shop"].production == row.id


def test_whoever_tells_of_it_next_makes_it_no_persons(project: Any, host: PullHost) -> None:
    push = pushed(host, project, sha("a"))
    row = create.from_push(push)
    polled = replace(push, bot=False, pusher="git", sequence=at())
    assert create.from_push(polled).id == row.id  # type: ignore[union-attr]
    assert again(row).trust == "untrusted"
    mine = create.from_push(host.push(project.id, BRANCH, sha("b"), at()))
    assert mine is not None
    assert mine.trust == "trusted"  # a person pushed on top, and has seen what is below


def test_a_pull_request_of_a_program_is_never_more_than_its_push(
    project: Any, host: PullHost
) -> None:
    first = create.from_push(host.push(project.id, BRANCH, sha("a"), at()))
    second = pulls.receive(opened(host, project, sha("a")))
    assert said(second) == ("untrusted", "preview", "preview")
    assert again(first).state == "superseded"
    assert rows.head(project.id, BRANCH).deployment == second.id  # type: ignore[union-attr]


def test_a_commit_that_a_program_wrote_is_known_by_itself(project: Any, host: PullHost) -> None:
    # the poller, and a person's webhook that came late, know nobody else who pushed
    row = create.from_push(host.push(project.id, BRANCH, sha("a"), at(), bot=True))
    assert said(row) == ("untrusted", "preview", "preview")


def test_a_rule_lets_a_program_write_where_it_leads(
    services: Any, project: Any, host: PullHost
) -> None:
    flow(project, branches=[{"match": "dependabot/**", "environment": "staging"}])
    assert said(create.from_push(pushed(host, project, sha("a")))) == (
        "trusted",
        "staging",
        "preview",
    )
    live = create.from_push(replace(host.push(project.id, "main", sha("1"), at()), bot=True))
    assert said(live) == ("trusted", "production", "production")


def test_a_program_makes_no_branch_the_production_branch(project: Any, host: PullHost) -> None:
    project.update(actions=[type(project).production_branch.set("")])
    assert said(create.from_push(pushed(host, project, sha("a"))))[0] == "untrusted"
    assert create.living(project.id).production_branch == ""  # type: ignore[union-attr]


def test_it_waits_where_strangers_wait(project: Any, host: PullHost, actor: Actor) -> None:
    flow(project, forks="approval")
    assert create.from_push(pushed(host, project, sha("a"))) is None
    assert pulls.receive(opened(host, project, sha("a"))) is None
    approved = pulls.approve(actor, project, 7, sha("a"))
    row = rows.get(approved.deployment)
    assert said(row) == ("approved", "preview", "preview")


def test_nobody_deploys_it_by_its_name(
    services: Any, project: Any, host: PullHost, actor: Actor
) -> None:
    create.from_push(pushed(host, project, sha("a"), bot=True))
    by_name = create.from_reference(actor, project, BRANCH, False)
    assert by_name.trust == "untrusted"
    key = asked.key_of("hook", ids.new("hok"), clock.now_ms())
    hooked = create.from_asked(project.id, BRANCH, "hook", "hok_x", key)
    assert said(hooked) == ("untrusted", "preview", "preview")
    tries: list[dict[str, Any]] = [
        {"reference": sha("a"), "production": False},
        {"reference": BRANCH, "production": True},
        {"reference": BRANCH, "production": False, "environment": "staging"},
    ]
    for wanted in tries:
        with pytest.raises(Conflict) as refused:
            create.from_reference(actor, project, **wanted)
        assert refused.value.code == "commit_not_approved"
    merged = host.push(project.id, "main", sha("a"), at(), bot=True)  # squashed, as hosts do
    assert said(create.from_push(merged)) == ("trusted", "production", "production")
    assert create.from_reference(actor, project, "main", None).trust == "trusted"


def test_without_auto_cancel_an_approval_still_ends_the_build_without_variables(
    project: Any, host: PullHost, actor: Actor
) -> None:
    flow(project, auto_cancel=False)
    bare = pulls.receive(host.open(project.id, 7, sha("e"), at(), fork=True))
    pulls.approve(actor, project, 7, sha("e"))
    assert again(bare).state == "superseded"
    newer = pulls.receive(host.open(project.id, 7, sha("f"), at(), fork=True))
    assert newer is not None
    assert newer.trust == "untrusted"
    approved = rows.pull(project.id, 7)
    assert approved is not None
    assert approved.deployment == newer.id


@pytest.mark.parametrize("when", [at, time.time_ns], ids=["before it", "after it"])
@pytest.mark.parametrize("moment", ["approve_commit", "is_approved"])
def test_an_approval_is_not_put_over_what_was_pushed_meanwhile(
    project: Any, host: PullHost, actor: Actor, monkeypatch: Any, when: Any, moment: str
) -> None:
    pulls.receive(host.open(project.id, 7, sha("e"), when(), fork=True))
    newer = host.open(project.id, 7, sha("f"), when(), fork=True)
    real = getattr(rows, moment)

    def meanwhile(*of: Any) -> Any:
        found = real(*of)
        monkeypatch.setattr(rows, moment, real)
        pulls.receive(newer)
        return found

    monkeypatch.setattr(rows, moment, meanwhile)
    with pytest.raises(Conflict) as moved:
        pulls.approve(actor, project, 7, sha("e"))
    assert moved.value.code == "head_moved"
    found = rows.pull(project.id, 7)
    assert found is not None
    assert (found.commit, found.trust) == (sha("f"), "untrusted")
    assert rows.get(found.deployment).commit == sha("f")  # type: ignore[union-attr]


def test_what_cannot_be_a_branch_is_not_asked_for(
    project: Any, host: PullHost, actor: Actor
) -> None:
    host.tips["refs/heads/../../../../acme/secret/git/ref/heads/main"] = Tip(sha("5"))
    with pytest.raises(Invalid) as refused:
        create.from_reference(actor, project, "../../../../acme/secret/git/ref/heads/main", False)
    assert refused.value.code == "invalid_branch"


def test_two_that_note_something_at_once_both_do(project: Any, host: PullHost) -> None:
    row = create.from_push(host.push(project.id, "a", sha("1"), at()))
    one, two = again(row), again(row)
    for number, stale in ((7, one), (8, two)):
        rows.note(stale, "pulls", number)
        rows.note(stale, "aliases", f"pr-{number}")
    found = again(row)
    assert (found.pulls, found.pull, found.aliases) == ([7, 8], 7, ["pr-7", "pr-8"])
