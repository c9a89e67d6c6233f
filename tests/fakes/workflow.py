"""Executions and events that are only remembered."""

from __future__ import annotations

import json
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
    """Executions by (machine, name); `waiting` holds the task tokens that may be answered.

    `wait` makes an execution wait for its only task, whose answer then ends it.
    """

    executions: dict[tuple[str, str], Execution] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, tuple[str, str]] = field(default_factory=dict)
    heartbeats: list[str] = field(default_factory=list)
    _waiters: dict[str, Execution] = field(default_factory=dict)

    def wait(self, machine: str, name: str) -> str:
        """A task token that this execution waits for."""
        token = f"token-{machine}-{name}-{len(self._waiters)}"
        self._waiters[token] = self.executions[machine, name]
        self.waiting.add(token)
        return token

    def start(self, machine: str, name: str, data: dict[str, Any]) -> bool:
        if (machine, name) in self.executions:
            return False
        self.executions[machine, name] = Execution(_copy(data))
        return True

    def status(self, machine: str, name: str) -> str | None:
        execution = self.executions.get((machine, name))
        return execution.status if execution else None

    def succeed(self, token: str, output: dict[str, Any]) -> bool:
        content = _copy(output)
        if not self._over(token, "SUCCEEDED"):
            return False
        self.answers[token] = content
        return True

    def fail(self, token: str, error: str, cause: str) -> bool:
        if not self._over(token, "FAILED"):
            return False
        self.faults[token] = (error, cause)
        return True

    def heartbeat(self, token: str) -> bool:
        self.heartbeats.append(token)
        return token in self.waiting

    def stop(self, machine: str, name: str, cause: str) -> None:
        execution = self.executions.get((machine, name))
        if execution and execution.status == "RUNNING":
            execution.status, execution.cause = "ABORTED", cause
            self.waiting -= {t for t, waiter in self._waiters.items() if waiter is execution}

    def _over(self, token: str, status: str) -> bool:
        if token not in self.waiting:
            return False
        self.waiting.discard(token)
        if token in self._waiters:
            self._waiters[token].status = status
        return True


@dataclass
class FakeBus(Bus):
    """Remembers events as (kind, detail)."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def put(self, kind: str, detail: dict[str, Any]) -> None:
        self.events.append((kind, _copy(detail)))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Details of the events of one kind, in order."""
        return [detail for name, detail in self.events if name == kind]


def _copy(content: dict[str, Any]) -> dict[str, Any]:
    """What is left after the journey: JSON. Raises TypeError for what is none."""
    copied: dict[str, Any] = json.loads(json.dumps(content))
    return copied
