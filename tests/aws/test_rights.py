"""Nobody can do more than they must: without its right a step fails, with it it succeeds again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.client import Api, Json
from tests.aws.cloud import EMAIL, Cloud
from tests.aws.test_deployed import page
from tests.e2e.asking import until

Make = Callable[[str], Json]


def denied(fault: pytest.ExceptionInfo[ClientError]) -> bool:
    """Whether IAM said no."""
    return "AccessDenied" in fault.value.response["Error"]["Code"]


def test_an_operator_may_ask_for_the_owner_only(cloud: Cloud, password: str) -> None:
    again = cloud.owner()
    assert (again["created"], again["email"], again["password"]) == (False, EMAIL, None)
    assert password
    for function in ("api", "sweep", "pipeline-publish"):
        with pytest.raises(ClientError) as fault:
            cloud.invoke(function, {}, cloud.operator)
        assert denied(fault)


def test_a_git_host_may_leave_sources_and_tell_of_them_only(cloud: Cloud) -> None:
    s3 = cloud.deployment.client("s3", keys=cloud.provider)
    for bucket, key in (
        ("sources", "runner/evil.pyz"),
        ("sites", "blobs/x"),
        ("sites", "sources/x"),
    ):
        with pytest.raises(ClientError) as fault:
            s3.put_object(Bucket=cloud.names.bucket(bucket), Key=key, Body=b"x")
        assert denied(fault)
    with pytest.raises(ClientError) as fault:
        s3.get_object(Bucket=cloud.names.bucket("sources"), Key="sources/a/b.tar.gz")
    assert denied(fault)
    entry = {"Source": "clouddeck", "DetailType": "git.push", "Detail": "{}"}
    with pytest.raises(ClientError) as fault:
        cloud.deployment.client("events", keys=cloud.provider).put_events(Entries=[entry])
    assert denied(fault), "on the account's own bus"


def test_preparing_without_the_sources(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("no-sources")
    with cloud.without("pipeline-prepare", "s3:.*", "-sources-"):
        failed = cloud.settled(api, made["id"], cloud.push(made["id"], page("never")))
    assert (failed["state"], failed["error"]["code"]) == ("failed", "pipeline_fault")
    assert "HeadObject operation: Forbidden" in cloud.said("pipeline-prepare")
    again = cloud.settled(api, made["id"], cloud.push(made["id"], page("now")))
    assert again["state"] == "ready"


def test_publishing_without_the_blobs(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("no-blobs")
    with cloud.without("pipeline-publish", "s3:PutObject", "-sites-"):
        failed = cloud.settled(api, made["id"], cloud.push(made["id"], page("never")))
    assert (failed["state"], failed["error"]["code"]) == ("failed", "pipeline_fault")
    assert "s3:PutObject" in cloud.said("pipeline-publish")


def test_a_machine_that_could_not_be_started_is_started_by_the_sweep(
    cloud: Cloud, api: Api, project: Make
) -> None:
    made = project("swept")
    right = "states:StartExecution"
    with cloud.without("on-git-push", right), cloud.without("sweep", right):
        commit = cloud.push(made["id"], page("swept up"))
        until(lambda: right in cloud.said("on-git-push"), 60)
        (waits,) = api.get(f"/projects/{made['id']}/deployments")["items"]
        assert waits["state"] == "queued"
    # the schedule of the account calls the sweep, within a minute
    assert cloud.settled(api, made["id"], commit)["state"] == "ready"
    cloud.shows(cloud.host(made), b"swept up")
    assert "START" in cloud.said("sweep")


def test_signing_in_without_the_key(cloud: Cloud, password: str, api: Api) -> None:
    with cloud.without("api", "kms:Sign"):
        who = {"email": EMAIL, "password": password}
        answer = Api(cloud.url).call("POST", "/auth/login", who)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    # logs arrive a moment after the answer
    until(lambda: "not authorized to perform: kms:Sign" in cloud.said("api"), 20)


def test_routes_wait_for_the_right_to_be_written(cloud: Cloud) -> None:
    stranger = {"messageId": "m1", "body": json.dumps(_change(cloud))}
    with cloud.without("publish-routes", "cloudfront-keyvaluestore:UpdateKeys"):
        answer = cloud.invoke("publish-routes", {"Records": [stranger]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}, "nothing is lost"
    assert "not authorized to perform: cloudfront-keyvaluestore:UpdateKeys" in cloud.said(
        "publish-routes"
    )
    assert cloud.invoke("publish-routes", {"Records": [stranger]}) == {"batchItemFailures": []}


def _change(cloud: Cloud) -> Json:
    """The last change that the pipe carried, once more."""
    until(lambda: cloud.pipe.carried)
    return cloud.pipe.carried[-1]


SERVICES = (
    ("machine-deploy", "lambda:InvokeFunction", "pipeline-prepare", True),
    ("machine-deploy", "lambda:InvokeFunction", "pipeline-fail", True),
    ("machine-deploy", "lambda:InvokeFunction", "owner", False),
    ("schedules", "lambda:InvokeFunction", "sweep", True),
    ("schedules", "lambda:InvokeFunction", "owner", False),
    ("builds", "lambda:InvokeFunction", "owner", False),
)


@pytest.mark.parametrize(("role", "action", "function", "allowed"), SERVICES)
def test_what_services_may_call(
    cloud: Cloud, role: str, action: str, function: str, allowed: bool
) -> None:
    """The emulator calls functions in nobody's name, so IAM is asked beforehand."""
    assert cloud.may(role, action, cloud.names.function_arn(function)) is allowed


def test_what_was_read_otherwise_is_granted_on_what_aws_asks_for(cloud: Cloud) -> None:
    names, parameter = cloud.names, cloud.deployment.parameter
    data, signing = parameter("data-key"), parameter("signing-key")
    routes = parameter("routes-store", "us-east-1")
    log = names.arn("logs", f"log-group:{names.builds_log()}")
    wanted = [
        ("api", "kms:Sign", signing),
        ("api", "kms:Decrypt", data),
        ("pipeline-build", "kms:Decrypt", data),
        ("live-connect", "kms:GetPublicKey", signing),
        ("pipeline-build", "codebuild:BatchGetBuilds", names.builds_arn()),
        ("on-git-push", "codebuild:StopBuild", names.builds_arn()),
        ("publish-routes", "cloudfront-keyvaluestore:UpdateKeys", routes),
        ("on-runner-end", "logs:GetLogEvents", f"{log}:log-stream:1f2e"),
        ("pipe-routes", "dynamodb:GetRecords", parameter("core-stream")),
        (
            "publish-routes",
            "sqs:ReceiveMessage",
            names.arn("sqs", names.queue("routes", fifo=True)),
        ),
        ("on-git-push", "sqs:SendMessage", names.arn("sqs", names.queue("events-lost"))),
    ]
    assert [want for want in wanted if not cloud.may(*want)] == []
    never = [
        ("live-connect", "kms:Sign", signing),
        ("publish-routes", "kms:Decrypt", data),
        ("builds", "s3:GetObject", f"{names.bucket_arn('sources')}/runner/x.pyz"),
        ("origin", "s3:GetObject", f"{names.bucket_arn('sources')}/sources/x"),
        ("origin", "dynamodb:Query", names.table_arn("core")),
    ]
    assert [want for want in never if cloud.may(*want)] == []
