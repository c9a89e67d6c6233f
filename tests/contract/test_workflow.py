"""What every Workflow promises: Step Functions of the emulator, and the fake of the tests."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.local.bootstrap import ROLE
from chalicelib.clouds.aws.workflow import StepFunctions
from chalicelib.core.config import Settings
from chalicelib.ports import Workflow
from tests.fakes import FakeWorkflow

MACHINE = "wait"
GARBAGE = ["garbage", "x" * 2048, "", "ünïcode", "AAAAKgAAAAIAAA=="]


@dataclass
class Rig:
    """A machine with a single task that waits for its token."""

    workflow: Workflow
    states: Any = None
    activity: str = ""
    machine: str = ""

    def begin(self, name: str = "one", data: dict[str, Any] | None = None) -> str:
        """Start an execution; the token that it waits for."""
        assert self.workflow.start(MACHINE, name, data or {})
        if isinstance(self.workflow, FakeWorkflow):
            return self.workflow.wait(MACHINE, name)
        task = self.states.get_activity_task(activityArn=self.activity, workerName="test")
        return str(task["taskToken"])

    def seen(self, name: str = "one") -> Any:
        """(what the execution was started with, what its task was answered)."""
        if isinstance(self.workflow, FakeWorkflow):
            [answer] = self.workflow.answers.values()
            return self.workflow.executions[MACHINE, name].data, answer
        execution = self.machine.replace("stateMachine", "execution") + ":" + name
        found = self.states.describe_execution(executionArn=execution)
        return json.loads(found["input"]), json.loads(found["output"])

    def becomes(self, status: str, name: str = "one") -> bool:
        """Whether the execution comes to this status."""
        return soon(lambda: self.workflow.status(MACHINE, name) == status)


def soon(look) -> bool:
    until = time.monotonic() + 20
    while not look():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def emulated(at_emulator):
    from chalicelib.clouds.aws.session import client

    now = Settings(prefix=f"t{time.time_ns()}")
    states = client("stepfunctions", now.region)
    activity = states.create_activity(name=f"{now.prefix}-task")["activityArn"]
    task = {"Type": "Task", "Resource": activity, "End": True}
    machine = states.create_state_machine(
        name=f"{now.prefix}-{MACHINE}",
        definition=json.dumps({"StartAt": "Only", "States": {"Only": task}}),
        roleArn=ROLE,
    )["stateMachineArn"]
    assert machine == now.machine_arn(MACHINE)
    rig = Rig(StepFunctions(now), states, activity, machine)
    yield rig
    for execution in states.list_executions(stateMachineArn=machine)["executions"]:
        if execution["status"] == "RUNNING":
            states.stop_execution(executionArn=execution["executionArn"])


@pytest.fixture
def fake():
    return Rig(FakeWorkflow())


@pytest.fixture(params=["fake", "emulated"])
def rig(request):
    return request.getfixturevalue(request.param)


def test_a_name_is_started_once(rig):
    rig.begin("one", {"deployment": "one"})
    assert rig.workflow.start(MACHINE, "one", {"deployment": "one"}) is False
    assert rig.workflow.start(MACHINE, "one", {"deployment": "other"}) is False
    assert rig.workflow.start(MACHINE, "two", {"deployment": "one"}) is True


def test_a_name_stays_taken_when_it_is_over(rig):
    token = rig.begin()
    assert rig.workflow.succeed(token, {})
    assert rig.becomes("SUCCEEDED")
    assert rig.workflow.start(MACHINE, "one", {}) is False
    assert rig.workflow.status(MACHINE, "one") == "SUCCEEDED"


def test_status_of_what_was_never_started(rig):
    rig.begin()
    assert rig.workflow.status(MACHINE, "one") == "RUNNING"
    assert rig.workflow.status(MACHINE, "two") is None
    assert rig.workflow.status("absent", "one") is None


def test_an_answer_counts_once(rig):
    token = rig.begin("one", {"deployment": "é", "number": 1})
    assert rig.workflow.succeed(token, {"outcome": "ok", "text": "日本"}) is True
    assert rig.becomes("SUCCEEDED")
    assert soon(lambda: not rig.workflow.succeed(token, {"outcome": "late"}))
    assert rig.workflow.fail(token, "Late", "too late") is False
    assert rig.workflow.heartbeat(token) is False
    assert rig.workflow.status(MACHINE, "one") == "SUCCEEDED"
    started, answered = rig.seen()
    assert started == {"deployment": "é", "number": 1}
    assert answered == {"outcome": "ok", "text": "日本"}


def test_a_fault_counts_once(rig):
    token = rig.begin()
    assert rig.workflow.fail(token, "E" * 1000, "c" * 40_000) is True
    assert rig.becomes("FAILED")
    assert soon(lambda: not rig.workflow.fail(token, "Again", ""))
    assert rig.workflow.succeed(token, {}) is False
    assert rig.workflow.status(MACHINE, "one") == "FAILED"


def test_a_heartbeat_ends_nothing(rig):
    token = rig.begin()
    assert rig.workflow.heartbeat(token) is True
    assert rig.workflow.heartbeat(token) is True
    assert rig.workflow.status(MACHINE, "one") == "RUNNING"
    assert rig.workflow.succeed(token, {}) is True


@pytest.mark.parametrize("token", GARBAGE)
def test_nobody_waits_for_garbage(rig, token):
    assert rig.workflow.succeed(token, {}) is False
    assert rig.workflow.fail(token, "E", "c") is False
    assert rig.workflow.heartbeat(token) is False


def test_a_token_belongs_to_one_execution(rig):
    first, second = rig.begin("one"), rig.begin("two")
    assert first != second
    assert rig.workflow.succeed(second, {})
    assert rig.becomes("SUCCEEDED", "two")
    assert rig.workflow.status(MACHINE, "one") == "RUNNING"


def test_stopping(rig):
    rig.begin()
    rig.workflow.stop(MACHINE, "one", "c" * 5000)
    assert rig.workflow.status(MACHINE, "one") == "ABORTED"
    rig.workflow.stop(MACHINE, "one", "again")
    assert rig.workflow.status(MACHINE, "one") == "ABORTED"
    assert rig.workflow.start(MACHINE, "one", {}) is False


def test_stopping_what_is_over_or_was_never_there(rig):
    rig.workflow.stop(MACHINE, "two", "unknown name")
    rig.workflow.stop("absent", "one", "unknown machine")
    assert rig.workflow.succeed(rig.begin(), {})
    assert rig.becomes("SUCCEEDED")
    rig.workflow.stop(MACHINE, "one", "too late")
    assert rig.workflow.status(MACHINE, "one") == "SUCCEEDED"


def test_only_json_travels(rig):
    with pytest.raises(TypeError):
        rig.workflow.start(MACHINE, "one", {"at": object()})
    assert rig.workflow.status(MACHINE, "one") is None
