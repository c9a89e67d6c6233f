"""Pull requests, aliases, environments and the end of previews, on a real database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, pointer, previews, pulls, show, sweep
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rules import asked
from chalicelib.teams import actions as teams
from tests.fakes import line
from tests.fakes.pull_host import PullHost, connected

_numbers = itertools.count(1_800_000_000_000_000_000, 1_000_000)


def at() -> int:
    return next(_numbers)


def sha(letter: str) -> str:
    return letter * 40


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> project_rows.Project:
    made = projects.create(actor, "Shop")
    made.update(actions=[project_rows.Project.production_branch.set("main")])
    return made


@pytest.fixture
def host(project: Any) -> Iterator[PullHost]:
    made = PullHost()
    with connected(made, project):
        yield made


def flow(project: Any, **said: Any) -> None:
    project.update(actions=[project_rows.Project.git.set(said)])


def ready(services: Any, row: rows.Deployment | None) -> rows.Deployment:
    assert row is not None
    line.carry(services, row.id)
    found = rows.get(row.id)
    assert found is not None
    assert found.state == "ready", found.error
    return found


def spec(row: rows.Deployment) -> dict[str, Any]:
    built = build_rows.get(order.build_id(row.id))
    assert built is not None
    return dict(built.spec)


def again(row: rows.Deployment | None) -> rows.Deployment:
    assert row is not None
    found = rows.get(row.id)
    assert found is not None
    return found


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


# the end of previews


def gone(services: Any, row: rows.Deployment) -> bool:
    found = again(row)
    keys = {artifact_rules.manifest_key(row.id), artifact_rules.sizes_key(row.id)}
    away = not keys & set(services.store.objects)
    assert bool(found.removed_at) == away == (row.id in services.edge.forgotten)
    named = [a for a in rows.aliases(row.project) if a.deployment == row.id]
    assert not (away and named)
    return away


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
