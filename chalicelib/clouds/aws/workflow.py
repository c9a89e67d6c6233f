"""The Workflow port on Step Functions."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings

_NOBODY_WAITS = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}


class StepFunctions:
    """State machines named `<prefix>-<machine>`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def start(self, machine: str, name: str, data: dict[str, Any]) -> bool:
        """Start an execution; False when that name was started before.

        AWS answers a repeated start with equal input by the running execution, emulators by
        ExecutionAlreadyExists: both mean "already started".
        """
        try:
            self._client.start_execution(
                stateMachineArn=self._settings.machine_arn(machine),
                name=name,
                input=json.dumps(data),
            )
        except self._client.exceptions.ClientError as error:
            if code_of(error) == "ExecutionAlreadyExists":
                return False
            raise
        return True

    def status(self, machine: str, name: str) -> str | None:
        """Status of an execution, or None when it is unknown."""
        try:
            answer = self._client.describe_execution(executionArn=self._arn(machine, name))
        except self._client.exceptions.ClientError as error:
            if code_of(error) == "ExecutionDoesNotExist":
                return None
            raise
        return str(answer["status"])

    def succeed(self, token: str, output: dict[str, Any]) -> bool:
        """Answer a waiting task; False when nobody waits any more."""
        return self._answer(self._client.send_task_success, token, output=json.dumps(output))

    def fail(self, token: str, error: str, cause: str) -> bool:
        """End a waiting task with a fault; False when nobody waits any more."""
        return self._answer(
            self._client.send_task_failure, token, error=error[:256], cause=cause[:500]
        )

    def heartbeat(self, token: str) -> bool:
        """Tell that a task is alive; False when nobody waits any more."""
        return self._answer(self._client.send_task_heartbeat, token)

    def stop(self, machine: str, name: str, cause: str) -> None:
        """End an execution; no error when there is none, or when it is over."""
        try:
            self._client.stop_execution(executionArn=self._arn(machine, name), cause=cause[:200])
        except self._client.exceptions.ClientError as error:
            code = code_of(error)
            if code == "ValidationException":  # emulators do not stop what is over
                if self.status(machine, name) == "RUNNING":
                    raise
            elif code != "ExecutionDoesNotExist":
                raise

    def _answer(self, call: Any, token: str, **arguments: Any) -> bool:
        if not token:  # botocore would call it a mistake of the caller
            return False
        try:
            call(taskToken=token, **arguments)
        except self._client.exceptions.ClientError as error:
            if code_of(error) in _NOBODY_WAITS:
                return False
            raise
        return True

    def _arn(self, machine: str, name: str) -> str:
        return self._settings.machine_arn(machine).replace("stateMachine", "execution") + f":{name}"

    @property
    def _client(self) -> Any:
        return client("stepfunctions", self._settings.region)
