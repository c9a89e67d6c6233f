"""Runners that lie, linger or flood: nothing of theirs is published or kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import caches, order, report
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.deployments import rows
from chalicelib.deployments.actions import (
    create,
    steps,
)
from tests.api.halfway import begun, building, built
from tests.api.pipeline import actor, project
from tests.fakes import line

__all__ = ["actor", "project"]


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
