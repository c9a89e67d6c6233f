"""Step Functions of the embedded cloud with nothing behind it but a scripted function."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from adapters.local import settings
from adapters.local.bootstrap import ROLE, definition
from adapters.local.settings import SHIM, Installation
from tests.e2e.asking import until
from tests.fakes import ministack

FILE = settings.ROOT / "state_machines" / "deploy.asl.json"
OK = {"outcome": "ok"}
Json = dict[str, Any]


@contextmanager
def running(home: Path) -> Iterator[Emulator]:
    """The emulator as the supervisor starts it, with pauses before retries made short."""
    with ministack.running(home, SFN_WAIT_SCALE="0.02") as here:
        (home / "stub").mkdir()
        yield Emulator(here, home / "stub")


@dataclass
class Emulator:
    """The emulator with our function and the machines under test."""

    here: Installation
    folder: Path

    def client(self, service: str) -> Any:
        return ministack.client(self.here, service)

    @cached_property
    def states(self) -> Any:
        return self.client("stepfunctions")

    def install_function(self) -> None:
        """The scripted function, under the name that the embedded cloud gives its own."""
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w") as package:
            package.write(Path(__file__).with_name("stub.py"), "stub.py")
        ministack.make_role(self.here)
        self.client("lambda").create_function(
            FunctionName=SHIM,
            Runtime="python3.11",
            Role=ROLE,
            Handler="stub.handler",
            Timeout=30,
            Code={"ZipFile": memory.getvalue()},
            Environment={"Variables": {"STUB_FOLDER": str(self.folder)}},
        )

    def install_machine(self, name: str, text: str) -> str:
        """A state machine; returns its ARN."""
        made = self.states.create_state_machine(
            name=name, definition=definition(text), roleArn=ROLE
        )
        return str(made["stateMachineArn"])

    def start(
        self,
        machine: str,
        name: str,
        plans: dict[str, Json] | None = None,
        *,
        prebuilt: bool = False,
        data: Json | None = None,
    ) -> Run:
        """An execution for a deployment of this name, with what its states shall answer.

        `data` is its input, should it not be the machine of deployments.
        """
        folder = self.folder / name
        folder.mkdir()
        for state, plan in (plans or {}).items():
            (folder / f"{state}.json").write_text(json.dumps(plan))
        started = self.states.start_execution(
            stateMachineArn=machine,
            name=name,
            input=json.dumps(data or {"deployment": name, "prebuilt": prebuilt}),
        )
        return Run(self, name, started["executionArn"])


@dataclass
class Run:
    """One execution."""

    emulator: Emulator
    name: str
    arn: str

    def calls(self, state: str = "") -> list[Json]:
        """What the function was called with, oldest first."""
        file = self.emulator.folder / self.name / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        found = [json.loads(line) for line in lines]
        return [call for call in found if state in {"", call["state"]}]

    def token(self, number: int = 1) -> str:
        """The task token of the nth call of Build."""
        until(lambda: len(self.calls("Build")) >= number, 60, 0.05)
        return str(self.calls("Build")[number - 1]["token"])

    def built(self, outcome: Json | None = None, number: int = 1) -> Run:
        """Answer the task token, as soon as there is one."""
        token = self.token(number)
        until(lambda: self._answer(token, outcome or OK), 10, 0.02)
        return self

    def _answer(self, token: str, outcome: Json) -> bool:
        try:
            self.emulator.states.send_task_success(taskToken=token, output=json.dumps(outcome))
        except self.emulator.states.exceptions.ClientError:
            return False
        return True

    def broken(self, number: int = 1) -> Run:
        """End the task with a fault, as the handler of Build does when it raises."""
        token = self.token(number)
        fault = {"error": "OSError", "cause": "the slots process does not answer"}
        self.emulator.states.send_task_failure(taskToken=token, **fault)
        return self

    def status(self) -> str:
        return str(self.emulator.states.describe_execution(executionArn=self.arn)["status"])

    def end(self, seconds: float = 90) -> str:
        """The status when it is over."""
        until(lambda: self.status() != "RUNNING", seconds, 0.05)
        return self.status()

    def visited(self) -> list[str]:
        """The states in the order in which they were entered."""
        pages = self.emulator.states.get_paginator("get_execution_history")
        return [
            event["stateEnteredEventDetails"]["name"]
            for page in pages.paginate(executionArn=self.arn)
            for event in page["events"]
            if "stateEnteredEventDetails" in event
        ]
