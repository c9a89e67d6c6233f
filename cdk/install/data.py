"""Deleting what stacks keep on purpose: tables, buckets, keys and copies. Idempotent.

Everything is named exactly: what merely begins with our prefix may be another installation's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from cdk.install.aws import Account, absent_is_fine, pages
from cdk.install.problems import Failed, error_code
from cdk.names import Names
from chalicelib import resources

KEYS = ("data", "signing", "signing-previous")
"""Aliases of our keys, without the prefix; the last one is there after a rotation."""

DAYS_TO_REGRET = 30
"""How long KMS keeps a key that is to be deleted: `aws kms cancel-key-deletion` saves it."""

Show = Callable[[str], None]


def keys(account: Account, names: Names) -> list[str]:
    """Ids of our keys; to be asked while their aliases are still there."""
    found = []
    for what in KEYS:
        with absent_is_fine("NotFoundException"):
            answer = account.client("kms").describe_key(KeyId=f"alias/{names.name(what)}")
            found.append(str(answer["KeyMetadata"]["KeyId"]))
    return found


def unprotect(account: Account, names: Names) -> None:
    """Allow the deletion of tables."""
    for table in resources.TABLES:
        with absent_is_fine("ResourceNotFoundException"):
            account.client("dynamodb").update_table(
                TableName=names.name(table), DeletionProtectionEnabled=False
            )


def delete(account: Account, names: Names, key_ids: list[str], show: Show) -> None:
    """Everything that the stacks left; what is gone already is no error."""
    backups(account, names, show)
    for table in resources.TABLES:
        with absent_is_fine("ResourceNotFoundException"):
            account.client("dynamodb").delete_table(TableName=names.name(table))
            show(f"  table {names.name(table)}")
    for bucket in resources.BUCKETS:
        delete_bucket(account, names.bucket(bucket.name), show)
    for key in key_ids:
        try:
            account.client("kms").schedule_key_deletion(
                KeyId=key, PendingWindowInDays=DAYS_TO_REGRET
            )
            show(f"  key {key}, in {DAYS_TO_REGRET} days")
        except ClientError as error:
            if error_code(error) not in {"KMSInvalidStateException", "NotFoundException"}:
                raise  # the state is: it is to be deleted already


def empty_bucket(account: Account, bucket: str, show: Show) -> bool:
    """Delete every object and every version of it; False when there is no such bucket."""
    client = account.client("s3")
    removed = 0
    try:
        for some in _thousands(_versions(client, bucket)):
            answer = client.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
            refused = answer.get("Errors", ())
            if refused:
                raise Failed(
                    "bucket_not_empty",
                    f"{bucket}: {refused[0].get('Key')} could not be deleted: "
                    + str(refused[0].get("Message")),
                    "`deck uninstall` again continues from here.",
                )
            removed += len(some)
    except ClientError as error:
        if error_code(error) != "NoSuchBucket":
            raise
        return False
    if removed:
        show(f"  {removed} objects of {bucket}")
    return True


def delete_bucket(account: Account, bucket: str, show: Show) -> None:
    """Empty and delete a bucket."""
    if empty_bucket(account, bucket, show):
        with absent_is_fine("NoSuchBucket"):
            account.client("s3").delete_bucket(Bucket=bucket)
            show(f"  bucket {bucket}")


def _versions(client: Any, bucket: str) -> Iterator[dict[str, str]]:
    """Every version and every delete marker; of a bucket without versions, every object."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            yield {"Key": item["Key"], "VersionId": item["VersionId"]}


def _thousands(items: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """As many at once as S3 takes."""
    some: list[dict[str, str]] = []
    for item in items:
        some.append(item)
        if len(some) == 1_000:
            yield some
            some = []
    if some:
        yield some


def backups(account: Account, names: Names, show: Show) -> None:
    """The nightly copies of the profile production, and their vault."""
    vault = names.name("backups")
    client = account.client("backup")
    with absent_is_fine("ResourceNotFoundException", "AccessDeniedException"):
        # Backup answers AccessDenied for a vault that does not exist
        points = pages(
            client, "list_recovery_points_by_backup_vault", "RecoveryPoints", BackupVaultName=vault
        )
        for point in points:
            client.delete_recovery_point(
                BackupVaultName=vault, RecoveryPointArn=point["RecoveryPointArn"]
            )
            show(f"  copy {point['RecoveryPointArn'].rpartition(':')[2]}")
        client.delete_backup_vault(BackupVaultName=vault)
