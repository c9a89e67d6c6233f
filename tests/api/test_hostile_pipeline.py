"""What liars, lost replies and bad moments do to a deployment: nothing anybody would notice."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import caches, order, report
from chalicelib.core import idempotency, table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.deployments import rows
from chalicelib.deployments.actions import (
    create,
    finish,
    moving,
    pointer,
    sites,
    steps,
    sweep,
    watch,
)
from chalicelib.git import actions as git
from chalicelib.git import rows as git_rows
from chalicelib.git.rules import Push
from chalicelib.identity.actions import callers, sessions
from chalicelib.live import actions as live
from chalicelib.ports import SmokeAnswer
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from chalicelib.teams import actions as teams
from chalicelib.teams.rows import MemberRow
from functions.live import message
from tests.fakes import line

_numbers = itertools.count(1_700_000_000_000_000_000, 1_000_000)


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> project_rows.Project:
    return projects.create(actor, "My Site")


@pytest.fixture
def impatient(monkeypatch: Any) -> None:
    monkeypatch.setattr(sweep, "QUIET_MS", -1)


def push(services: Any, project: Any, branch: str = "main", message: str = "a commit") -> Push:
    sequence = next(_numbers)
    commit = f"{sequence:040x}"
    services.repositories.push(project.id, branch, commit, b"tar", message)
    return Push(project.id, branch, commit, sequence, "usr_x")


def begun(services: Any, project: Any, branch: str = "main") -> rows.Deployment:
    row = create.from_push(push(services, project, branch))
    assert row is not None
    return row


def state(deployment: str) -> str:
    row = rows.get(deployment)
    assert row is not None
    return str(row.state)


def building(services: Any, project: Any) -> tuple[rows.Deployment, str]:
    row = begun(services, project)
    services.workflow.waiting.add("t")
    steps.prepare(row.id)
    steps.build(row.id, "t")
    return row, order.build_id(row.id)


def built(services: Any, project: Any, files: Any = None) -> rows.Deployment:
    row, build = building(services, project)
    line.runner(services, build, files or line.PAGE)
    return row


# -- a runner that lies


@pytest.mark.parametrize("before", ["publish", "package again"])
def test_a_file_list_that_is_replaced_after_the_check_is_not_published(
    services: Any, project: Any, before: str
) -> None:
    row = built(services, project)
    assert steps.package(row.id) == {"outcome": "ok"}
    many = {f"p{i}.html": b"%d" % i for i in range(1200)}  # names shards that nobody wrote
    line.upload_list(services, f"{order.build_id(row.id)}-1", many)
    step = steps.publish if before == "publish" else steps.package
    assert step(row.id) == {"outcome": "failed"}
    found = rows.get(row.id)
    assert found is not None
    assert (found.error["code"], found.error["fault"]) == ("file_list_changed", "you")
    assert artifact_rules.manifest_key(row.id) not in services.store.objects


def test_a_lost_runner_that_lives_cannot_write_the_list_of_its_replacement(
    services: Any, project: Any
) -> None:
    _, build = building(services, project)
    old = report.claim(build, "runner-1").file_list.url
    order.lose(build_rows.get(build), "it fell silent")  # type: ignore[arg-type]
    assert report.claim(build, "runner-2").file_list.url.partition("?")[0] != old.partition("?")[0]


def test_a_length_that_is_not_the_blobs_is_found_even_when_the_blob_is_known(
    services: Any, project: Any
) -> None:
    first = begun(services, project)
    line.carry(services, first.id)
    row = built(services, project)
    key = artifact_rules.list_key(f"{order.build_id(row.id)}-1")
    listed = json.loads(services.store.objects[key])
    listed["files"][0]["size"] += 7
    services.store.objects[key] = json.dumps(listed).encode()
    steps.package(row.id)
    assert steps.publish(row.id) == {"outcome": "failed"}
    assert rows.get(row.id).error["code"] == "blob_missing"  # type: ignore[union-attr]


def test_a_list_too_long_is_refused_before_it_is_read(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(artifact_rules, "MAX_LIST_BYTES", 100)
    services.store.objects[artifact_rules.list_key("upl_x")] = b"[" * 101
    monkeypatch.setattr(services.store, "get", lambda key: pytest.fail("was read"))
    with pytest.raises(Invalid) as caught:
        artifacts.files_of("upl_x")
    assert caught.value.code == "output_rejected"


def test_a_list_of_millions_of_nothings_is_not_parsed(monkeypatch: Any) -> None:
    monkeypatch.setattr(artifact_rules, "MAX_FILES", 10)
    raw = b'{"version":1,"files":[' + b"{}," * 300 + b"{}]}"
    with pytest.raises(artifact_rules.FileListError, match="values"):
        artifact_rules.read_list(raw)


def test_a_list_replaced_between_two_pages_of_what_is_missing(
    services: Any, project: Any, actor: Actor, monkeypatch: Any
) -> None:
    monkeypatch.setattr(artifacts, "PAGE", 2)
    upload, _ = artifacts.open_upload(actor, project, "output")
    line.upload_list(services, upload, {f"{i}": b"%d" % i for i in range(7)})
    first = artifacts.missing(upload, project.team, None, None)
    line.upload_list(services, upload, {"other": b"other"})
    second = artifacts.missing(upload, project.team, None, first.following)
    assert second.uploads == []


def test_claiming_again_does_not_win_time(services: Any, project: Any, monkeypatch: Any) -> None:
    _, build = building(services, project)
    first = report.claim(build, "runner-1").row.deadline_ms
    monkeypatch.setattr(report.clock, "now_ms", lambda: int(first) + 1)
    assert report.claim(build, "runner-1").row.deadline_ms == first


def test_a_runner_cannot_fill_the_table_with_log(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    row, build = building(services, project)
    monkeypatch.setattr(report, "KEPT_LOG", 1000)
    report.claim(build, "runner-1")
    words = [{"t": 1, "level": "info", "stage": "build", "text": "x" * 400}]
    report.log(build, 1, words)
    report.log(build, 1, words)  # the same line again is still counted
    with pytest.raises(Conflict):
        report.log(build, 1, words)
    steps.package(row.id)
    assert rows.get(row.id).error["code"] == "log_limit"  # type: ignore[union-attr]


def test_a_build_that_was_stopped_saves_no_cache(services: Any, project: Any, actor: Actor) -> None:
    row, build = building(services, project)
    report.claim(build, "runner-1")
    rows_row = build_rows.get(build)
    assert rows_row is not None
    archive = caches.Archive("dependencies", "k", "a" * 64, 5)
    known = {"caches": [{"kind": "dependencies", "key": "k"}]}
    build_rows.change(rows_row, build_rows.Build.pk.exists(), plan=known)
    assert caches.request(build, archive)
    create.cancel(rows.get(row.id), actor)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        caches.request(build, archive)


# -- who supersedes whom


def test_a_commit_that_says_skip_ends_nobodys_deployment(services: Any, project: Any) -> None:
    row = begun(services, project)
    assert create.from_push(push(services, project, message="typo [skip ci]")) is None
    line.carry(services, row.id)
    assert state(row.id) == "ready"
    assert sweep.catch_up(project.id) == 0


def test_an_upload_from_a_checkout_of_main_is_no_push_to_main(
    services: Any, project: Any, actor: Actor
) -> None:
    row = begun(services, project)
    upload, _ = artifacts.open_upload(actor, project, "output")
    create.from_upload(actor, project, upload, False, {"branch": "main", "commit": row.commit})
    assert state(row.id) == "queued"
    head = rows.head(project.id, "main")
    assert head is not None
    assert head.deployment == row.id
    later = Push(project.id, "main", "f" * 40, int(head.sequence) + 1, "x")
    assert create.from_push(later).state == "queued"  # type: ignore[union-attr]


def test_a_push_while_a_branch_is_deployed_again_is_newer(
    services: Any, project: Any, actor: Actor, monkeypatch: Any
) -> None:
    services.repositories.push(project.id, "main", "a" * 40)
    real = services.repositories.commit

    def meanwhile(project_id: str, reference: str) -> Any:
        found = real(project_id, reference)
        pushes.append(create.time.time_ns())
        return found

    pushes: list[int] = []
    monkeypatch.setattr(services.repositories, "commit", meanwhile)
    again = create.from_reference(actor, project, "main", True)
    assert int(again.sequence) < pushes[0]


def test_the_sweep_ends_what_was_overtaken_unseen(
    services: Any, project: Any, impatient: None, monkeypatch: Any
) -> None:
    old = begun(services, project)
    steps.prepare(old.id)
    monkeypatch.setattr(create, "supersede", lambda *_: None)
    begun(services, project)
    sweep.sweep()
    assert state(old.id) == "superseded"


def test_who_comes_too_late_is_told_of_like_everybody_else(services: Any, project: Any) -> None:
    old, new = push(services, project), push(services, project)
    create.from_push(new)
    late = create.from_push(old)
    assert late is not None
    told = services.bus.of("deployment.finished")
    assert [(t["deployment"], t["state"]) for t in told] == [(late.id, "superseded")]


# -- somebody dies in the middle


class DeadError(RuntimeError):
    """This process is no more."""


def die(*_: Any, **__: Any) -> None:
    raise DeadError


def test_the_edge_is_told_although_promote_died_before_it_did(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    row = built(services, project)
    services.edge.default = SmokeAnswer(200, row.id, 3)
    for step in (steps.package, steps.publish, steps.verify):
        step(row.id)
    with monkeypatch.context() as moment:
        moment.setattr(sites, "take_off", die)
        with pytest.raises(DeadError):
            steps.promote(row.id)
    assert state(row.id) == "ready"
    assert services.edge.routes["my-site"].production is None
    steps.promote(row.id)
    assert services.edge.routes["my-site"].production == row.id


@pytest.mark.parametrize("how", ["pipeline", "person"])
def test_the_sweep_tells_the_edge_when_nobody_is_left_to_do_it(
    services: Any, project: Any, actor: Actor, impatient: None, monkeypatch: Any, how: str
) -> None:
    first = begun(services, project)
    line.carry(services, first.id)
    second = begun(services, project)
    if how == "person":
        line.carry(services, second.id)

    def move() -> None:
        if how == "person":
            pointer.rollback(actor, project, None, "")
        else:
            line.carry(services, second.id)

    with monkeypatch.context() as moment:
        moment.setattr(sites, "take_off", die)
        with pytest.raises(DeadError):
            move()
    services.workflow.executions.clear()
    live_id = project_rows.production_of(project.id)
    assert services.edge.routes["my-site"].production != live_id
    sweep.sweep()
    assert services.edge.routes["my-site"].production == live_id
    assert list(rows.still_open()) == []


@pytest.mark.parametrize("ended", ["cancelled", "failed"])
def test_the_build_ends_although_whoever_ended_the_deployment_died(
    services: Any, project: Any, actor: Actor, impatient: None, monkeypatch: Any, ended: str
) -> None:
    row, build = building(services, project)
    report.claim(build, "runner-1")

    def end() -> None:
        if ended == "failed":
            finish.fault(row.id, "boom")
        else:
            create.cancel(row, actor)

    with monkeypatch.context() as moment:
        moment.setattr(rows, "advance", die)
        with pytest.raises(DeadError):
            end()
    assert services.builder.stopped == [f"{build}-1"]
    assert steps.package(row.id) == {"outcome": ended}
    assert state(row.id) == ended


def test_the_sweep_tells_of_an_end_that_nobody_told_of(
    services: Any, project: Any, actor: Actor, impatient: None
) -> None:
    row = begun(services, project)
    services.workflow.executions.clear()
    create.cancel(row, actor)
    sweep.sweep()
    assert [e["state"] for e in services.bus.of("deployment.finished")] == ["cancelled"]
    assert list(rows.still_open()) == []


def test_a_builder_that_is_down_does_not_keep_anybody_from_cancelling(
    services: Any, project: Any, actor: Actor, monkeypatch: Any
) -> None:
    row, _ = building(services, project)

    def down(_: str) -> None:
        raise OSError("the slots process does not answer")

    monkeypatch.setattr(services.builder, "stop", down)
    assert create.cancel(row, actor).state == "cancelled"


def test_an_outcome_that_nobody_waits_for_starts_the_machine_again(
    services: Any, project: Any, impatient: None
) -> None:
    row, build = building(services, project)
    order.run(build, "the token of an execution that is over")
    line.runner(services, build, line.PAGE)
    sweep.sweep()
    assert ("deploy", f"{row.id}-1") in services.workflow.executions


def test_a_silent_runner_is_stopped_when_it_is_replaced(services: Any, project: Any) -> None:
    _, build = building(services, project)
    report.claim(build, "runner-1")
    order.reap(build, build_rows.get(build).heartbeat_ms + order.SILENT_MS + 1)  # type: ignore[union-attr]
    assert services.builder.stopped == [f"{build}-1"]


def test_one_broken_repository_keeps_the_sweep_from_no_other(
    services: Any, project: Any, actor: Actor, monkeypatch: Any
) -> None:
    other = projects.create(actor, "Zzz")
    push(services, other)
    real = services.repositories.heads

    def broken(project_id: str) -> Any:
        return die() if project_id == project.id else real(project_id)

    monkeypatch.setattr(services.repositories, "heads", broken)
    assert sweep.sweep()["caught_up"] == 1


def test_a_push_whose_event_was_not_taken_is_published_when_it_comes_again(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    update = {"ref": "refs/heads/main", "old": "0" * 40, "new": "a" * 40, "sequence": 5}
    with monkeypatch.context() as moment:
        moment.setattr(services.bus, "put", die)
        with pytest.raises(DeadError):
            git.receive(project.id, [update], "x", "delivery")
    git.receive(project.id, [update], "x", "delivery")
    git.receive(project.id, [update], "x", "delivery")
    assert len(services.bus.of("git.push")) == 1


@pytest.fixture
def deaf(monkeypatch: Any) -> None:
    """Every conditional put is applied, its answer lost, and sent again by the SDK."""
    real = table.TableConnection.put_item

    def twice(self: Any, *arguments: Any, **named: Any) -> Any:
        real(self, *arguments, **named)
        return real(self, *arguments, **named)

    monkeypatch.setattr(table.TableConnection, "put_item", twice)


def test_a_delivery_that_was_recorded_by_a_lost_request_is_still_the_first(
    database: Any, deaf: None
) -> None:
    assert git_rows.first_time("builtin", "one")
    assert not git_rows.first_time("builtin", "one")


def test_an_idempotency_key_that_was_taken_by_a_lost_request_is_ours(
    database: Any, deaf: None
) -> None:
    request = idempotency.fingerprint("x")
    assert idempotency.once("usr", "k" * 20, request, lambda: (201, {}, {})) == (201, {}, {})


# -- projects that are deleted


def test_a_deletion_that_comes_late_leaves_the_new_owner_of_the_slug_alone(
    services: Any, project: Any, actor: Actor
) -> None:
    late = projects.resolve(project.id)
    projects.delete(projects.resolve(project.id))
    heir = projects.create(actor, "My Site")
    projects.delete(late)
    assert project_rows.id_of_slug("my-site") == heir.id
    assert services.edge.routes["my-site"].site == heir.id


def test_a_deployment_that_goes_live_while_its_project_is_deleted_does_not(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    row = begun(services, project)
    real = moving.write

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        projects.delete(projects.resolve(project.id))
        monkeypatch.setattr(moving, "write", real)
        return real(*arguments, **named)

    monkeypatch.setattr(moving, "write", meanwhile)
    line.carry(services, row.id)
    assert state(row.id) == "cancelled"
    assert services.edge.routes["my-site"].gone
    assert project_rows.pointer(project.id) is None


def test_nobody_moves_the_pointer_of_a_project_that_is_gone(
    services: Any, project: Any, actor: Actor
) -> None:
    one, two = begun(services, project), begun(services, project, "x")
    for row in (one, two):
        line.carry(services, row.id)
    known = projects.resolve(project.id)
    projects.delete(projects.resolve(project.id))
    with pytest.raises(NotFound):
        pointer.promote(actor, known, two.id, "")
    assert services.edge.routes["my-site"].gone


def test_deployments_of_a_deleted_project_end(services: Any, project: Any, impatient: None) -> None:
    row, build = building(services, project)
    projects.delete(projects.resolve(project.id))
    sweep.sweep()
    assert state(row.id) == "cancelled"
    assert build_rows.get(build).outcome == "cancelled"  # type: ignore[union-attr]


@pytest.mark.parametrize("remote", [True, False])
def test_a_deletion_that_died_in_the_middle_is_finished_by_the_sweep(
    services: Any, project: Any, actor: Actor, monkeypatch: Any, remote: bool
) -> None:
    if not remote:  # as on AWS, where no list of repositories tells of the project
        monkeypatch.setattr(services.repositories, "projects", list)
    variables.put_variable(actor, project, Scope("all"), Wish("TOKEN", "s3cret", True))
    with monkeypatch.context() as moment:
        moment.setattr(services.edge, "put", die)
        with pytest.raises(DeadError):
            projects.delete(projects.resolve(project.id))
    sweep.sweep()
    assert services.edge.routes["my-site"].gone
    assert services.repositories.projects() == []
    assert list(project_rows.variables(project.id)) == []
    assert list(project_rows.leaving()) == []


def test_machines_that_end_before_their_runner_speaks(
    services: Any, project: Any, impatient: None
) -> None:
    """And the event that tells of their end is lost: the sweep asks the builder."""
    _row, build = building(services, project)
    services.builder.dead = {f"{build}-1", f"{build}-2"}
    sweep.sweep()
    found = build_rows.get(build)
    assert found is not None
    assert found.outcome == "failed"
    assert found.error["code"] == "runner_lost"
    assert "FAILED" in found.error["message"]


def test_a_project_whose_edge_was_never_told_still_goes_live(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    services.edge.routes.clear()
    row = built(services, project)

    def ask(_host: str, _path: str) -> SmokeAnswer:
        known = "my-site" in services.edge.routes
        return SmokeAnswer(200, row.id, 1) if known else SmokeAnswer(404, "", 1)

    monkeypatch.setattr(services.edge, "ask", ask)
    for step in (steps.package, steps.publish, steps.verify, steps.promote):
        step(row.id)
    assert state(row.id) == "ready"


# -- those who watch


def test_whoever_leaves_the_team_sees_no_more(services: Any, project: Any, actor: Actor) -> None:
    row, build = building(services, project)
    begun = sessions.login("ada@example.com", "correct horse battery")
    assert isinstance(begun, sessions.Tokens)
    signed_in = callers.authenticate(begun.access_token)
    live.connect("conn", signed_in)
    watch.subscribe(signed_in, "conn", row.id, 0)
    before = len(services.live.sent["conn"])
    report.claim(build, "runner-1")
    entry = {"t": 1, "level": "info", "stage": "build", "text": "secret plan"}
    report.log(build, 1, [entry])
    assert len(services.live.sent["conn"]) == before + 1
    member = table.find(MemberRow, f"TEAM#{project.team}", f"MEMBER#{actor.user}")
    assert member is not None
    member.delete()
    report.log(build, 2, [entry])
    assert len(services.live.sent["conn"]) == before + 1


@pytest.mark.parametrize(
    "body",
    [
        '{"action":"subscribe","deployment":"x","after":Infinity}',
        '{"action":"subscribe","deployment":"' + "x" * 5000 + '"}',
        "[" * 30_000,
    ],
    ids=["infinite", "long", "deep"],
)
def test_odd_messages_are_answered(services: Any, actor: Actor, body: str) -> None:
    live.connect("conn", actor)
    event = {"requestContext": {"connectionId": "conn"}, "body": body}
    assert message.handler(event, None) == {"statusCode": 200}
    assert services.live.sent["conn"][0]["type"] == "error"
