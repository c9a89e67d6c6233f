"""`deck doctor --aws`, row by row."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cdk.install import examining, finishing, prepare, zone
from cdk.install.problems import Unreachable
from cdk.install.remembered import Remembered
from cdk.install.terminal import Finding
from cdk.install.uninstalling import Stack
from tests.unit.cdk_install.conftest import REGION

DATA = Stack("data", "clouddeck-data", REGION, "CREATE_COMPLETE")


@pytest.fixture
def memory(installation):
    here = (prepare.version(), prepare.commit())
    return Remembered(installation, *here, "runner/a.pyz", "installed", "2026-11-01T00:00:00Z")


def only(rows):
    found = list(rows)
    assert len(found) == 1, found
    return found[0]


def test_the_version(memory):
    assert examining._version(memory).state == "ok"
    older = examining._version(replace(memory, commit="a" * 40))
    assert (older.state, "deck upgrade" in older.hint) == ("warn", True)
    assert examining._version(replace(memory, status="installing")).state == "warn"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("CREATE_COMPLETE", "ok"),
        ("UPDATE_COMPLETE", "ok"),
        ("", "fail"),
        ("UPDATE_IN_PROGRESS", "warn"),
        ("UPDATE_ROLLBACK_COMPLETE", "warn"),
        ("ROLLBACK_COMPLETE", "fail"),
        ("DELETE_FAILED", "fail"),
        ("UPDATE_ROLLBACK_FAILED", "fail"),
    ],
)
def test_stacks(status, state):
    row = examining._stack(replace(DATA, status=status))
    assert row.state == state
    assert bool(row.hint) == (state != "ok")


def datapoints(stub, metric, value):
    points = [{"Sum": value, "Timestamp": datetime.now(UTC)}] if value is not None else []
    client = stub("cloudwatch")
    client.add_response("get_metric_statistics", {"Label": metric, "Datapoints": points})


@pytest.mark.parametrize(
    ("calls", "errors", "state"), [(10.0, 0.0, "ok"), (10.0, 2.0, "warn"), (None, None, "fail")]
)
def test_the_sweep(account, names, stub, calls, errors, state):
    datapoints(stub, "Invocations", calls)
    datapoints(stub, "Errors", errors)
    assert only(examining._sweep(account, names)).state == state


def test_the_runner(account, names, memory):
    s3 = account.client("s3")
    bucket = names.bucket("sources")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    assert only(examining._runner(account, names, memory)).state == "fail"
    s3.put_object(Bucket=bucket, Key="runner/a.pyz", Body=b"12345")
    assert "5 bytes" in only(examining._runner(account, names, memory)).detail


def resources(stub, *found):
    summaries = [
        {
            "LogicalResourceId": f"r{place}",
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "LastUpdatedTimestamp": datetime.now(UTC),
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for place, (kind, physical) in enumerate(found)
    ]
    stub("cloudformation").add_response(
        "list_stack_resources",
        {"StackResourceSummaries": summaries},
        {"StackName": "clouddeck-data"},
    )


ALARM = "AWS::CloudWatch::Alarm"


@pytest.mark.parametrize(("state", "row"), [("OK", "ok"), ("ALARM", "fail")])
def test_alarms_are_those_of_our_stacks(account, stub, state, row):
    resources(stub, (ALARM, "clouddeck-lost"), ("AWS::SQS::Queue", "x"))
    alarm = {"AlarmName": "clouddeck-lost", "StateValue": state, "StateReason": "1 > 0"}
    stub("cloudwatch").add_response(
        "describe_alarms", {"MetricAlarms": [alarm]}, {"AlarmNames": ["clouddeck-lost"]}
    )
    found = only(examining._alarms(account, [DATA, replace(DATA, status="")]))
    assert found.state == row
    assert ("1 > 0" in found.detail) == (row == "fail")


@pytest.mark.parametrize(("depth", "state"), [("0", "ok"), ("3", "fail")])
def test_dead_letters(account, stub, depth, state):
    url = "https://sqs/123456789012/clouddeck-routes-lost.fifo"
    queue = "AWS::SQS::Queue"
    resources(stub, (queue, url), (queue, "https://sqs/123456789012/clouddeck-routes.fifo"))
    stub("sqs").add_response(
        "get_queue_attributes",
        {"Attributes": {"ApproximateNumberOfMessages": depth}},
        {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]},
    )
    assert only(examining._lost(account, [DATA])).state == state


@pytest.mark.parametrize(("size", "state"), [(1_000, "ok"), (4_400_000, "warn")])
def test_the_store_of_routes(account, names, stub, size, state):
    arn = "arn:aws:cloudfront::123456789012:key-value-store/1"
    account.client("ssm", "us-east-1").put_parameter(
        Name="/clouddeck/routes-store", Value=arn, Type="String"
    )
    stub("cloudfront-keyvaluestore", "us-east-1").add_response(
        "describe_key_value_store",
        {
            "ItemCount": 12,
            "TotalSizeInBytes": size,
            "KvsARN": arn,
            "Created": datetime.now(UTC),
            "ETag": "E",
        },
        {"KvsARN": arn},
    )
    row = only(examining._routes(account, names))
    assert (row.state, "12 sites" in row.detail) == (state, True)


def test_no_store_of_routes(account, names):
    assert only(examining._routes(account, names)).state == "fail"


@pytest.mark.parametrize(
    ("status", "days", "state"),
    [("ISSUED", 100, "ok"), ("ISSUED", 5, "fail"), ("PENDING_VALIDATION", 0, "fail")],
)
def test_certificates(account, stub, status, days, state):
    arn = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
    resources(stub, ("AWS::CertificateManager::Certificate", arn))
    made = {"DomainName": "*.apps.example.com", "Status": status}
    made["NotAfter"] = datetime.now(UTC) + timedelta(days=days)
    stub("acm").add_response("describe_certificate", {"Certificate": made}, {"CertificateArn": arn})
    assert only(examining._certificate(account, [DATA])).state == state


def test_dns(account, memory, monkeypatch):
    monkeypatch.setattr(zone, "find", lambda *_: zone.Zone("Z1", "example.com"))
    monkeypatch.setattr(zone, "delegation", lambda *_: Finding("dns", "ok", "fine"))
    asked = []

    def resolve(host, *_, **__):
        asked.append(host)
        return [(0, 0, 0, "", ("192.0.2.1", 443)), (0, 0, 0, "", ("192.0.2.2", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    rows = list(examining._dns(account, memory))
    assert [row.state for row in rows] == ["ok", "ok"]
    assert "2 addresses" in rows[1].detail
    assert asked == ["clouddeck-doctor.apps.example.com"]

    def unknown(*_, **__):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert [row.state for row in examining._dns(account, memory)] == ["ok", "fail"]


def test_the_api(account, names, monkeypatch):
    monkeypatch.setattr(finishing, "healthy", lambda *_, **__: 0.25)
    assert "250 ms" in only(examining._api(account, names)).detail

    def ill(*_, **__):
        raise Unreachable("api_not_healthy", "it is not well")

    monkeypatch.setattr(finishing, "healthy", ill)
    assert only(examining._api(account, names)) == Finding(
        "api", "fail", "it is not well", examining.OURS
    )


def test_what_may_not_be_looked_at_is_a_warning(account, stub):
    stub("cloudformation").add_client_error("list_stack_resources", "AccessDenied")
    row = only(examining._guarded("alarms", lambda: examining._alarms(account, [DATA])))
    assert (row.name, row.state) == ("alarms", "warn")
    assert "AccessDenied" in row.detail


def test_every_look_is_taken_even_when_all_fail(account, memory, monkeypatch):
    def failing(*_, **__):
        from botocore.exceptions import EndpointConnectionError

        raise EndpointConnectionError(endpoint_url="x")

    monkeypatch.setattr(examining, "stacks", lambda *_: [DATA])
    monkeypatch.setattr(account, "client", failing)
    rows = list(examining.examine(account, memory))
    names = {row.name for row in rows}
    assert {"version", "stack data", "api", "sweep", "runner", "alarms", "lost"} <= names
    assert {"routes", "certificate", "dns", "quotas"} <= names
