"""`deploy.asl.json`, read: what every state must have, whatever runs it."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest

from adapters.local.bootstrap import definition
from chalicelib import resources
from tests.machines.emulator import FILE

TEXT = FILE.read_text()
MACHINE: dict[str, Any] = json.loads(TEXT)
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
TASKS = sorted(name for name, state in STATES.items() if state["Type"] == "Task")
LAST = {"Fail", "Notify"}
"""What comes after these is the end, so a fault in them has nowhere to go."""


def following(state: dict[str, Any]) -> set[str]:
    """Every state that may come next."""
    ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
    found = {way["Next"] for way in ways if "Next" in way}
    return found | ({state["Default"]} if "Default" in state else set())


def references(node: Any) -> set[str]:
    """Every `$.…` in a definition."""
    if isinstance(node, dict):
        return set().union(*map(references, node.values())) if node else set()
    if isinstance(node, list):
        return set().union(*map(references, node)) if node else set()
    return {node} if isinstance(node, str) and node.startswith(("$.", "$$.")) else set()


def test_every_machine_has_a_file_and_every_file_is_a_machine() -> None:
    names = {path.name for path in FILE.parent.glob("*.json")}
    assert names == {f"{machine.name}.asl.json" for machine in resources.MACHINES}


def test_every_task_is_one_function_of_the_pipeline() -> None:
    assert {name.lower() for name in TASKS} == set(resources.PIPELINE)
    for name in TASKS:
        parameters = STATES[name]["Parameters"]
        assert parameters["FunctionName"] == "${" + name.lower() + "}"
        assert parameters["Payload"]["state"] == name
        assert parameters["Payload"]["deployment.$"] == "$.deployment"
        module = importlib.import_module(f"functions.pipeline.{name.lower()}")
        assert callable(module.handler)
    here = {path.stem for path in (FILE.parents[1] / "functions/pipeline").glob("[a-z]*.py")}
    assert here == set(resources.PIPELINE)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_expects_faults(name: str) -> None:
    task = STATES[name]
    timeout, everything = task["Retry"]
    assert timeout == {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0}
    assert everything["ErrorEquals"] == ["States.ALL"]
    assert everything["MaxAttempts"] >= 3
    assert everything["BackoffRate"] > 1
    assert everything["JitterStrategy"] == "FULL"
    if name in LAST:
        assert "Catch" not in task
    else:
        assert task["Catch"] == [
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Fail"}
        ]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_longer_than_its_function(name: str) -> None:
    functions = {function.name: function for function in resources.FUNCTIONS}
    own = functions[f"pipeline-{name.lower()}"].timeout_seconds
    assert STATES[name]["TimeoutSeconds"] > own


def test_only_build_waits_for_an_answer() -> None:
    waiting = [name for name in TASKS if STATES[name]["Resource"].endswith(".waitForTaskToken")]
    assert waiting == ["Build"]
    assert STATES["Build"]["Parameters"]["Payload"]["token.$"] == "$$.Task.Token"
    others = {STATES[name]["Resource"] for name in TASKS if name != "Build"}
    assert others == {"arn:aws:states:::lambda:invoke"}


def test_a_build_is_waited_for_longer_than_it_may_take() -> None:
    from chalicelib.core.config import Settings

    assert STATES["Build"]["TimeoutSeconds"] > 2 * Settings().build_seconds


def test_every_state_is_reached_and_every_way_leads_somewhere() -> None:
    reached: set[str] = set()
    waiting = {MACHINE["StartAt"]}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= following(STATES[name]) - reached
    assert reached == set(STATES)
    for name, state in STATES.items():
        assert following(state) or state["Type"] == "Succeed", name


def test_every_way_ends() -> None:
    """Without a circle: a deployment cannot go round for ever."""

    def longest(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, path
        for after in following(STATES[name]):
            longest(after, (*path, name))

    longest(MACHINE["StartAt"], ())


def test_everything_goes_through_notify() -> None:
    before_done = {name for name, state in STATES.items() if "Done" in following(state)}
    assert before_done == {"Notify"}
    assert [n for n, s in STATES.items() if s["Type"] in {"Succeed", "Fail"}] == ["Done"]


def test_the_input_is_the_deployment_and_whether_it_is_built() -> None:
    """Nothing else is read that a state before has not put there."""
    assert references(MACHINE) == {
        *("$.deployment", "$.prebuilt", "$$.Task.Token"),
        *("$.step", "$.step.outcome", "$.Payload.outcome", "$.error"),
    }


def test_no_blank_is_left_open() -> None:
    assert set(re.findall(r"\$\{(\w+)\}", TEXT)) == set(resources.PIPELINE)
    assert "${" not in definition(TEXT)
