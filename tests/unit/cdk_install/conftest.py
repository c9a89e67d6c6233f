"""An AWS account of moto, botocore's Stubber where moto does not answer, and a fake `cdk`."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cdk.install.aws import Account
from cdk.install.terminal import Terminal
from cdk.names import Names
from cdk.settings import Installation

ACCOUNT = "123456789012"  # moto's
REGION = "eu-central-1"


@pytest.fixture(autouse=True)
def aws(monkeypatch, tmp_path):
    """Nothing here can reach AWS, and no credentials of whoever runs the tests are read."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    choices = {"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"}
    # other tests of the same process have a database of their own
    elsewhere = {name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")}
    for name in choices | elsewhere:
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def account():
    return Account.open(region=REGION)


@pytest.fixture
def stub(account):
    """`stub("service", region)`: a client whose answers are checked against the service model;
    at the end every answer must have been asked for."""
    made = {}
    with ExitStack() as stack:

        def make(service, region=REGION):
            if (service, region) not in made:
                made[service, region] = Stubber(account.client(service, region))
                stack.enter_context(made[service, region])
            return made[service, region]

        yield make
        for stubber in made.values():
            stubber.assert_no_pending_responses()


@pytest.fixture
def installation():
    return Installation(
        account=ACCOUNT,
        region=REGION,
        domain="apps.example.com",
        zone="Z0123456789",
        email="owner@example.com",
    )


@pytest.fixture
def names(installation):
    return Names(installation)


@pytest.fixture
def terminal():
    return Terminal(json=False, yes=True)


@pytest.fixture
def fake_cdk(tmp_path, monkeypatch):
    """A `cdk` that writes down what it is asked, prints `cdk.out` and ends with `cdk.code`."""
    script = tmp_path / "cdk.py"
    (tmp_path / "cdk.out").write_text("")
    (tmp_path / "cdk.code").write_text("0")
    script.write_text(
        "import json, os, pathlib, sys\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "with (here / 'cdk.asked').open('a') as asked:\n"
        "    asked.write(json.dumps([sys.argv[1:], os.environ.get('AWS_PROFILE', '')]) + '\\n')\n"
        "sys.stdout.write((here / 'cdk.out').read_text())\n"
        "sys.exit(int((here / 'cdk.code').read_text()))\n"
    )
    monkeypatch.setattr("cdk.install.deploy.cdk_command", lambda: [sys.executable, str(script)])
    return tmp_path


def options(**given):
    """What argparse would have made of a command line."""
    texts = dict.fromkeys(("aws_profile", "domain", "zone", "email", "mail_from"), "")
    flags = ("dry_run", "create_zone", "request_quotas", "reset_owner", "json")
    flags += ("allow_replacement", "rollback", "keep_data")
    plain = {**texts, **dict.fromkeys(flags, False), "profile": None, "yes": True}
    return argparse.Namespace(**{**plain, "prefix": "clouddeck", "region": REGION, **given})
