"""A build machine ended: what its event says, and what becomes of the build."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import loglines, order, report
from chalicelib.clouds.aws import logs
from chalicelib.clouds.aws.logs import LogLine
from chalicelib.core.actor import Actor
from chalicelib.deployments.actions import create, steps, sweep
from chalicelib.git.rules import Push
from chalicelib.projects import actions as projects
from chalicelib.teams import actions as teams
from functions.events import runner_end

TOKEN = "cdr_" + "0" * 26 + "_" + "ab" * 32
URL = "https://b.s3.amazonaws.com/runner/x.pyz?X-Amz-Expires=9&X-Amz-Signature=5ec7e7"


@pytest.fixture
def build(database: Any, services: Any) -> str:
    """A build whose first order was given."""
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    project = projects.create(Actor(kind="user", id=user.id, user=user.id), "My Site")
    services.repositories.push(project.id, "main", "a" * 40, archive=b"tar")
    push = Push(project.id, "main", "a" * 40, 1_800_000_000_000_000_000, "usr_x")
    row = create.from_push(push)
    assert row is not None
    services.workflow.waiting.add("t")
    steps.prepare(row.id)
    steps.build(row.id, "t")
    return order.build_id(row.id)


@pytest.fixture(autouse=True)
def machine_log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The machine's log; asked for by its group and stream."""
    lines: list[str] = []

    def tail(_: Any, group: str, stream: str, count: int) -> list[LogLine]:
        assert (group, stream, count) == ("/aws/codebuild/test-builds", "uuid", runner_end.LINES)
        return [LogLine(1, text) for text in lines]

    monkeypatch.setattr(logs.CloudWatchLogs, "tail", tail)
    return lines


def event(build: str, status: str = "FAILED", attempt: int = 1, **phase: Any) -> dict[str, Any]:
    """As EventBridge delivers it."""
    arn = "arn:aws:codebuild:us-east-1:123456789012:build/test-builds:uuid"
    passed = {
        "phase-context": [],
        "start-time": "Nov 21, 2026 4:12:29 PM",
        "end-time": "Nov 21, 2026 4:12:29 PM",
        "duration-in-seconds": 0,
        "phase-type": "SUBMITTED",
        "phase-status": "SUCCEEDED",
    }
    broken = {name.replace("_", "-"): value for name, value in phase.items()}
    return {
        "version": "0",
        "id": "c030038d-8c4d-6141-9545-00ff7b7153ab",
        "detail-type": "CodeBuild Build State Change",
        "source": "aws.codebuild",
        "account": "123456789012",
        "time": "2026-11-21T16:14:28Z",
        "region": "us-east-1",
        "resources": [arn],
        "detail": {
            "build-status": status,
            "project-name": "test-builds",
            "build-id": arn,
            "additional-information": {
                "environment": {
                    "type": "ARM_CONTAINER",
                    "environment-variables": [
                        {"name": "CLOUDDECK_BUILD_TOKEN", "value": TOKEN, "type": "PLAINTEXT"},
                        {
                            "name": "CLOUDDECK_ORDER",
                            "value": f"{build}-{attempt}",
                            "type": "PLAINTEXT",
                        },
                    ],
                },
                "timeout-in-minutes": 33,
                "build-complete": True,
                "logs": {
                    "group-name": "/aws/codebuild/test-builds",
                    "stream-name": "uuid",
                    "deep-link": "https://console.aws.amazon.com/",
                },
                "phases": [
                    passed,
                    *([{**passed, **broken}] if broken else []),
                    {"start-time": "Nov 21, 2026 4:14:26 PM", "phase-type": "COMPLETED"},
                ],
            },
            "current-phase": "COMPLETED",
            "current-phase-context": "[]",
            "version": "1",
        },
    }


def ended(build: str, status: str = "FAILED", attempt: int = 1, **phase: Any) -> str:
    answer = runner_end.handler(event(build, status, attempt, **phase), None)
    assert answer["order"] == f"{build}-{attempt}"
    return str(answer["outcome"])


def texts(build: str) -> list[str]:
    deployment = "dpl_" + build.partition("_")[2]
    return [line["text"] for line in loglines.after(deployment, -1, 1000)]


def test_a_silent_machine_is_replaced_and_its_last_words_are_kept(
    build: str, services: Any, machine_log: list[str]
) -> None:
    report.claim(build, "runner-1")
    report.log(build, 1, [{"t": 1, "level": "info", "stage": "build", "text": "of the runner"}])
    machine_log += ["Traceback", f"said {TOKEN} to {URL}", "x" * 9999]
    context = ["COMMAND_EXECUTION_ERROR: Error while executing command: secret. Reason: exit 137."]
    outcome = ended(build, phase_type="BUILD", phase_status="FAILED", phase_context=context)
    assert outcome == "lost"
    assert sorted(services.builder.orders) == [f"{build}-1", f"{build}-2"]
    report.claim(build, "runner-2")
    report.log(build, 1, [{"t": 1, "level": "info", "stage": "build", "text": "of the next"}])
    found = texts(build)
    assert found[:3] == [
        "of the runner",
        "The build machine ended: FAILED in phase BUILD: exit 137.",
        "Traceback",
    ]
    assert found[3].startswith("said *** to https://b.s3")
    assert found[3].endswith("X-Amz-Signature=***")
    assert found[4] == "x" * 500
    assert found[5:] == ["of the next"]


