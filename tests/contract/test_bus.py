"""What every Bus promises: EventBridge of the emulator, and the fake of the tests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.local.bootstrap import ROLE
from chalicelib.clouds.aws.bus import EventBridge
from chalicelib.core.config import Settings
from chalicelib.ports import Bus
from chalicelib.resources import EVENT_SOURCE
from tests.fakes import FakeBus

KIND = "git.push"


@dataclass
class Rig:
    """A bus, and what arrived of the kind `git.push`."""

    bus: Bus
    arrived: Callable[[], list[dict[str, Any]]]

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        until = time.monotonic() + 20
        while len(self.arrived()) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.arrived()


@pytest.fixture
def fake():
    bus = FakeBus()
    return Rig(bus, lambda: bus.of(KIND))


@pytest.fixture
def emulated(at_emulator):
    """A rule as ours are made, whose target is a machine: its executions are what arrived."""
    from chalicelib.clouds.aws.session import client

    now = Settings(prefix=f"t{time.time_ns()}")
    states, events = client("stepfunctions", now.region), client("events", now.region)
    machine = states.create_state_machine(
        name=f"{now.prefix}-seen",
        definition=json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}),
        roleArn=ROLE,
    )["stateMachineArn"]
    events.create_event_bus(Name=now.bus)
    pattern = {"source": [EVENT_SOURCE], "detail-type": [KIND]}
    events.put_rule(Name=now.prefix, EventBusName=now.bus, EventPattern=json.dumps(pattern))
    target = {"Id": "seen", "Arn": machine, "RoleArn": ROLE}
    events.put_targets(Rule=now.prefix, EventBusName=now.bus, Targets=[target])

    def arrived() -> list[dict[str, Any]]:
        found = states.list_executions(stateMachineArn=machine)["executions"]
        inputs = [
            json.loads(states.describe_execution(executionArn=one["executionArn"])["input"])
            for one in found
        ]
        assert {(one["source"], one["detail-type"]) for one in inputs} <= {(EVENT_SOURCE, KIND)}
        return [one["detail"] for one in inputs]

    return Rig(EventBridge(now), arrived)


@pytest.fixture(params=["fake", "emulated"])
def rig(request):
    return request.getfixturevalue(request.param)


def test_an_event_arrives_as_it_was(rig):
    detail = {"version": 1, "branch": "feature/ü", "sequence": 2**62, "nested": {"a": [None, 1.5]}}
    rig.bus.put(KIND, detail)
    assert rig.wait_for(1) == [detail]


def test_what_is_changed_afterwards_does_not_travel(rig):
    detail = {"list": [1]}
    rig.bus.put(KIND, detail)
    detail["list"].append(2)
    assert rig.wait_for(1) == [{"list": [1]}]


def test_other_kinds_go_elsewhere(rig):
    rig.bus.put("deployment.finished", {"number": 1})
    rig.bus.put(KIND, {"number": 2})
    assert rig.wait_for(1) == [{"number": 2}]


def test_the_same_event_twice_is_two_events(rig):
    for number in (1, 1, 2):
        rig.bus.put(KIND, {"number": number})
    assert sorted(one["number"] for one in rig.wait_for(3)) == [1, 1, 2]


def test_only_json_travels(rig):
    with pytest.raises(TypeError):
        rig.bus.put(KIND, {"at": object()})
    assert rig.arrived() == []


def test_a_refused_event_is_not_lost_silently(at_emulator):
    from botocore.stub import Stubber

    from chalicelib.clouds.aws.session import client

    now = Settings()
    refusal = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
    with Stubber(client("events", now.region)) as stub:
        stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": [refusal]})
        with pytest.raises(RuntimeError, match=r"refused git\.push.*ThrottlingException"):
            EventBridge(now).put(KIND, {})
