"""What of the templates the emulator did not get, to the last resource; and the docs say so."""

from __future__ import annotations

import hashlib
from collections import Counter

from cdk import queues
from cdk.names import STACKS
from cdk.settings import Profile
from chalicelib import resources
from tests.aws.cloud import PACKAGES, Cloud
from tests.aws.differences import LACKING, OTHERWISE
from tests.e2e.surroundings import ROOT

_EDGE = {
    "AWS::Logs::Delivery": 1,
    "AWS::Logs::DeliveryDestination": 1,
    "AWS::Logs::DeliverySource": 1,
}
_TENANTS = {
    "AWS::CloudFront::ConnectionGroup": 1,
    "AWS::Logs::Delivery": 2,
    "AWS::Logs::DeliveryDestination": 1,
    "AWS::Logs::DeliverySource": 2,
}
_WATCHED = {"AWS::Budgets::Budget": 1, "AWS::CloudWatch::Alarm": 1}
LEFT_OUT: dict[Profile, dict[str, dict[str, int]]] = {
    "hobby": {
        "edge": _EDGE,
        "pipeline": {"AWS::Pipes::Pipe": 1},
        "observability": {"AWS::Budgets::Budget": 1},
    },
    "standard": {
        "edge": _TENANTS,
        "pipeline": {"AWS::Pipes::Pipe": 1},
        "observability": _WATCHED,
    },
    "production": {
        "data": {"AWS::Backup::BackupSelection": 1},
        "edge": _TENANTS,
        "api": {"AWS::WAFv2::WebACLAssociation": 1},
        "pipeline": {"AWS::Events::Archive": 1, "AWS::Pipes::Pipe": 1},
        "observability": _WATCHED,
    },
}


def test_everything_else_was_deployed(cloud: Cloud) -> None:
    fitted = cloud.deployment.fitted
    assert tuple(fitted) == STACKS
    lost = {
        stack: {kind: len(names) for kind, names in one.left_out.items()}
        for stack, one in fitted.items()
        if one.left_out
    }
    assert lost == LEFT_OUT[cloud.names.of.profile]


def test_no_reason_is_left_over() -> None:
    tables = [kinds for stacks in LEFT_OUT.values() for kinds in stacks.values()]
    assert {kind for kinds in tables for kind in kinds} == set(LACKING)


def test_what_is_said_otherwise_is_explained(cloud: Cloud) -> None:
    said: Counter[str] = sum((one.otherwise for one in cloud.deployment.fitted.values()), Counter())
    assert set(said) == set(OTHERWISE)


def test_what_cloudformation_called_functions_for_is_in_place(cloud: Cloud) -> None:
    s3, names = cloud.deployment.client("s3"), cloud.names
    agent = (PACKAGES / "runner.pyz").read_bytes()
    key = f"runner/{hashlib.sha256(agent).hexdigest()}.pyz"
    assert s3.get_object(Bucket=names.bucket("sources"), Key=key)["Body"].read() == agent
    pages = s3.list_objects_v2(Bucket=names.bucket("console"))["Contents"]
    assert "index.html" in {page["Key"] for page in pages}
    variables = cloud.deployment.client("lambda").get_function_configuration(
        FunctionName=names.name("api")
    )["Environment"]["Variables"]
    there = cloud.deployment.parameter("routes-store", "us-east-1")
    assert variables["CLOUDDECK_ROUTES_STORE"] == there, "out of the other region"


def test_the_docs_name_what_was_not_run() -> None:
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    section = text.partition("## What of AWS was run, and where")[2].partition("\n## ")[0]
    assert [kind for kind in LACKING if kind not in section] == []


def test_nothing_was_lost_on_the_way(cloud: Cloud) -> None:
    """Runs last of this folder: what no one could deliver lies in these queues."""
    sqs = cloud.deployment.client("sqs")
    waiting = {}
    for url in sqs.list_queues()["QueueUrls"]:
        told = sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        waiting[url.rpartition("/")[2]] = int(told["Attributes"]["ApproximateNumberOfMessages"])
    names = cloud.names
    lines = {names.queue(stream.name, fifo=True) for stream in resources.STREAMS}
    assert set(waiting) == {*queues.dead_letters(names), *lines}
    assert {name: count for name, count in waiting.items() if count} == {}
    assert cloud.front.refused == []
    assert cloud.pipe.fault is None
