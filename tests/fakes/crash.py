"""A process that dies at its k-th write, and a little Step Functions that lives through it.

Every write of this process goes past `Crash`: those of the database and those of every port. The
k-th one is the last: it is applied or not, and then there is nobody left to go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pynamodb.connection.base import Connection

from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds.actions import report
from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows
from chalicelib.deployments.actions import sweep
from chalicelib.ports import SmokeAnswer
from functions.events import git_push
from functions.pipeline import build, fail, notify, package, prepare, promote, publish, verify
from tests.fakes import line

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
PORTS = {
    "store": ("put",),
    "bus": ("put",),
    "workflow": ("start", "succeed", "fail"),
    "builder": ("start", "stop"),
    "edge": ("put",),
    "repositories": ("create", "remove"),
}
STEPS: dict[str, Any] = {
    "Prepare": prepare,
    "Package": package,
    "Publish": publish,
    "Verify": verify,
    "Promote": promote,
    "Notify": notify,
}
NEXT = {"Package": "Publish", "Publish": "Verify", "Verify": "Promote", "Promote": "Notify"}


class Death(BaseException):
    """The process ended."""


class FaultError(RuntimeError):
    """A call failed, and the process lives to tell."""


@dataclass
class Crash:
    """Counts writes while `armed`, and ends the process at number `at`."""

    at: int
    applied: bool
    kind: type[BaseException]
    armed: bool = True
    count: int = 0
    where: str = ""

    def past(self, name: str, write: Callable[[], Any]) -> Any:
        """Let a write through, or not."""
        if not self.armed:
            return write()
        self.count += 1
        if self.count != self.at:
            return write()
        self.where = name
        if self.applied:
            write()
        raise self.kind(f"{name}, write {self.at}, applied: {self.applied}")

    def install(self, monkeypatch: Any, services: Any) -> None:
        """Stand in the way of every write."""
        real = Connection._make_api_call

        def call(connection: Any, operation: str, *arguments: Any, **named: Any) -> Any:
            def go() -> Any:
                return real(connection, operation, *arguments, **named)

            return self.past(operation, go) if operation in WRITES else go()

        monkeypatch.setattr(Connection, "_make_api_call", call)
        for port, names in PORTS.items():
            for name in names:
                self._guard(monkeypatch, getattr(services, port), f"{port}.{name}", name)

    def _guard(self, monkeypatch: Any, port: Any, label: str, name: str) -> None:
        real = getattr(port, name)

        def call(*arguments: Any, **named: Any) -> Any:
            return self.past(label, lambda: real(*arguments, **named))

        monkeypatch.setattr(port, name, call)


@dataclass
class Cloud:
    """What calls our functions: the bus, the machine, runners, the schedule. It never dies."""

    services: Any
    forgets: bool = False
    """Whether an execution is lost with the process that carried it."""

    files: dict[str, bytes] = field(default_factory=lambda: dict(line.PAGE))
    states: dict[tuple[str, str], str] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    tries: dict[tuple[str, str], int] = field(default_factory=dict)
    causes: dict[tuple[str, str], str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    delivered: int = 0
    breaks: int = 0

    def __post_init__(self) -> None:
        self.services.edge.ask = self._ask

    def patiently(self, work: Callable[[], Any]) -> Any:
        """Call until there is an answer, as git's hook, the runner and the bus do."""
        for _ in range(6):
            try:
                return work()
            except (Death, FaultError):
                self.breaks += 1
        raise AssertionError("it never answers")

    def settle(self) -> None:
        """Let everything happen that happens by itself, and the sweep come by until all is over."""
        for _ in range(30):
            while self._once():
                pass
            try:
                sweep.sweep()
            except (Death, FaultError):
                self.breaks += 1
                continue
            if not self._once() and not list(rows.still_open()):
                return
        raise AssertionError(f"still open: {list(rows.still_open())}")

    def _once(self) -> bool:
        moved = self._deliver()
        for name, execution in list(self.services.workflow.executions.items()):
            if execution.status == "RUNNING":
                moved = self._step(name, execution) or moved
        for order in list(self.services.builder.orders):
            if order not in self.done and order not in self.services.builder.stopped:
                self.done.add(order)
                self._run(order)
                moved = True
        return moved

    def _deliver(self) -> bool:
        events = self.services.bus.of("git.push")
        fresh = events[self.delivered :]
        self.delivered = len(events)
        for event in fresh:
            self.patiently(lambda event=event: git_push.handler({"detail": event}, None))
        return bool(fresh)

    def _step(self, name: tuple[str, str], execution: Any) -> bool:
        state = self.states.get(name, "Prepare")
        if state == "waiting":
            state = self._heard(name)
        if not state:
            return False
        try:
            self._perform(name, execution, state)
        except (Death, FaultError) as death:
            self.breaks += 1
            self._broken(name, state, death)
        if self.states.get(name) == "Done":
            execution.status = "SUCCEEDED"
        return True

    def _heard(self, name: tuple[str, str]) -> str:
        token = self.tokens[name]
        if token in self.services.workflow.faults:
            return "Build"
        return "Package" if token in self.services.workflow.answers else ""

    def _perform(self, name: tuple[str, str], execution: Any, state: str) -> None:
        self.states[name] = state
        deployment = execution.data["deployment"]
        if state == "Build":
            token = f"{name[1]}-token-{len(self.tokens)}-{self.breaks}"
            self.services.workflow.waiting.add(token)
            self.tokens[name] = token
            build.handler({"deployment": deployment, "token": token}, None)
            self.states[name] = "waiting"
        elif state == "Fail":
            fail.handler({"deployment": deployment, "error": {"Cause": self.causes[name]}}, None)
            self.states[name] = "Notify"
        else:
            outcome = STEPS[state].handler({"deployment": deployment}, None)["outcome"]
            self.states[name] = self._after(state, outcome, execution.data["prebuilt"])

    @staticmethod
    def _after(state: str, outcome: str, prebuilt: bool) -> str:
        if state == "Notify":
            return "Done"
        if state in {"Prepare", "Package"} and outcome != "ok":
            return "Notify"
        if state == "Prepare":
            return "Package" if prebuilt else "Build"
        return NEXT[state]

    def _broken(self, name: tuple[str, str], state: str, death: BaseException) -> None:
        if self.forgets:
            self.services.workflow.executions.pop(name)
            self.services.workflow.waiting.discard(self.tokens.get(name, ""))
            return
        self.tries[name] = self.tries.get(name, 0) + 1
        if self.tries[name] > 4:
            self.causes[name] = str(death)
            self.states[name] = "Fail"

    def _run(self, order: str) -> None:
        identifier = order.rpartition("-")[0]
        files = self.files
        try:
            claim = self.patiently(lambda: report.claim(identifier, f"instance-of-{order}"))
            said = [{"t": 1, "level": "info", "stage": "build", "text": "building"}]
            self.patiently(lambda: report.log(identifier, 1, said))
            self.services.store.objects[artifact_rules.list_key(order)] = listing(files)
            wanted = self.patiently(lambda: report.missing(identifier, None))
            line.upload_blobs(self.services, wanted, claim.row.team, files)
            told = {"framework": "x", "output": ".", "files": 1, "bytes": 1, "cache_hit": False}
            self.patiently(lambda: report.complete(identifier, told))
        except Conflict as problem:
            if problem.code not in {"build_closed", "already_claimed"}:
                raise

    def _ask(self, host: str, _path: str) -> SmokeAnswer:
        label, _, slug = host.partition(".")[0].partition("--")
        deployment = f"dpl_{label}"
        there = artifact_rules.manifest_key(deployment) in self.services.store.objects
        if there and slug in self.services.edge.routes:
            return SmokeAnswer(200, deployment, 1)
        return SmokeAnswer(404, "", 1)


def listing(files: dict[str, bytes]) -> bytes:
    """The file list of these files."""
    entries = [
        {"path": p, "sha256": hashlib.sha256(b).hexdigest(), "size": len(b)}
        for p, b in sorted(files.items())
    ]
    return artifact_rules.dump({"version": 1, "files": entries})
