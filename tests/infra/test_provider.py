"""The one file that CloudFormation calls: it always answers, and says what went wrong."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cdk.provider import resource


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    with mock_aws():
        yield


class Listener:
    """Where CloudFormation waits for answers."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        heard = self.heard

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = int(self.headers["Content-Length"])
                heard.append(json.loads(self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def asked(listener: Listener, kind: str, what: str = "Create", **properties: str) -> dict[str, Any]:
    """The answer that CloudFormation hears to a request."""
    resource.handler(
        {
            "RequestType": what,
            "ResourceType": kind,
            "ResponseURL": listener.url,
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "thing",
            "ResourceProperties": {"ServiceToken": "arn", **properties},
        },
        None,
    )
    (answer,) = listener.heard
    assert (answer["StackId"], answer["RequestId"]) == ("stack", "request")
    assert (answer["LogicalResourceId"], answer["PhysicalResourceId"]) == ("thing", "thing")
    return answer


def test_a_parameter_of_another_region_is_read(aws: None, cloudformation: Listener) -> None:
    boto3.client("ssm", region_name="us-east-1").put_parameter(
        Name="/clouddeck/routes-store", Value="arn:store", Type="String"
    )
    answer = asked(
        cloudformation,
        "Custom::EdgeParameter",
        name="/clouddeck/routes-store",
        region="us-east-1",
    )
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"] == {"value": "arn:store"}


def test_the_runner_is_copied(aws: None, cloudformation: Listener) -> None:
    s3 = boto3.client("s3", region_name="us-east-1")
    for bucket in ("assets", "sources"):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket="assets", Key="hash.pyz", Body=b"agent")
    answer = asked(
        cloudformation,
        "Custom::Runner",
        "Update",
        from_bucket="assets",
        from_key="hash.pyz",
        bucket="sources",
        key="runner/x.pyz",
    )
    assert answer["Status"] == "SUCCESS"
    assert s3.get_object(Bucket="sources", Key="runner/x.pyz")["Body"].read() == b"agent"


def test_a_fault_is_told_and_not_waited_for(aws: None, cloudformation: Listener) -> None:
    answer = asked(
        cloudformation, "Custom::EdgeParameter", name="/clouddeck/absent", region="us-east-1"
    )
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("ParameterNotFound")


def test_nothing_is_done_when_the_stack_goes(aws: None, cloudformation: Listener) -> None:
    answer = asked(cloudformation, "Custom::Runner", "Delete")
    assert answer["Status"] == "SUCCESS"
    assert "Data" not in answer
