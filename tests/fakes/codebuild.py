"""CodeBuild in memory, behind botocore's own checks of what is sent and what comes back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from botocore.validate import ParamValidator


class FakeCodeBuild:
    """The four calls of a builder; `builds` are in the order in which they were started.

    A client of boto3 in all but the network: requests and answers are held against the model of
    the service, so that a misspelt field fails. `faults` are raised by the next calls.
    """

    def __init__(self, region: str = "us-east-1", page: int = 100) -> None:
        import boto3

        self._client: Any = boto3.client("codebuild", region_name=region)
        self._lock = threading.Lock()
        self._page = page
        self.project = "test-builds"
        self.builds: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.tokens: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []
        self.calls: list[str] = []
        self.now = datetime.now(UTC)

    def start_build(self, **request: Any) -> dict[str, Any]:
        """A build, or that of the same request of the last five minutes."""
        self._enter("StartBuild", request)
        with self._lock:
            known = self.tokens.get(request["idempotencyToken"])
            if known is not None and self.now - known["at"] < timedelta(minutes=5):
                if known["request"] != request:
                    raise _error("InvalidInputException", "StartBuild")
                return self._answer("StartBuild", {"build": known["build"]})
            build = {
                "id": f"{self.project}:{len(self.builds):04}",
                "startTime": self.now,
                "currentPhase": "QUEUED",
                "buildStatus": "IN_PROGRESS",
                "environment": {
                    "type": "ARM_CONTAINER",
                    "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
                    "computeType": "BUILD_GENERAL1_SMALL",
                    "environmentVariables": request["environmentVariablesOverride"],
                },
            }
            self.builds.append(build)
            self.requests.append(request)
            self.tokens[request["idempotencyToken"]] = {
                "at": self.now,
                "request": request,
                "build": build,
            }
            return self._answer("StartBuild", {"build": build})

    def stop_build(self, **request: Any) -> dict[str, Any]:
        """End a build."""
        self._enter("StopBuild", request)
        build = next(build for build in self.builds if build["id"] == request["id"])
        build["buildStatus"] = "STOPPED"
        return self._answer("StopBuild", {"build": build})

    def list_builds_for_project(self, **request: Any) -> dict[str, Any]:
        """Ids, the newest first; naming an order is refused beyond a hundred builds."""
        self._enter("ListBuildsForProject", request)
        if "sortOrder" in request and len(self.builds) > 100:
            raise _error("InvalidInputException", "ListBuildsForProject")
        if request["projectName"] != self.project:
            raise _error("ResourceNotFoundException", "ListBuildsForProject")
        ids = [build["id"] for build in reversed(self.builds)]
        start = int(request.get("nextToken", 0))
        answer: dict[str, Any] = {"ids": ids[start : start + self._page]} if ids else {}
        if start + self._page < len(ids):
            answer["nextToken"] = str(start + self._page)
        return self._answer("ListBuildsForProject", answer)

    def batch_get_builds(self, **request: Any) -> dict[str, Any]:
        """Builds by id."""
        self._enter("BatchGetBuilds", request)
        found = [build for build in self.builds if build["id"] in request["ids"]]
        return self._answer("BatchGetBuilds", {"builds": found})

    def _enter(self, operation: str, request: dict[str, Any]) -> None:
        self.calls.append(operation)
        self._check(request, self._model(operation).input_shape)
        if self.faults:
            raise _error(self.faults.pop(0), operation)

    def _answer(self, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        self._check(answer, self._model(operation).output_shape)
        return answer

    def _model(self, operation: str) -> Any:
        return self._client.meta.service_model.operation_model(operation)

    @staticmethod
    def _check(given: dict[str, Any], shape: Any) -> None:
        report = ParamValidator().validate(given, shape)
        assert not report.has_errors(), report.generate_report()


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{code}: as told"}}, operation)
