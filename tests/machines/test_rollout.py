"""`rollout.asl.json`: read, and executed with a scripted function."""

from __future__ import annotations

import importlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from adapters.local.settings import ROOT
from chalicelib import resources
from tests.machines.emulator import Emulator, Run

FILE = ROOT / "state_machines" / "rollout.asl.json"
MACHINE: dict[str, Any] = json.loads(FILE.read_text())
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
TASKS = sorted(name for name, state in STATES.items() if state["Type"] == "Task")
GO = {"outcome": "go", "wait": 0}
BAKE = {"outcome": "bake", "wait": 1}
OVER = {"outcome": "over", "wait": 0}
SHIFT, SETTLE = {"outcome": "shift", "wait": 0}, {"outcome": "settle", "wait": 0}
WITHDRAW = {"outcome": "withdraw", "wait": 0}


def test_every_task_is_a_function_of_rollouts() -> None:
    assert {name.lower() for name in TASKS} == set(resources.ROLLOUT)
    functions = {function.name: function for function in resources.FUNCTIONS}
    for name in TASKS:
        task = STATES[name]
        payload = task["Parameters"]["Payload"]
        assert task["Parameters"]["FunctionName"] == "${" + name.lower() + "}"
        assert (payload["machine"], payload["state"]) == ("rollout", name)
        function = functions[f"rollout-{name.lower()}"]
        assert task["TimeoutSeconds"] > function.timeout_seconds
        assert callable(importlib.import_module(function.module).handler)
        timeout, everything = task["Retry"]
        assert timeout == {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 0}
        assert everything["ErrorEquals"] == ["States.ALL"]
        assert everything["BackoffRate"] > 1
    assert set(re.findall(r"\$\{(\w+)\}", FILE.read_text())) == set(resources.ROLLOUT)


def test_every_outcome_of_a_task_leads_somewhere() -> None:
    for name in TASKS:
        choice = STATES[STATES[name]["Next"]]
        assert choice["Type"] == "Choice"
        assert choice["Default"] == "Done"
        for way in choice["Choices"]:
            assert way["Variable"] == "$.step.outcome"
            assert way["Next"] in STATES


def test_a_thousand_looks_fit_into_one_execution() -> None:
    """An execution may have 25,000 events; a look with its pause and choice takes nine."""
    from chalicelib.rollouts.rules.states import LOOKS_A_RUN

    assert LOOKS_A_RUN * 9 < 25_000 / 2


SCENARIOS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "good": {
        "Begin": [GO],
        "Shift": [BAKE, BAKE, SETTLE],
        "Look": [BAKE, SHIFT, SHIFT],
        "Settle": [OVER],
    },
    "bad": {"Begin": [GO], "Shift": [BAKE], "Look": [BAKE, WITHDRAW], "Withdraw": [OVER]},
    "nothing-to-do": {"Begin": [OVER]},
    "overtaken": {"Begin": [GO], "Shift": [BAKE], "Look": [OVER]},
    "overtaken-at-once": {"Begin": [GO], "Shift": [OVER]},
    "crossed": {
        "Begin": [GO],
        "Shift": [BAKE, SETTLE, SETTLE],
        "Look": [SETTLE],
        "Settle": [BAKE, BAKE, OVER],
    },
}
WAYS = {
    "good": [
        *("Begin", "Begun", "Shift", "Shifted", "Bake", "Look", "Looked", "Bake", "Look"),
        *("Looked", "Shift", "Shifted", "Bake", "Look", "Looked", "Shift", "Shifted"),
        *("Settle", "Settled", "Done"),
    ],
    "bad": [
        *("Begin", "Begun", "Shift", "Shifted", "Bake", "Look", "Looked", "Bake", "Look"),
        *("Looked", "Withdraw", "Withdrawn", "Done"),
    ],
    "nothing-to-do": ["Begin", "Begun", "Done"],
    "overtaken": ["Begin", "Begun", "Shift", "Shifted", "Bake", "Look", "Looked", "Done"],
    "overtaken-at-once": ["Begin", "Begun", "Shift", "Shifted", "Done"],
    "crossed": [
        *("Begin", "Begun", "Shift", "Shifted", "Bake", "Look", "Looked", "Settle", "Settled"),
        *("Again", "Shift", "Shifted", "Settle", "Settled", "Again", "Shift", "Shifted"),
        *("Settle", "Settled", "Done"),
    ],
}


@pytest.fixture(scope="session")
def rollouts(emulator: Emulator) -> dict[str, Run]:
    """Every execution, started."""
    machine = emulator.install_machine("rollout", FILE.read_text())

    def started(name: str) -> tuple[str, Run]:
        plans = {state: {"answers": answers} for state, answers in SCENARIOS[name].items()}
        if name == "bad":
            plans["Look"]["faults"] = 1
        data = {"rollout": f"rol-{name}", "project": "p", "deployment": f"rol-{name}", "run": 3}
        return name, emulator.start(machine, f"rol-{name}", plans, data=data)

    with ThreadPoolExecutor(4) as pool:
        return dict(pool.map(started, SCENARIOS))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_way_it_takes(rollouts: dict[str, Run], name: str) -> None:
    run = rollouts[name]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == WAYS[name]
    asked = run.calls()
    assert {(call["machine"], call["run"], call["project"]) for call in asked} == {
        ("rollout", 3, "p")
    }


def test_a_passing_fault_is_tried_again(rollouts: dict[str, Run]) -> None:
    assert rollouts["bad"].end() == "SUCCEEDED"
    assert len(rollouts["bad"].calls("Look")) == 3
