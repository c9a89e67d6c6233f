"""Running the CDK command, and what is shown of it."""

from __future__ import annotations

import json

import pytest

from cdk.install import deploy
from cdk.install.problems import Failed

LINES = """\
clouddeck-data: deploying... [1/6]
clouddeck-data: creating CloudFormation changeset...
clouddeck-data |  0/14 | 10:32:04 AM | CREATE_IN_PROGRESS   | AWS::S3::Bucket | bucket-sites (x)
\x1b[32mclouddeck-data |  3/14 | 10:32:09 AM | CREATE_COMPLETE | AWS::S3::Bucket | sites\x1b[0m
clouddeck-edge |  4 | 10:32:09 AM | UPDATE_COMPLETE | AWS::Lambda::Function | origin
clouddeck-edge |  5/9 | 10:33:00 AM | CREATE_FAILED | AWS::CloudFront::Distribution | cell denied
 ✅  clouddeck-data
"""


def test_finished_and_failed_resources_are_shown():
    shown = [line for line in map(deploy.progress, LINES.splitlines()) if line]
    assert [" ".join(line.split()) for line in shown] == [
        "clouddeck-data 3/14 AWS::S3::Bucket sites",
        "clouddeck-edge 4 AWS::Lambda::Function origin",
        "clouddeck-edge 5/9 FAILED AWS::CloudFront::Distribution cell denied",
    ]


def asked(folder):
    return [json.loads(line) for line in (folder / "cdk.asked").read_text().splitlines()]


def test_deploy(account, fake_cdk, tmp_path):
    (fake_cdk / "cdk.out").write_text(LINES)
    shown = []
    env = deploy.environment(account, "work")
    assert env["AWS_REGION"] == "eu-central-1"
    done = deploy.deploy(tmp_path / "out", tmp_path / "outputs.json", env, shown.append)
    assert (done.code, len(shown)) == (0, 3)
    ((arguments, profile),) = asked(fake_cdk)
    assert profile == "work"
    assert arguments[:4] == ["deploy", "--app", str(tmp_path / "out"), "--all"]
    assert arguments[4:6] == ["--require-approval", "never"]
    assert arguments[-2:] == ["--progress", "events"]


def test_change_sets_change_nothing(account, fake_cdk, tmp_path):
    deploy.change_sets(tmp_path, "name", deploy.environment(account, ""))
    ((arguments, _),) = asked(fake_cdk)
    assert arguments[-4:] == ["--method", "prepare-change-set", "--change-set-name", "name"]


def test_bootstrap(account, fake_cdk, terminal):
    env = deploy.environment(account, "")
    deploy.bootstrap(account, ["eu-central-1", "us-east-1"], env, terminal)
    assert [arguments[1] for arguments, _ in asked(fake_cdk)] == [
        "aws://123456789012/eu-central-1",
        "aws://123456789012/us-east-1",
    ]


def test_a_bootstrap_that_fails(account, fake_cdk, terminal):
    (fake_cdk / "cdk.code").write_text("1")
    (fake_cdk / "cdk.out").write_text("working\nError: no rights\nbye\n")
    with pytest.raises(Failed) as failed:
        deploy.bootstrap(account, ["us-east-1"], deploy.environment(account, ""), terminal)
    assert failed.value.code == "bootstrap_failed"
    assert "Error: no rights" in failed.value.message


def test_the_reason_is_there_even_when_cdk_says_nothing():
    assert deploy.reason(deploy.Run(code=7)) == "it ended with code 7"