def test_the_second_loss_is_the_end(build: str, services: Any) -> None:
    assert ended(build) == "lost"
    assert ended(build) == "ignored"  # the event comes twice
    assert ended(build, "FAULT", attempt=2) == "lost"
    row = build_rows.get(build)
    assert row is not None
    assert row.error["code"] == "runner_lost"
    assert "FAULT, and its runner reported nothing" in row.error["message"]
    assert services.workflow.answers["t"]["outcome"] == "failed"
    assert ended(build, "FAULT", attempt=2) == "ignored"


def test_success_without_an_outcome_is_a_loss_too(build: str) -> None:
    assert ended(build, "SUCCEEDED") == "lost"


def test_what_took_too_long_is_not_tried_again(build: str, services: Any) -> None:
    report.claim(build, "runner-1")
    context = ["BUILD_TIMED_OUT: Build has timed out. "]
    slow = {"phase_type": "BUILD", "phase_status": "TIMED_OUT", "phase_context": context}
    assert ended(build, "TIMED_OUT", **slow) == "timeout"
    row = build_rows.get(build)
    assert row is not None
    assert (row.outcome, row.error["code"], row.error["fault"]) == ("failed", "timeout", "you")
    assert list(services.builder.orders) == [f"{build}-1"]
    assert ended(build, "TIMED_OUT", **slow) == "ignored"


@pytest.mark.parametrize("phase", ["QUEUED", "PROVISIONING"])
def test_a_machine_that_never_came_is_nobodys_slowness(build: str, phase: str) -> None:
    assert ended(build, "TIMED_OUT", phase_type=phase, phase_status="TIMED_OUT") == "lost"


def test_builds_that_are_over_replaced_or_unknown_are_left_alone(
    build: str, services: Any, machine_log: list[str]
) -> None:
    machine_log.append("never read")
    assert ended(build, attempt=2) == "ignored"
    assert ended("bld_" + "0" * 26) == "ignored"
    report.claim(build, "runner-1")
    report.fail(build, {"code": "build_failed", "message": "no", "hint": ""})
    assert ended(build) == "ignored"
    assert ended(build, "STOPPED") == "ignored"
    assert texts(build) == []
    row = build_rows.get(build)
    assert row is not None
    assert row.error["code"] == "build_failed"


def test_builds_of_others_are_not_ours(build: str) -> None:
    theirs = event(build)
    theirs["detail"]["project-name"] = "something-else"
    assert runner_end.handler(theirs, None) == {"order": None, "outcome": "ignored"}
    plain = event(build)
    plain["detail"]["additional-information"]["environment"]["environment-variables"] = []
    assert runner_end.handler(plain, None)["outcome"] == "ignored"
    bare = event(build)
    bare["detail"]["additional-information"] = {}
    assert runner_end.handler(bare, None)["outcome"] == "ignored"


@pytest.mark.parametrize("fault", [OSError("away"), RuntimeError("no right")])
def test_a_log_that_cannot_be_read_keeps_nobody(
    build: str, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def tail(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(logs.CloudWatchLogs, "tail", tail)
    assert ended(build) == "lost"
    assert f"cannot be read: {fault}" in texts(build)[1]


def test_an_order_waits_for_room_and_is_given_again(build: str, services: Any) -> None:
    """Without room nothing fails: the sweep asks again, and who follows the log is told."""
    services.builder.full = True
    assert ended(build) == "lost"
    assert list(services.builder.orders) == [f"{build}-1"]
    assert "the order waits" in texts(build)[-1]
    report_line = texts(build)
    order.reap(build, 0)
    assert texts(build) == report_line
    services.builder.full = False
    order.reap(build, 0)
    assert sorted(services.builder.orders) == [f"{build}-1", f"{build}-2"]
    report.claim(build, "runner-2")
    report.log(build, 1, [{"t": 1, "level": "info", "stage": "build", "text": "begun"}])
    assert texts(build)[-1] == "begun"


def test_the_sweep_is_not_troubled_by_a_full_house(
    database: Any, services: Any, build: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.builder.full = True
    services.builder.orders.clear()
    monkeypatch.setattr(sweep, "QUIET_MS", -1)
    counted = sweep.sweep()
    assert counted["troubled"] == 0
    assert counted["open"] == 1
