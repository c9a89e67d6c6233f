"""CodeBuild's machines: each build a process that runs the project's own buildspec.

A machine has what the order says in its environment and nothing of ours; when it ends, the event
that CodeBuild would send goes to the account's default bus.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from tests.aws.differences import STANDS_FOR
from tests.aws.ministack import ACCOUNT, Account

Json = dict[str, Any]
_KEPT = ("PATH", "LANG", "TZ", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY")


@dataclass
class Machine:
    """One build."""

    build: Json
    request: Json
    status: str = "IN_PROGRESS"
    process: subprocess.Popen[bytes] | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def variables(self) -> list[Json]:
        found: list[Json] = self.request.get("environmentVariablesOverride", [])
        return found

    @property
    def order(self) -> str:
        return next(v["value"] for v in self.variables if v["name"] == "CLOUDDECK_ORDER")


class Machines:
    """The builds of one account.

    `fates` await the next machines: one `dies` in its first moment, one `hangs` until it is ended,
    both without a word.
    """

    def __init__(self, account: Account, region: str, project: str, folder: Path) -> None:
        self._account = account
        self._region = region
        self._project = project
        self._folder = folder
        self._lock = threading.Lock()
        self.made: dict[str, Machine] = {}
        self.events: list[Json] = []
        self.fates: list[Literal["dies", "hangs"]] = []

    def of(self, build: str) -> list[Machine]:
        """The machines that a build of ours had, in their order."""
        return [machine for machine in list(self.made.values()) if build in machine.order]

    def started(self, build: Json, request: Json) -> None:
        """Begin a build in a process of its own."""
        machine = Machine(build, request)
        with self._lock:
            self.made[build["id"]] = machine
        threading.Thread(target=self._run, args=(machine,), daemon=True).start()

    def stopped(self, build: str) -> None:
        """End a build; it was allowed."""
        machine = self.made[build]
        if machine.status == "IN_PROGRESS":
            machine.status = "STOPPED"
            self._kill(machine)

    def known(self, build: Json) -> Json:
        """The build as CodeBuild would show it."""
        machine = self.made.get(build["id"])
        if machine is None:
            return build
        environment = {**build["environment"], "environmentVariables": machine.variables}
        return {**build, "buildStatus": machine.status, "environment": environment}

    def close(self) -> None:
        """End all of them."""
        for machine in list(self.made.values()):
            self._kill(machine)
            machine.ended.wait(10)

    def _kill(self, machine: Machine) -> None:
        if machine.process is not None and machine.process.poll() is None:
            os.killpg(machine.process.pid, signal.SIGKILL)

    def _run(self, machine: Machine) -> None:
        folder = self._folder / machine.order
        folder.mkdir(parents=True)
        with self._lock:
            fate = self.fates.pop(0) if self.fates else None
        try:
            commands = ["sleep 600"] if fate == "hangs" else self._commands()
            code = 137 if fate == "dies" else self._carry_out(machine, folder, commands)
            if machine.status == "IN_PROGRESS":
                machine.status = "SUCCEEDED" if code == 0 else "FAILED"
            self._tell(machine, code)
        finally:
            shutil.rmtree(folder / "tmp", ignore_errors=True)
            machine.ended.set()

    def _carry_out(self, machine: Machine, folder: Path, commands: list[str]) -> int:
        environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            **{v["name"]: v["value"] for v in machine.variables},
            "TMPDIR": str(folder / "tmp"),
            "HOME": str(folder / "home"),
            "NO_PROXY": "127.0.0.1,localhost",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        for name in ("tmp", "home"):
            (folder / name).mkdir()
        with (folder / "log").open("wb") as log:
            for command in commands:
                machine.process = subprocess.Popen(
                    ["bash", "-c", command],
                    env=environment,
                    cwd=folder / "home",
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=0,
                )
                code = machine.process.wait()
                if code:
                    return code
        return 0

    def _commands(self) -> list[str]:
        """Of the buildspec, as the project in the account has it."""
        codebuild = self._account.client("codebuild", self._region)
        (project,) = codebuild.batch_get_projects(names=[self._project])["projects"]
        spec = yaml.safe_load(project["source"]["buildspec"])
        assert spec["env"]["shell"] == "bash"
        return [
            command
            for phase in ("install", "pre_build", "build")
            for command in spec["phases"].get(phase, {}).get("commands", [])
        ]

    def _tell(self, machine: Machine, code: int) -> None:
        """The event as AWS documents it, in the parts that anybody reads."""
        build = machine.build["id"]
        reason = (
            f"COMMAND_EXECUTION_ERROR: Error while executing command. Reason: exit status {code}"
        )
        phase = {"phase-type": "BUILD", "phase-status": machine.status, "phase-context": [reason]}
        detail = {
            "build-status": machine.status,
            "project-name": self._project,
            "build-id": f"arn:aws:codebuild:{self._region}:{ACCOUNT}:build/{build}",
            "additional-information": {
                "environment": {
                    "environment-variables": [
                        {"name": v["name"], "value": v["value"], "type": v["type"]}
                        for v in machine.variables
                    ]
                },
                "logs": {
                    "group-name": self._log_group(),
                    "stream-name": build.rpartition(":")[2],
                },
                "phases": [phase] if code else [],
            },
            "current-phase": "COMPLETED",
            "version": "1",
        }
        self._log(machine, build.rpartition(":")[2])
        answer = self._account.client("events", self._region).put_events(
            Entries=[
                {
                    "Source": STANDS_FOR["aws.codebuild"],
                    "DetailType": "CodeBuild Build State Change",
                    "Detail": json.dumps(detail),
                }
            ]
        )
        assert answer["FailedEntryCount"] == 0, answer
        self.events.append(detail)

    def _log_group(self) -> str:
        return f"/{self._project.removesuffix('-builds')}/builds"

    def _log(self, machine: Machine, stream: str) -> None:
        """What the machine printed, where CodeBuild puts it."""
        path = self._folder / machine.order / "log"
        text = path.read_text(errors="replace") if path.exists() else ""
        lines = text.splitlines()[-100:] or ["[Container] the machine went away"]
        logs = self._account.client("logs", self._region)
        group = self._log_group()
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line or " "} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
