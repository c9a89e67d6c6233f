"""`domain.asl.json`: read, and executed by the emulator, until a domain is settled."""

from __future__ import annotations

import importlib
import json
from typing import Any

from adapters.local.bootstrap import definition
from adapters.local.shim import targets
from chalicelib import resources
from tests.machines.emulator import Emulator, Run

FILE = next(m for m in resources.MACHINES if m.name == "domain")
TEXT = (
    importlib.import_module("adapters.local.settings").ROOT / "state_machines/domain.asl.json"
).read_text()
STATES: dict[str, dict[str, Any]] = json.loads(TEXT)["States"]


def test_its_task_is_a_function_that_waits_for_longer_than_it_runs() -> None:
    (task,) = (state for state in STATES.values() if state["Type"] == "Task")
    assert task["Parameters"]["FunctionName"] == "${look}"
    payload = task["Parameters"]["Payload"]
    asked = {"machine": payload["machine"], "state": payload["state"]}
    assert targets(asked) == ["functions.domains.look"]
    functions = {function.name: function for function in resources.FUNCTIONS}
    assert task["TimeoutSeconds"] > functions["domain-look"].timeout_seconds
    assert callable(importlib.import_module("functions.domains.look").handler)
    assert "${" not in definition(TEXT)


def test_whoever_holds_a_claim_is_gone_before_it_is_free_again() -> None:
    from chalicelib.domains.rows.domains import BUSY_SECONDS

    functions = {function.name: function for function in resources.FUNCTIONS}
    assert all(
        functions[name].timeout_seconds < BUSY_SECONDS for name in ("domain-look", "certificates")
    )


def test_it_lasts_longer_than_anything_it_waits_for() -> None:
    from chalicelib.domains.rules.states import PATIENCE
    from chalicelib.domains.rules.states import STATES as NAMES

    assert json.loads(TEXT)["TimeoutSeconds"] >= PATIENCE * len(NAMES) / 2


def start(emulator: Emulator, name: str, plan: dict[str, Any]) -> Run:
    name = f"of-a-domain-{name}"  # other machines have scripts here as well
    folder = emulator.folder / name
    folder.mkdir()
    (folder / "Look.json").write_text(json.dumps(plan))
    data = {"project": "prj_x", "domain": "www.example.com", "run": 3, "deployment": name}
    # the scripted function finds its script by `deployment`, which the state does not pass on
    text = TEXT.replace('"run.$": "$.run"', f'"run.$": "$.run", "deployment": "{name}"')
    arn = emulator.install_machine(f"domain-{name}", text)
    started = emulator.states.start_execution(
        stateMachineArn=arn, name=name, input=json.dumps(data)
    )
    return Run(emulator, name, started["executionArn"])


def test_one_look_may_be_enough(emulator: Emulator) -> None:
    run = start(emulator, "settled", {"answer": {"outcome": "done", "seconds": 0}})
    assert run.end() == "SUCCEEDED"
    assert run.visited() == ["Look", "Looked", "Done"]
    (call,) = run.calls()
    assert (call["project"], call["domain"], call["run"]) == ("prj_x", "www.example.com", 3)


def test_it_waits_as_long_as_it_is_told_and_looks_again(emulator: Emulator) -> None:
    run = start(emulator, "waits", {"answer": {"outcome": "wait", "seconds": 60}})
    from tests.e2e.asking import until

    until(lambda: len(run.calls()) >= 3, 60, 0.05)
    script = emulator.folder / "of-a-domain-waits" / "Look.json"
    script.write_text(json.dumps({"answer": {"outcome": "done", "seconds": 0}}))
    assert run.end() == "SUCCEEDED"
    visited = run.visited()
    assert visited[:6] == ["Look", "Looked", "Wait", "Look", "Looked", "Wait"]
    assert visited[-3:] == ["Look", "Looked", "Done"]


def test_a_fault_is_tried_again_and_then_it_fails_where_somebody_sees_it(
    emulator: Emulator,
) -> None:
    done = {"outcome": "done", "seconds": 0}
    twice = start(emulator, "twice", {"faults": 2, "answer": done})
    always = start(emulator, "always", {"faults": -1})
    assert (twice.end(), always.end()) == ("SUCCEEDED", "FAILED")
    assert len(twice.calls()) == 3
    assert len(always.calls()) == 6
