"""From a push to a live site, step by step, on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import loglines, order, report
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, finish, pointer, show, steps, sweep
from chalicelib.git.rules import Push
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from tests.api.pipeline import _numbers, actor, deployed, project, push
from tests.fakes import line

__all__ = ["actor", "project"]


def test_a_push_goes_live(services: Any, project: Any) -> None:
    row = deployed(services, project)
    assert row.state == "ready"
    assert row.published
    current = project_rows.pointer(project.id)
    assert current is not None
    assert current.deployment == row.id
    route = services.edge.routes["my-site"]
    assert (route.production, route.site, route.generation) == (row.id, project.id, 1)
    assert services.bus.of("deployment.finished")[0]["state"] == "ready"
    assert [s["state"] for s in show.stages(row)] == ["done"] * 6
    assert list(rows.still_open()) == []
    manifest = services.store.objects[artifact_rules.manifest_key(row.id)]
    assert b'"index.html"' in manifest


def test_the_same_push_is_one_deployment(services: Any, project: Any) -> None:
    one = push(services, project)
    first, second = create.from_push(one), create.from_push(one)
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert len(services.workflow.executions) == 1


def test_a_newer_push_supersedes_an_older_one(services: Any, project: Any) -> None:
    old, new = push(services, project), push(services, project)
    first = create.from_push(old)
    second = create.from_push(new)
    assert first is not None
    assert second is not None
    assert rows.get(first.id).state == "superseded"  # type: ignore[union-attr]
    assert rows.get(second.id).state == "queued"  # type: ignore[union-attr]


def test_pushes_that_arrive_in_the_wrong_order_end_on_the_newest(
    services: Any, project: Any
) -> None:
    old, new = push(services, project), push(services, project)
    newer = create.from_push(new)
    older = create.from_push(old)
    assert newer is not None
    assert older is not None
    assert older.state == "superseded"
    line.carry(services, newer.id)
    line.carry(services, older.id)
    assert project_rows.production_of(project.id) == newer.id


def test_an_older_deployment_that_finishes_late_does_not_go_live(
    services: Any, project: Any
) -> None:
    slow = create.from_push(push(services, project, "main"))
    assert slow is not None
    fast = create.begin(
        project,
        "dpl_" + "0" * 25 + "1",
        "production",
        next(_numbers),
        create.Origin("prebuilt"),
        "x",
    )
    fast_upload, _ = artifacts.open_upload(Actor("user", "u"), project, "output")
    rows.advance(fast, "queued", upload=fast_upload)
    line.upload_list(services, fast_upload, line.PAGE)
    line.upload_blobs(
        services, artifacts.missing(fast_upload, project.team, None, None), project.team, line.PAGE
    )
    line.carry(services, fast.id)
    assert project_rows.production_of(project.id) == fast.id
    outcome = line.carry(services, slow.id)
    assert outcome == {"outcome": "ok", "live": False, "because": "older"}
    assert rows.get(slow.id).state == "ready"  # type: ignore[union-attr]
    assert project_rows.production_of(project.id) == fast.id


def test_another_branch_is_a_preview(services: Any, project: Any) -> None:
    main = deployed(services, project)
    preview = deployed(services, project, "feature/x")
    assert preview.target == "preview"
    assert preview.state == "ready"
    assert project_rows.production_of(project.id) == main.id


def test_rollback_pins_and_promote_unpins(services: Any, project: Any, actor: Actor) -> None:
    first, second = deployed(services, project), deployed(services, project)
    found = pointer.rollback(actor, project, None, "broken")
    assert (found.deployment, bool(found.pinned)) == (first.id, True)
    third = deployed(services, project)
    assert project_rows.production_of(project.id) == first.id
    assert {s["name"]: s["state"] for s in show.stages(third)}["promote"] == "skipped"
    found = pointer.promote(actor, project, second.id, "")
    assert (found.deployment, bool(found.pinned)) == (second.id, False)
    assert [m.deployment for m in rows.moves(project.id)] == [
        second.id,
        first.id,
        second.id,
        first.id,
    ]
    assert services.edge.routes["my-site"].generation == 4


def test_promoting_what_is_live_changes_nothing(services: Any, project: Any, actor: Actor) -> None:
    row = deployed(services, project)
    pointer.promote(actor, project, row.id, "")
    assert services.edge.routes["my-site"].generation == 1


def test_only_ready_deployments_of_the_project_go_live(
    services: Any, project: Any, actor: Actor
) -> None:
    other = projects.create(actor, "Other")
    foreign = deployed(services, other)
    waiting = create.from_push(push(services, project))
    assert waiting is not None
    with pytest.raises(NotFound):
        pointer.promote(actor, project, foreign.id, "")
    with pytest.raises(Conflict) as caught:
        pointer.promote(actor, project, waiting.id, "")
    assert caught.value.code == "not_ready"
    with pytest.raises(Conflict):
        pointer.rollback(actor, project, None, "")


def test_a_missing_blob_is_never_published(services: Any, project: Any) -> None:
    def lossy(services: Any, build: str, files: dict[str, bytes]) -> None:
        line.runner(services, build, files)
        services.store.objects.pop(
            next(k for k in services.store.objects if k.startswith("blobs/"))
        )

    row = create.from_push(push(services, project))
    assert row is not None
    line.carry(services, row.id, build=lossy)
    found = rows.get(row.id)
    assert found is not None
    assert (found.state, found.error["code"]) == ("failed", "blob_missing")
    assert artifact_rules.manifest_key(row.id) not in services.store.objects
    assert project_rows.pointer(project.id) is None


def test_the_same_files_are_uploaded_once(services: Any, project: Any) -> None:
    uploads: list[int] = []

    def counting(services: Any, build: str, files: dict[str, bytes]) -> None:
        uploads.append(line.runner(services, build, files))

    for files in (line.PAGE, line.PAGE, {**line.PAGE, "new.css": b"x"}):
        row = create.from_push(push(services, project))
        assert row is not None
        line.carry(services, row.id, files, build=counting)
    assert uploads == [2, 0, 1]


def test_big_sites_are_sharded_and_unchanged_shards_stay(services: Any, project: Any) -> None:
    files = {f"p{i}.html": b"page %d" % i for i in range(1500)}
    first = deployed(services, project, files=files)
    shards = {k for k in services.store.objects if k.startswith("shards/")}
    files["p7.html"] = b"changed"
    second = deployed(services, project, files=files)
    assert len({k for k in services.store.objects if k.startswith("shards/")} - shards) == 1
    assert len(artifacts.listing(first.id)) == len(artifacts.listing(second.id)) == 1500


def test_a_failed_build_tells_why_and_whose_fault(services: Any, project: Any) -> None:
    def failing(_services: Any, build: str, _files: Any) -> None:
        report.claim(build, "runner-1")
        report.fail(build, {"code": "build_failed", "message": "vite said no", "hint": "fix it"})

    row = create.from_push(push(services, project))
    assert row is not None
    line.carry(services, row.id, build=failing)
    found = rows.get(row.id)
    assert found is not None
    assert found.state == "failed"
    assert found.error == {
        "code": "build_failed",
        "message": "vite said no",
        "hint": "fix it",
        "fault": "you",
    }


def test_cancel_ends_the_build_and_frees_the_runner(
    services: Any, project: Any, actor: Actor
) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    services.workflow.waiting.add("t")
    steps.prepare(row.id)
    steps.build(row.id, "t")
    build = order.build_id(row.id)
    report.claim(build, "runner-1")
    create.cancel(rows.get(row.id), actor)  # type: ignore[arg-type]
    assert services.workflow.answers["t"]["outcome"] == "cancelled"
    assert services.builder.stopped == [f"{build}-1"]
    with pytest.raises(Conflict) as caught:
        report.log(build, 0, [])
    assert caught.value.code == "build_closed"
    assert steps.package(row.id) == {"outcome": "cancelled"}
    again = rows.get(row.id)
    assert again is not None
    assert create.cancel(again, actor).state == "cancelled"


def test_a_fault_has_one_exit(services: Any, project: Any) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    steps.prepare(row.id)
    finish.fault(row.id, "States.TaskFailed: boom")
    finish.fault(row.id, "again")
    found = rows.get(row.id)
    assert found is not None
    assert found.error["code"] == "pipeline_fault"
    assert "boom" in found.error["message"]
    assert found.error["fault"] == "platform"


def test_log_lines_keep_their_order_and_number(services: Any, project: Any) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    steps.prepare(row.id)
    build = order.build_id(row.id)
    report.claim(build, "runner-1")
    lines = [{"t": i, "level": "info", "stage": "build", "text": f"line {i}"} for i in range(10)]
    report.log(build, 0, lines[:4])
    report.log(build, 4, lines[4:])
    report.log(build, 4, lines[4:])
    found = loglines.after(row.id, 0, 100)
    assert [entry["text"] for entry in found] == [f"line {i}" for i in range(10)]
    assert [entry["text"] for entry in loglines.after(row.id, found[6]["n"], 2)] == [
        "line 7",
        "line 8",
    ]


def test_a_line_of_a_megabyte_is_cut_into_items(services: Any, project: Any) -> None:
    lines = [{"t": i, "level": "info", "stage": "build", "text": "x" * 16_000} for i in range(100)]
    build_rows.put_lines("dpl_x", 5, lines)
    assert [entry["n"] for entry in build_rows.lines_after("dpl_x", 0)] == list(range(5, 105))


def test_secrets_reach_the_build_and_nobody_else(services: Any, project: Any, actor: Actor) -> None:
    variables.put_variable(actor, project, Scope("all"), Wish("TOKEN", "s3cret", True))
    variables.put_variable(actor, project, Scope("preview"), Wish("MODE", "x", False))
    row = create.from_push(push(services, project))
    assert row is not None
    steps.prepare(row.id)
    claim = report.claim(order.build_id(row.id), "runner-1")
    assert claim.variables["TOKEN"] == "s3cret"
    assert claim.secrets == ["TOKEN"]
    assert "MODE" not in claim.variables
    assert [v.value for v in variables.list_variables(project, "all")] == [None]


def test_a_commit_that_says_skip_is_remembered_but_not_deployed(
    services: Any, project: Any
) -> None:
    sequence = next(_numbers)
    services.repositories.push(project.id, "main", f"{sequence:040x}", message="docs [skip ci]")
    assert create.from_push(Push(project.id, "main", f"{sequence:040x}", sequence, "x")) is None
    assert sweep.catch_up(project.id) == 0


def test_a_runner_that_never_stops_talking_is_stopped(services: Any, project: Any) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    services.workflow.waiting.add("t")
    steps.prepare(row.id)
    steps.build(row.id, "t")
    build = order.build_id(row.id)
    report.claim(build, "runner-1")
    line_ = {"t": 1, "level": "info", "stage": "build", "text": "y"}
    with pytest.raises(Conflict):
        report.log(build, loglines.PER_ATTEMPT, [line_])
    steps.package(row.id)
    assert rows.get(row.id).error["code"] == "log_limit"  # type: ignore[union-attr]


def test_a_slug_that_was_freed_serves_its_new_project(services: Any, actor: Actor) -> None:
    first = projects.create(actor, "Reused")
    deployed(services, first)
    projects.delete(projects.resolve(first.id))
    second = projects.create(actor, "Reused")
    row = deployed(services, second)
    route = services.edge.routes["reused"]
    assert (route.site, route.production, route.gone) == (second.id, row.id, False)
