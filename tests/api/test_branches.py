"""Pushes and tags: which environment they lead to, and what they overtake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core import clock, ids
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, show
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rules import asked
from tests.api.pulls import actor, again, at, flow, host, project, ready, sha, spec
from tests.fakes import line
from tests.fakes.pull_host import PullHost

__all__ = ["actor", "host", "project"]


# branches and tags


def test_branch_rules_choose_the_environment(services: Any, project: Any, host: PullHost) -> None:
    flow(
        project,
        branches=[
            {"match": "release/*", "environment": "staging"},
            {"match": "wip/**", "environment": "none"},
        ],
    )
    made = {}
    for number, branch in enumerate(("main", "release/2", "wip/a/b", "other")):
        push = host.push(project.id, branch, sha(str(number)), at())
        made[branch] = create.from_push(push)
    assert made["wip/a/b"] is None
    said = {name: (row.target, row.environment) for name, row in made.items() if row is not None}
    assert said == {
        "main": ("production", "production"),
        "release/2": ("preview", "staging"),
        "other": ("preview", "preview"),
    }
    assert rows.head(project.id, "wip/a/b").newest == sha("2")  # type: ignore[union-attr]
    staged = ready(services, made["release/2"])
    assert services.edge.routes["staging--shop"].production == staged.id
    assert show.view(staged, None)["alias_url"].startswith("http://staging--shop.")
    assert spec(staged)["environment"] == "staging"


def test_a_tag_leads_where_its_rule_says_and_the_newest_counts(
    services: Any, project: Any, host: PullHost
) -> None:
    assert create.from_tag(host.tag(project.id, "v1", sha("1"), at())) is None
    flow(project, tags=[{"match": "v*", "environment": "production"}])
    first = ready(services, create.from_tag(host.tag(project.id, "v1", sha("1"), at())))
    assert (first.tag, first.trigger, first.environment) == ("v1", "tag", "production")
    moved = host.tag(project.id, "v1", sha("2"), at())
    second = ready(services, create.from_tag(moved))
    assert project_rows.production_of(project.id) == second.id
    assert create.from_tag(replace(moved, sequence=at())).id == second.id  # type: ignore[union-attr]


def test_two_events_of_one_commit_are_one_deployment(project: Any, host: PullHost) -> None:
    push = host.push(project.id, "main", sha("a"), at())
    first = create.from_push(push)
    assert first is not None
    for _ in range(3):  # another webhook, the poller, a replay
        assert create.from_push(replace(push, sequence=at())).id == first.id  # type: ignore[union-attr]
    newer = create.from_push(host.push(project.id, "main", sha("b"), at()))
    assert newer is not None
    assert newer.id != first.id
    assert again(first).state == "superseded"
    late = replace(push, sequence=at())  # an old webhook that comes late finds what is there now
    assert create.from_push(late).id == newer.id  # type: ignore[union-attr]


def test_an_event_that_comes_again_asks_nobody(project: Any, host: PullHost) -> None:
    push = host.push(project.id, "main", sha("a"), at())
    first = create.from_push(push)
    host.silent = True
    assert create.from_push(push).id == first.id  # type: ignore[union-attr]
    with pytest.raises(ConnectionError):
        create.from_push(replace(push, sequence=at()))


def test_a_branch_that_is_gone_leads_to_nothing(project: Any, host: PullHost) -> None:
    push = host.push(project.id, "main", sha("a"), at())
    del host.tips["refs/heads/main"]
    assert create.from_push(push) is None


def test_without_auto_cancel_older_ones_go_on_but_never_live(
    services: Any, project: Any, host: PullHost
) -> None:
    flow(project, auto_cancel=False)
    old = create.from_push(host.push(project.id, "main", sha("a"), at()))
    new = create.from_push(host.push(project.id, "main", sha("b"), at()))
    assert again(old).state == "queued"
    new = ready(services, new)
    old = ready(services, old)
    assert project_rows.production_of(project.id) == new.id


@pytest.mark.parametrize(("verified", "fails"), [(True, False), (False, True), (None, True)])
def test_commits_that_have_to_be_signed(
    services: Any, project: Any, host: PullHost, verified: bool | None, fails: bool
) -> None:
    flow(project, signatures="require")
    row = create.from_push(host.push(project.id, "main", sha("a"), at(), verified=verified))
    assert row is not None
    line.carry(services, row.id)
    assert (again(row).state == "failed") is fails
    if fails:
        assert again(row).error["code"] == "commit_unsigned"


def test_a_hook_asks_once(services: Any, project: Any, host: PullHost) -> None:
    host.push(project.id, "docs", sha("d"), at())
    key = asked.key_of("hook", ids.new("hok"), clock.now_ms())
    first = create.from_asked(project.id, "docs", "hook", "hok_x", key)
    assert first is not None
    assert first.id == asked.deployment_id(project.id, "docs", key)
    assert create.from_asked(project.id, "docs", "hook", "hok_x", key).id == first.id  # type: ignore[union-attr]
    assert (first.trigger, first.commit, first.environment) == ("hook", sha("d"), "preview")
    assert services.edge.routes.get("docs--shop") is None
    ready(services, first)
    assert services.edge.routes["docs--shop"].production == first.id


def test_what_is_asked_for_and_is_not_there_fails_where_people_look(
    services: Any, project: Any, host: PullHost
) -> None:
    key = asked.key_of("schedule", ids.new("sch"), clock.now_ms())
    row = create.from_asked(project.id, "nowhere", "schedule", "sch_x", key)
    assert row is not None
    line.carry(services, row.id)
    assert again(row).error["code"] == "commit_not_found"
