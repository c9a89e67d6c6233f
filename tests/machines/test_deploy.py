"""`deploy.asl.json`, executed: every way from Prepare to Done.

All executions start at once and go on beside each other; each test looks at one of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.machines.emulator import FILE, OK, Emulator, Run

WHOLE = [
    *("Prepare", "Prepared", "Build", "Package", "Packaged", "Attest", "Attested"),
    *("Publish", "Verify", "Promote", "Notify", "Done"),
]
STEPS = ("Prepare", "Package", "Attest", "Publish", "Verify", "Promote")
OUTCOMES = ("superseded", "cancelled", "failed")
ALWAYS = -1

Plans = dict[str, dict[str, Any]]


def faulty(state: str, times: int) -> Plans:
    return {state: {"faults": times}}


def answering(state: str, outcome: str) -> Plans:
    return {state: {"answer": {"outcome": outcome}}}


SCENARIOS: dict[str, tuple[Plans, Callable[[Run], Any] | None]] = {
    "happy": ({}, Run.built),
    "twice-answered": ({}, Run.built),
    "prebuilt": ({}, None),
    "restored": (answering("Prepare", "restored"), None),
    "gated": (answering("Attest", "failed"), Run.built),
    **{f"early-{outcome}": (answering("Prepare", outcome), None) for outcome in OUTCOMES},
    **{
        f"built-{outcome}": (
            answering("Package", outcome),
            lambda run, outcome=outcome: run.built({"outcome": outcome}),
        )
        for outcome in OUTCOMES
    },
    **{f"twice-{state}": (faulty(state, 2), Run.built) for state in STEPS},
    **{
        f"always-{state}": (faulty(state, ALWAYS), None if state == "Prepare" else Run.built)
        for state in STEPS
    },
    "restarted": ({}, lambda run: run.broken().built(number=2)),
    "never-started": ({}, lambda run: [run.broken(number) for number in range(1, 6)]),
    **{
        f"late-{state}": ({**faulty("Prepare", ALWAYS), **faulty(state, 1)}, None)
        for state in ("Fail", "Notify")
    },
    **{
        f"lost-{state}": ({**faulty("Prepare", ALWAYS), **faulty(state, ALWAYS)}, None)
        for state in ("Fail", "Notify")
    },
}
"""Name of an execution -> what its states answer, and who answers for the build."""


@pytest.fixture(scope="session")
def runs(emulator: Emulator, machine: str) -> dict[str, Run]:
    """Every execution, started."""
    with ThreadPoolExecutor(8) as pool:
        return dict(pool.map(lambda name: (name, _started(emulator, machine, name)), SCENARIOS))


def _started(emulator: Emulator, machine: str, name: str) -> Run:
    plans, builder = SCENARIOS[name]
    run = emulator.start(machine, name, plans, prebuilt=name == "prebuilt")
    if builder is not None:
        builder(run)
    return run


def test_the_happy_path(runs: dict[str, Run]) -> None:
    run = runs["happy"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == WHOLE
    assert [call["state"] for call in run.calls()] == [
        name for name in WHOLE if name not in {"Prepared", "Packaged", "Attested", "Done"}
    ]
    assert {call["deployment"] for call in run.calls()} == {"happy"}
    assert [call["state"] for call in run.calls() if "token" in call] == ["Build"]


def test_it_waits_for_the_build(emulator: Emulator, machine: str) -> None:
    run = emulator.start(machine, "waits")
    assert run.token()
    assert run.status() == "RUNNING"
    assert run.visited()[-1] == "Build"
    assert run.built().end() == "SUCCEEDED"


def test_what_is_built_already_is_not_built(runs: dict[str, Run]) -> None:
    run = runs["prebuilt"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == [name for name in WHOLE if name != "Build"]
    assert run.calls("Build") == []


def test_what_was_built_before_is_packaged_at_once(runs: dict[str, Run]) -> None:
    run = runs["restored"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == [name for name in WHOLE if name != "Build"]
    assert run.calls("Build") == []


def test_what_a_gate_keeps_back_is_not_published(runs: dict[str, Run]) -> None:
    run = runs["gated"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == [*WHOLE[:7], "Notify", "Done"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_whoever_is_not_needed_stops_at_once(runs: dict[str, Run], outcome: str) -> None:
    run = runs[f"early-{outcome}"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == ["Prepare", "Prepared", "Notify", "Done"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_package_decides_what_a_build_came_to(runs: dict[str, Run], outcome: str) -> None:
    """The outcome that travels with the token moves nothing by itself: Package reads the row."""
    run = runs[f"built-{outcome}"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == [*WHOLE[:5], "Notify", "Done"]


@pytest.mark.parametrize("state", STEPS)
def test_a_passing_fault_is_tried_again(runs: dict[str, Run], state: str) -> None:
    run = runs[f"twice-{state}"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == WHOLE
    assert len(run.calls(state)) == 3


@pytest.mark.parametrize("state", STEPS)
def test_a_lasting_fault_has_one_exit(runs: dict[str, Run], state: str) -> None:
    run = runs[f"always-{state}"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == [*WHOLE[: WHOLE.index(state) + 1], "Fail", "Notify", "Done"]
    assert len(run.calls(state)) == 5
    [told] = run.calls("Fail")
    assert told["error"]["Error"]
    assert f"{state} broke" in told["error"]["Cause"]


def test_a_build_that_did_not_start_is_tried_again(runs: dict[str, Run]) -> None:
    run = runs["restarted"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == WHOLE
    assert [call["state"] for call in run.calls()].count("Build") == 2


def test_a_build_that_never_starts_fails(runs: dict[str, Run]) -> None:
    run = runs["never-started"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == ["Prepare", "Prepared", "Build", "Fail", "Notify", "Done"]
    assert len(run.calls("Build")) == 5
    error = {"Error": "OSError", "Cause": "the slots process does not answer"}
    assert run.calls("Fail")[0]["error"] == error


def test_a_token_is_good_for_one_answer(emulator: Emulator, runs: dict[str, Run]) -> None:
    run = runs["twice-answered"]
    assert run.end() == "SUCCEEDED"
    errors = emulator.states.exceptions
    with pytest.raises((errors.TaskDoesNotExist, errors.TaskTimedOut, errors.InvalidToken)):
        emulator.states.send_task_success(taskToken=run.token(), output=json.dumps(OK))
    assert run.visited() == WHOLE


def test_a_build_that_nobody_answers_ends(emulator: Emulator) -> None:
    """The same machine with one second of patience: a timeout is not tried again."""
    impatient = json.loads(FILE.read_text())
    impatient["States"]["Build"]["TimeoutSeconds"] = 1
    machine = emulator.install_machine("impatient", json.dumps(impatient))
    run = emulator.start(machine, "unanswered")
    assert run.end() == "SUCCEEDED"
    assert run.visited() == ["Prepare", "Prepared", "Build", "Fail", "Notify", "Done"]
    assert len(run.calls("Build")) == 1
    assert run.calls("Fail")[0]["error"]["Error"] == "States.Timeout"


@pytest.mark.parametrize("state", ["Fail", "Notify"])
def test_the_last_steps_are_tried_again(runs: dict[str, Run], state: str) -> None:
    run = runs[f"late-{state}"]
    assert run.end() == "SUCCEEDED"
    assert run.visited() == ["Prepare", "Fail", "Notify", "Done"]
    assert len(run.calls(state)) == 2


@pytest.mark.parametrize("state", ["Fail", "Notify"])
def test_without_a_last_step_the_execution_fails(runs: dict[str, Run], state: str) -> None:
    """Then the sweep finds the deployment open and its execution gone."""
    run = runs[f"lost-{state}"]
    assert run.end() == "FAILED"
    assert run.visited()[-1] == state


def test_many_at_once(emulator: Emulator, machine: str) -> None:
    runs: list[Run] = [emulator.start(machine, f"crowd-{number}") for number in range(12)]
    for run in reversed(runs):
        run.built()
    assert [run.end() for run in runs] == ["SUCCEEDED"] * 12
    assert all(run.visited() == WHOLE for run in runs)


def test_one_name_is_one_execution(emulator: Emulator, machine: str) -> None:
    run = emulator.start(machine, "once")
    body = json.dumps({"deployment": "once", "prebuilt": True})
    with pytest.raises(emulator.states.exceptions.ExecutionAlreadyExists):
        emulator.states.start_execution(stateMachineArn=machine, name="once", input=body)
    assert run.built().end() == "SUCCEEDED"
    assert len(run.calls("Prepare")) == 1
