"""A rollback with credentials of the cloud alone: another process, and no API anywhere."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from adapters import emergency
from chalicelib.clouds.aws.edge import CloudFrontEdge
from chalicelib.core.config import settings
from chalicelib.deployments.actions import create, sites
from chalicelib.git.rules import Push
from tests.fakes import line

_numbers = itertools.count(1_840_000_000_000_000_000, 1_000_000)
ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def project(owner: Any) -> str:
    answer = owner.client.post("/v1/projects", {"name": "Shop", "slug": "shop"})
    return str(answer.json()["id"])


def pushed(services: Any, project: str) -> str:
    sequence = next(_numbers)
    commit = f"{sequence:040x}"
    services.repositories.push(project, "main", commit, archive=b"x")
    row = create.from_push(Push(project, "main", commit, sequence, "usr_x"))
    assert row is not None
    line.carry(services, row.id)
    return str(row.id)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As `deck rollback --cloud` runs it, against this database and without anything else."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ENDPOINT_URL_DYNAMODB": os.environ["AWS_ENDPOINT_URL_DYNAMODB"],
        "AWS_ENDPOINT_URL": NOBODY,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, "-m", "adapters.emergency", "rollback", "--prefix", "test"]
    return subprocess.run(
        [*command, "--region", settings().region, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_moves_what_the_api_and_the_edge_read(
    services: Any, owner: Any, project: str, database: Any
) -> None:
    first, second = pushed(services, project), pushed(services, project)
    edge = CloudFrontEdge(settings(), sleep=lambda _: None)
    route = sites.route(project)
    assert route is not None
    edge.put(route)  # as it lies in the account
    done = run("shop", "--reason", "the API is down", "--json")
    assert done.returncode == 0, done.stderr
    moved = json.loads(done.stdout)
    assert (moved["deployment"], moved["pinned"]) == (first, True)
    shown = owner.client.get(f"/v1/projects/{project}/pointer").json()
    assert shown["deployment"] == first
    assert shown["history"][0]["reason"] == "the API is down"
    row = database.get_item(
        TableName=settings().table("core"), Key={"pk": {"S": "ROUTE#shop"}, "sk": {"S": "META"}}
    )["Item"]
    assert (row["production"]["S"], row["generation"]["N"]) == (first, "3")
    assert second.removeprefix("dpl_") in row["revoked"]["SS"]
    entries = owner.client.get(f"/v1/teams/{owner.team}/audit").json()["items"]
    (entry,) = [one for one in entries if one["action"] == "deployments.rollback"]
    assert entry["after"]["deployment"] == first
    third = pushed(services, project)  # the control plane is back, and agrees: it is pinned
    assert sites.route(project).production == first  # type: ignore[union-attr]
    answer = owner.client.post(f"/v1/projects/{project}/unpin", {})
    assert answer.json()["deployment"] == third


def test_it_says_what_is_wrong(services: Any, owner: Any, project: str) -> None:
    done = run("nobody", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "project_not_found"
    done = run("shop")
    assert done.returncode == 1
    assert "Nothing is live yet." in done.stderr
    assert "Traceback" not in done.stderr


def test_it_finds_the_installation_by_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    sts, ssm = (
        boto3.client(
            name, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        for name in ("sts", "ssm")
    )
    arn = "arn:aws:iam::123456789012:user/ada"
    for name in ("AWS_REGION", "CLOUDDECK_CLOUD", "CLOUDDECK_PREFIX"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    for name in ("CLOUDDECK_ACCOUNT", "CLOUDDECK_DISTRIBUTIONS"):
        monkeypatch.setenv(name, "")
    with Stubber(sts) as calls, Stubber(ssm) as parameters:
        calls.add_response(
            "get_caller_identity", {"Arn": arn, "Account": "123456789012", "UserId": "x"}, {}
        )
        parameters.add_response(
            "get_parameter", {"Parameter": {"Value": "E1,E2"}}, {"Name": "/shop/distributions"}
        )
        made = {"sts": sts, "ssm": ssm}
        monkeypatch.setattr(boto3.Session, "client", lambda _, name, **__: made[name])
        given = argparse.Namespace(aws_profile=None, region="eu-west-1", prefix="shop")
        assert emergency._aws(given) == arn
    assert os.environ["CLOUDDECK_DISTRIBUTIONS"] == "E1,E2"
    assert os.environ["CLOUDDECK_ACCOUNT"] == "123456789012"
    assert os.environ["AWS_REGION"] == "eu-west-1"
