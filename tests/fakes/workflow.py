"""Executions and events that are only remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalicelib.ports import Bus, Workflow


@dataclass
class Execution:
    """One started execution."""

    data: dict[str, Any]
    status: str = "RUNNING"
    cause: str = ""


@dataclass
class FakeWorkflow(Workflow):
    """Executions by (machine, name); `waiting` holds the task tokens that may be answered."""

    executions: dict[tuple[str, str], Execution] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, tuple[str, str]] = field(default_factory=dict)
    heartbeats: list[str] = field(default_factory=list)

    def start(self, machine: str, name: str, data: dict[str, Any]) -> bool:
        if (machine, name) in self.executions:
            return False
        self.executions[machine, name] = Execution(data)
        return True

    def status(self, machine: str, name: str) -> str | None:
        execution = self.executions.get((machine, name))
        return execution.status if execution else None

    def succeed(self, token: str, output: dict[str, Any]) -> bool:
        if token not in self.waiting:
            return False
        self.waiting.discard(token)
        self.answers[token] = output
        return True

    def fail(self, token: str, error: str, cause: str) -> bool:
        if token not in self.waiting:
            return False
        self.waiting.discard(token)
        self.faults[token] = (error, cause)
        return True

    def heartbeat(self, token: str) -> bool:
        self.heartbeats.append(token)
        return token in self.waiting

    def stop(self, machine: str, name: str, cause: str) -> None:
        execution = self.executions.get((machine, name))
        if execution and execution.status == "RUNNING":
            execution.status, execution.cause = "ABORTED", cause


@dataclass
class FakeBus(Bus):
    """Remembers events as (kind, detail)."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def put(self, kind: str, detail: dict[str, Any]) -> None:
        self.events.append((kind, detail))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Details of the events of one kind, in order."""
        return [detail for name, detail in self.events if name == kind]
