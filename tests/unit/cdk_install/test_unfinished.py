"""A stack `data` that could not be made: the next attempt must not meet what the last one left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cdk.install import unfinished
from chalicelib import resources
from tests.unit.cdk_install.conftest import ACCOUNT, REGION

WHEN = datetime(2026, 11, 21, tzinfo=UTC)
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/clouddeck-data/1"


@pytest.fixture
def left(account, names):
    """What CloudFormation leaves on purpose: protected tables, buckets, a vault, a key."""
    for table in resources.TABLES:
        account.client("dynamodb").create_table(
            TableName=names.name(table),
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
        )
    for bucket in resources.BUCKETS:
        account.client("s3").create_bucket(
            Bucket=names.bucket(bucket.name),
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
    account.client("backup").create_backup_vault(BackupVaultName=names.name("backups"))
    return account.client("kms").create_key()["KeyMetadata"]["KeyId"]


def stack_is(stub, status):
    about = {"StackName": "clouddeck-data", "CreationTime": WHEN, "StackStatus": status}
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [about]})


def expect_the_clearing(stub, *keys):
    events = [
        {
            "StackId": STACK,
            "EventId": f"e-{key}",
            "StackName": "clouddeck-data",
            "ResourceType": "AWS::KMS::Key",
            "PhysicalResourceId": key,
            "Timestamp": WHEN,
            "ResourceStatus": "DELETE_SKIPPED",
        }
        for key in keys
    ]
    stub("cloudformation").add_response("describe_stack_events", {"StackEvents": events})
    stub("cloudformation").add_response(
        "update_termination_protection",
        {"StackId": STACK},
        {"StackName": "clouddeck-data", "EnableTerminationProtection": False},
    )


def there(account, names):
    tables = account.client("dynamodb").list_tables()["TableNames"]
    buckets = [bucket["Name"] for bucket in account.client("s3").list_buckets()["Buckets"]]
    vaults = account.client("backup").list_backup_vaults()["BackupVaultList"]
    return {*tables, *buckets, *(vault["BackupVaultName"] for vault in vaults)}


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_what_is_empty_goes_and_the_stack_may_go(account, names, left, stub, status):
    stack_is(stub, status)
    expect_the_clearing(stub, left)
    said = []
    assert unfinished.clear(account, names, said.append)
    assert there(account, names) == set()
    key = account.client("kms").describe_key(KeyId=left)["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    assert "clouddeck-data could not be made last time" in said[0]


def test_what_holds_something_stays_whoever_made_it(account, names, left, stub):
    account.client("dynamodb").put_item(TableName=names.name("core"), Item={"pk": {"S": "TEAM#1"}})
    sites = names.bucket("sites")
    account.client("s3").put_object(Bucket=sites, Key="blobs/a", Body=b"1")
    stack_is(stub, "ROLLBACK_COMPLETE")
    expect_the_clearing(stub)
    said = []
    unfinished.clear(account, names, said.append)
    assert there(account, names) == {names.name("core"), sites}
    about = account.client("dynamodb").describe_table(TableName=names.name("core"))["Table"]
    assert about["DeletionProtectionEnabled"] is True
    assert any("core has rows: it stays" in line for line in said)
    assert any(f"{sites} has objects: it stays" in line for line in said)
    assert account.client("kms").describe_key(KeyId=left)["KeyMetadata"]["KeyState"] == "Enabled"


def test_it_may_be_repeated(account, names, stub):
    stack_is(stub, "ROLLBACK_COMPLETE")
    expect_the_clearing(stub)
    assert unfinished.clear(account, names, lambda _: None)


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_was_made_once_is_never_touched(account, names, left, stub, status):
    before = there(account, names)
    stack_is(stub, status)
    assert not unfinished.clear(account, names, lambda _: None)
    assert there(account, names) == before


def test_without_a_stack_there_is_nothing_to_clear(account, names, stub):
    stub("cloudformation").add_client_error(
        "describe_stacks", "ValidationError", "Stack with id clouddeck-data does not exist"
    )
    assert not unfinished.clear(account, names, lambda _: None)
