"""What CodeBuild is told, how an order is found again, and what its refusals mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.builds.rules.sizes import SIZES
from chalicelib.clouds.aws import builder as module
from chalicelib.clouds.aws.builder import CodeBuild
from chalicelib.core import ids
from chalicelib.core.config import Settings
from chalicelib.ports import BuildOrder, NoRoom, Over
from tests.fakes.codebuild import FakeCodeBuild

SHA = "5f" * 32
SETTINGS = Settings(
    cloud="aws",
    prefix="test",
    region="eu-west-1",
    account="123456789012",
    api_url="https://api.example.com",
    runner_key=f"runner/{SHA}.pyz",
)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeCodeBuild:
    fake = FakeCodeBuild()
    monkeypatch.setattr(module, "client", lambda *_: fake)
    return fake


@pytest.fixture
def builder(service: FakeCodeBuild) -> CodeBuild:
    return CodeBuild(SETTINGS)


def an_order(service: FakeCodeBuild, attempt: int = 1) -> BuildOrder:
    made = int(service.now.timestamp() * 1000)
    return BuildOrder(f"{ids.new('bld', made)}-{attempt}", "cdr_token", 1815, True)


def variables(request: dict[str, Any]) -> dict[str, str]:
    return {v["name"]: v["value"] for v in request["environmentVariablesOverride"]}


def test_what_a_build_is_told(builder: CodeBuild, service: FakeCodeBuild) -> None:
    order = an_order(service)
    builder.start(order)
    [request] = service.requests
    told = variables(request)
    address = urlsplit(told.pop("CLOUDDECK_RUNNER_URL"))
    assert told == {
        "CLOUDDECK_ORDER": order.build,
        "CLOUDDECK_API": "https://api.example.com",
        "CLOUDDECK_BUILD_TOKEN": "cdr_token",
        "CLOUDDECK_RUNNER_SHA256": SHA,
        "CLOUDDECK_SANDBOX": "machine,memory,cpu,disk",
    }
    assert address.hostname == "test-sources-123456789012-eu-west-1.s3.eu-west-1.amazonaws.com"
    assert address.path == f"/runner/{SHA}.pyz"
    assert int(parse_qs(address.query)["X-Amz-Expires"][0]) == (33 + 60) * 60
    assert request["idempotencyToken"] == order.build
    assert len(order.build) <= 64
    assert set(request) == {
        "projectName",
        "idempotencyToken",
        "computeTypeOverride",
        "timeoutInMinutesOverride",
        "queuedTimeoutInMinutesOverride",
        "environmentVariablesOverride",
    }  # neither a role nor an image nor privileges of its own


@pytest.mark.parametrize(
    ("size", "machine"),
    [
        ("small", "BUILD_GENERAL1_SMALL"),
        ("medium", "BUILD_GENERAL1_SMALL"),
        ("large", "BUILD_GENERAL1_MEDIUM"),
    ],
)
def test_a_size_gets_the_smallest_machine_that_has_it(
    builder: CodeBuild, service: FakeCodeBuild, size: str, machine: str
) -> None:
    asked = SIZES[size]  # type: ignore[index]
    order = replace(an_order(service), memory_mb=asked.memory_mb, cpus=asked.cpus)
    assert builder.start(order) == ""
    assert service.requests[0]["computeTypeOverride"] == machine
    [(memory, cores)] = [(m, c) for name, m, c in module.COMPUTE_TYPES if name == machine]
    assert memory >= asked.memory_mb
    assert cores >= asked.cpus


def test_more_than_there_is_gets_the_largest() -> None:
    assert module.compute_type(1 << 20, 64) == "BUILD_GENERAL1_LARGE"


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(1, 5), (180, 5), (181, 6), (240, 6), (1815, 33), (28_680, 480), (10**6, 480)],
)
def test_the_time_of_a_build(
    builder: CodeBuild, service: FakeCodeBuild, seconds: int, minutes: int
) -> None:
    builder.start(replace(an_order(service), deadline_seconds=seconds))
    assert service.requests[0]["timeoutInMinutesOverride"] == minutes


def test_the_project_can_be_named(service: FakeCodeBuild) -> None:
    service.project = "ours"
    CodeBuild(replace(SETTINGS, builds_project="ours")).start(an_order(service))
    assert service.requests[0]["projectName"] == "ours"


def test_an_order_is_found_again_when_its_token_is_forgotten(
    builder: CodeBuild, service: FakeCodeBuild
) -> None:
    order = an_order(service)
    builder.start(order)
    service.now += timedelta(minutes=30)
    service.tokens.clear()
    for _ in range(99):
        builder.start(an_order(service))
    builder.start(order)
    assert len(service.builds) == 100
    assert service.calls.count("StartBuild") == 100


def test_it_is_looked_for_on_many_pages_but_not_beyond_its_making(
    service: FakeCodeBuild, builder: CodeBuild
) -> None:
    for _ in range(150):
        builder.start(an_order(service))
    service.now += timedelta(hours=2)
    order = an_order(service)
    builder.start(order)
    service.now += timedelta(minutes=1)
    for _ in range(120):
        service.start_build(**{**service.requests[0], "idempotencyToken": ids.new("bld")})
    service.calls.clear()
    builder.start(order)
    assert "StartBuild" not in service.calls
    assert service.calls.count("ListBuildsForProject") == 2
    service.calls.clear()
    builder.stop(f"{ids.new('bld', int(service.now.timestamp() * 1000) - 60_000)}-1")
    assert service.calls.count("ListBuildsForProject") == 2  # of three pages


def test_started_by_two_at_the_same_moment(
    builder: CodeBuild, service: FakeCodeBuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one's request has another signature, so CodeBuild refuses ours."""
    order = an_order(service)
    looked: list[str] = []
    real = CodeBuild._find

    def find(self: CodeBuild, name: str) -> dict[str, Any] | None:
        looked.append(name)
        if len(looked) == 1:
            CodeBuild(replace(SETTINGS, api_url="https://other")).start(order)
            return None
        return real(self, name)

    monkeypatch.setattr(CodeBuild, "_find", find)
    builder.start(order)
    assert len(service.builds) == 1


