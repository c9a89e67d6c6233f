"""Pull requests of members and of strangers, on a real database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, pointer, pulls
from chalicelib.projects import rows as project_rows
from tests.api.pulls import actor, again, at, flow, host, project, ready, sha, spec
from tests.fakes.pull_host import PullHost

__all__ = ["actor", "host", "project"]


# pull requests


def test_a_members_pull_request_is_the_deployment_of_its_branch(
    services: Any, project: Any, host: PullHost
) -> None:
    event = host.open(project.id, 12, sha("a"), at())
    push = host.push(project.id, "feature/x", sha("a"), at())
    by_push = create.from_push(push)
    by_pull = pulls.receive(event)
    assert by_push is not None
    assert by_pull is not None
    assert by_pull.id == by_push.id
    row = ready(services, by_pull)
    assert (row.trust, row.pull, row.environment) == ("trusted", 12, "preview")
    assert services.edge.routes["pr-12--shop"].production == row.id
    assert services.edge.routes["feature-x--shop"].production == row.id
    pull = rows.pull(project.id, 12)
    assert pull is not None
    assert (pull.state, pull.preview, pull.deployment) == ("open", "built", row.id)


def test_a_pull_request_may_come_after_its_deployment_is_ready(
    services: Any, project: Any, host: PullHost
) -> None:
    event = host.open(project.id, 12, sha("a"), at())
    row = ready(services, create.from_push(host.push(project.id, "feature/x", sha("a"), at())))
    assert "pr-12--shop" not in services.edge.routes
    pulls.receive(replace(event, sequence=at()))
    assert services.edge.routes["pr-12--shop"].production == row.id


STRANGE: list[dict[str, Any]] = [
    {"fork": True, "repository": "eve/site", "member": False},
    {"fork": True, "repository": "eve/site", "branch": "main"},
    {"fork": True, "repository": "eve/site", "branch": "staging", "base": "staging"},
    {"bot": True},
    {"member": False},
]


@pytest.mark.parametrize("facts", STRANGE, ids=str)
def test_what_strangers_wrote_is_built_without_anything_of_ours(
    services: Any, project: Any, host: PullHost, facts: dict[str, Any]
) -> None:
    flow(project, branches=[{"match": "staging", "environment": "staging"}])
    live = ready(services, create.from_push(host.push(project.id, "main", sha("1"), at())))
    row = ready(services, pulls.receive(host.open(project.id, 7, sha("e"), at(), **facts)))
    assert (row.trust, row.target, row.environment) == ("untrusted", "preview", "preview")
    said = spec(row)
    assert (said["trusted"], said["trust"]) == (False, "untrusted")
    assert project_rows.production_of(project.id) == live.id
    addresses = {name for name, route in services.edge.routes.items() if route.production == row.id}
    pushed_here = {"feature-x--shop"} if facts.get("bot") else set()  # it is what its push led to
    assert addresses == {"pr-7--shop"} | pushed_here
    with pytest.raises(Conflict) as refused:
        pointer.promote(Actor(kind="user", id="usr_x"), project, row.id, "")
    assert refused.value.code == "deployment_untrusted"


def test_forks_may_be_off(project: Any, host: PullHost) -> None:
    flow(project, forks="off")
    assert pulls.receive(host.open(project.id, 7, sha("e"), at(), fork=True)) is None
    assert rows.pull(project.id, 7).preview == "ignored"  # type: ignore[union-attr]


def test_forks_wait_for_the_approval_of_exactly_this_commit(
    services: Any, project: Any, host: PullHost, actor: Actor
) -> None:
    flow(project, forks="approval")
    stranger = {"fork": True, "repository": "eve/site", "member": False}
    assert pulls.receive(host.open(project.id, 7, sha("e"), at(), **stranger)) is None
    assert rows.pull(project.id, 7).preview == "waiting"  # type: ignore[union-attr]
    assert not services.workflow.executions
    with pytest.raises(Conflict) as moved:
        pulls.approve(actor, project, 7, sha("f"))
    assert moved.value.code == "head_moved"
    approved = pulls.approve(actor, project, 7, sha("e"))
    assert (approved.trust, approved.preview) == ("approved", "built")
    assert pulls.approve(actor, project, 7, sha("e")).deployment == approved.deployment
    row = ready(services, rows.get(approved.deployment))
    assert spec(row)["trust"] == "approved"
    # a new push needs a new approval, and the commit that was approved stays so
    assert pulls.receive(host.open(project.id, 7, sha("f"), at(), **stranger)) is None
    assert rows.pull(project.id, 7).preview == "waiting"  # type: ignore[union-attr]
    back = pulls.receive(host.open(project.id, 7, sha("e"), at(), **stranger))
    assert back is not None
    assert back.trust == "approved"
    with pytest.raises(NotFound):
        pulls.approve(actor, project, 8, sha("e"))


def test_an_approval_replaces_the_build_without_variables(
    project: Any, host: PullHost, actor: Actor
) -> None:
    bare = pulls.receive(host.open(project.id, 7, sha("e"), at(), fork=True))
    approved = pulls.approve(actor, project, 7, sha("e"))
    assert approved.deployment != bare.id  # type: ignore[union-attr]
    assert again(bare).state == "superseded"


def test_a_strangers_commit_is_not_deployed_by_its_id(
    project: Any, host: PullHost, actor: Actor
) -> None:
    flow(project, forks="approval")
    pulls.receive(host.open(project.id, 7, sha("e"), at(), fork=True))
    host.push(project.id, "other", sha("c"), at())
    host.tips[sha("e")] = replace(host.tips[sha("c")], commit=sha("e"))  # hosts find forks' commits
    with pytest.raises(Conflict) as refused:
        create.from_reference(actor, project, sha("e"), True)
    assert refused.value.code == "commit_not_approved"
    assert create.from_reference(actor, project, sha("c"), False).commit == sha("c")


def test_a_fork_called_main_overtakes_nothing_and_is_not_overtaken(
    services: Any, project: Any, host: PullHost
) -> None:
    row = pulls.receive(host.open(project.id, 7, sha("e"), at(), fork=True, branch="main"))
    ours = create.from_push(host.push(project.id, "main", sha("1"), at()))
    assert again(row).state == "queued"
    ready(services, row)
    assert project_rows.production_of(project.id) is None
    ready(services, ours)
    assert project_rows.production_of(project.id) == ours.id  # type: ignore[union-attr]


def test_older_events_change_nothing(project: Any, host: PullHost) -> None:
    early = at()
    new = pulls.receive(host.open(project.id, 7, sha("b"), at(), fork=True))
    old = host.open(project.id, 7, sha("a"), early, fork=True)
    assert pulls.receive(old).id == new.id  # type: ignore[union-attr]
    assert rows.pull(project.id, 7).commit == sha("b")  # type: ignore[union-attr]


def test_the_same_event_again_and_a_new_base_are_no_second_deployment(
    services: Any, project: Any, host: PullHost
) -> None:
    event = host.open(project.id, 7, sha("e"), at(), fork=True)
    first = pulls.receive(event)
    assert pulls.receive(event).id == first.id  # type: ignore[union-attr]
    ready(services, first)
    moved = host.open(project.id, 7, sha("e"), at(), fork=True, base="next", action="retargeted")
    assert pulls.receive(moved).id == first.id  # type: ignore[union-attr]
    assert rows.pull(project.id, 7).base == "next"  # type: ignore[union-attr]
    assert again(first).state == "ready"
