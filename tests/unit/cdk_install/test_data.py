"""Deleting data, in moto's tables, buckets, keys and vaults."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from cdk.install import data
from chalicelib import resources
from tests.unit.cdk_install.conftest import REGION


def nothing(_text):
    pass


@pytest.fixture
def installed(account, names):
    """All tables (protected), all buckets (one with versions), all keys; and a neighbour."""
    tables = [*map(names.name, resources.TABLES), "clouddeck-dev-core"]
    for table in tables:
        account.client("dynamodb").create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
        )
    s3 = account.client("s3")
    for bucket in resources.BUCKETS:
        s3.create_bucket(
            Bucket=names.bucket(bucket.name),
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
    sites = names.bucket("sites")
    s3.put_bucket_versioning(Bucket=sites, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=sites, Key="blobs/a", Body=body)
    s3.delete_object(Bucket=sites, Key="blobs/a")
    s3.put_object(Bucket=names.bucket("sources"), Key="runner/x.pyz", Body=b"x")
    for what in data.KEYS:
        key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
        account.client("kms").create_alias(AliasName=f"alias/{names.name(what)}", TargetKeyId=key)


def test_everything_goes_and_the_neighbour_stays(account, names, installed, stub):
    keys = data.keys(account, names)
    assert len(keys) == 3
    no_vault(stub)
    data.unprotect(account, names)
    data.delete(account, names, keys, nothing)
    assert account.client("dynamodb").list_tables()["TableNames"] == ["clouddeck-dev-core"]
    assert account.client("s3").list_buckets()["Buckets"] == []
    states = {
        account.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in keys
    }
    assert states == {"PendingDeletion"}


def no_vault(stub):
    """Backup's answer where no vault is."""
    stub("backup").add_client_error("list_recovery_points_by_backup_vault", "AccessDeniedException")


def test_again_is_no_error(account, names, installed, stub):
    keys = data.keys(account, names)
    for _ in range(2):
        no_vault(stub)
        data.unprotect(account, names)
        data.delete(account, names, [], nothing)
    account.client("kms").schedule_key_deletion(KeyId=keys[0])
    assert data.empty_bucket(account, names.bucket("sites"), nothing) is False


def test_keys_that_are_going_already(account, names, stub):
    kms = stub("kms")
    no_vault(stub)
    no_vault(stub)
    kms.add_client_error("schedule_key_deletion", "KMSInvalidStateException")
    data.delete(account, names, ["k"], nothing)
    kms.add_client_error("schedule_key_deletion", "AccessDeniedException")
    with pytest.raises(ClientError):
        data.delete(account, names, ["k"], nothing)


def test_copies_go_before_their_vault(account, names, stub):
    client = stub("backup")
    arn = "arn:aws:backup:eu-central-1:123456789012:recovery-point:1"
    vault = {"BackupVaultName": "clouddeck-backups"}
    points = {"RecoveryPoints": [{"RecoveryPointArn": arn}]}
    client.add_response("list_recovery_points_by_backup_vault", points, vault)
    client.add_response("delete_recovery_point", {}, {**vault, "RecoveryPointArn": arn})
    client.add_response("delete_backup_vault", {}, vault)
    shown = []
    data.backups(account, names, shown.append)
    assert shown == ["  copy 1"]


def test_an_account_without_keys(account, names):
    assert data.keys(account, names) == []


def test_a_thousand_at_once():
    items = ({"Key": str(n), "VersionId": "v"} for n in range(2_500))
    assert [len(some) for some in data._thousands(items)] == [1_000, 1_000, 500]