@pytest.mark.parametrize("status", ["FAILED", "FAULT", "STOPPED", "TIMED_OUT", "SUCCEEDED"])
def test_an_order_whose_machine_ended(
    builder: CodeBuild, service: FakeCodeBuild, status: str
) -> None:
    order = an_order(service)
    builder.start(order)
    service.builds[0]["buildStatus"] = status
    with pytest.raises(Over, match=status):
        builder.start(order)
    assert service.calls.count("StartBuild") == 1


def test_only_what_runs_is_stopped(builder: CodeBuild, service: FakeCodeBuild) -> None:
    order, other = an_order(service), an_order(service)
    builder.stop(order.build)
    builder.start(order)
    builder.start(other)
    builder.stop(order.build)
    builder.stop(order.build)
    assert service.calls.count("StopBuild") == 1
    assert [build["buildStatus"] for build in service.builds] == ["STOPPED", "IN_PROGRESS"]
    service.builds[1]["buildStatus"] = "SUCCEEDED"
    builder.stop(other.build)
    assert service.calls.count("StopBuild") == 1


@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        ("AccountLimitExceededException", NoRoom, "the order waits"),
        ("ThrottlingException", OSError, "does not answer"),
        ("InternalFailure", OSError, "does not answer"),
        ("ResourceNotFoundException", RuntimeError, "no project test-builds"),
        ("AccessDeniedException", RuntimeError, "refused"),
        ("InvalidInputException", RuntimeError, "refused"),
    ],
)
def test_a_refusal_is_told(
    builder: CodeBuild,
    service: FakeCodeBuild,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    error: type[Exception],
    text: str,
) -> None:
    real = service.start_build

    def refuse(**request: Any) -> dict[str, Any]:
        service.faults.append(code)
        return real(**request)

    monkeypatch.setattr(service, "start_build", refuse)
    with pytest.raises(error, match=text) as caught:
        builder.start(an_order(service))
    assert "cdr_token" not in str(caught.value)
    service.faults.append(code)
    with pytest.raises(error, match=text):
        builder.stop("bld_1-1")


def test_nobody_answers(
    builder: CodeBuild, service: FakeCodeBuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_: Any) -> dict[str, Any]:
        raise EndpointConnectionError(endpoint_url="https://codebuild")

    monkeypatch.setattr(service, "list_builds_for_project", gone)
    with pytest.raises(OSError, match="does not answer"):
        builder.start(an_order(service))


def test_without_a_runner_nothing_starts(service: FakeCodeBuild) -> None:
    with pytest.raises(RuntimeError, match="CLOUDDECK_RUNNER_KEY"):
        CodeBuild(replace(SETTINGS, runner_key="")).start(an_order(service))
    assert service.builds == []
