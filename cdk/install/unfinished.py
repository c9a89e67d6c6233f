"""A stack `data` that was never finished: what it left would be in the way of the next one.

What holds data stays when its stack goes, also when the stack goes because it could not be made.
CDK deletes such a stack and makes it again, and would then find its tables and buckets there
already, or be refused because the stack is protected. Only what is empty is deleted here: a table
that has a row, and a bucket that has an object, are somebody's, whoever made them.
"""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from cdk.install import data, uninstalling
from cdk.install.aws import Account, absent_is_fine, pages
from cdk.install.problems import error_code
from cdk.names import Names
from chalicelib import resources

NEVER_MADE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
"""States from which CloudFormation only deletes a stack; CDK does so by itself."""

Show = Callable[[str], None]


def clear(account: Account, names: Names, show: Show) -> bool:
    """Make room for another attempt at the stack `data`; False when there is nothing to clear.

    May be repeated. Raises ClientError when AWS refuses.
    """
    stack = names.stack("data")
    if uninstalling.status(account, stack, names.of.region) not in NEVER_MADE:
        return False
    show(f"{stack} could not be made last time; removing what is left of it, as far as it is empty")
    for table in resources.TABLES:
        _table(account, names.name(table), show)
    for bucket in resources.BUCKETS:
        _bucket(account, names.bucket(bucket.name), show)
    with absent_is_fine("ResourceNotFoundException", "AccessDeniedException", *_IN_USE):
        account.client("backup").delete_backup_vault(BackupVaultName=names.name("backups"))
    _keys(account, stack, show)
    account.client("cloudformation").update_termination_protection(
        StackName=stack, EnableTerminationProtection=False
    )
    return True


_IN_USE = ("InvalidRequestException",)
"""What AWS Backup says of a vault that holds copies."""


def _table(account: Account, table: str, show: Show) -> None:
    client = account.client("dynamodb")
    with absent_is_fine("ResourceNotFoundException"):
        if client.scan(TableName=table, Limit=1, ConsistentRead=True)["Items"]:
            show(f"  table {table} has rows: it stays")
            return
        client.update_table(TableName=table, DeletionProtectionEnabled=False)
        client.get_waiter("table_exists").wait(TableName=table)  # it is `UPDATING` for a moment
        client.delete_table(TableName=table)
        client.get_waiter("table_not_exists").wait(TableName=table)
        show(f"  table {table}")


def _bucket(account: Account, bucket: str, show: Show) -> None:
    """S3 itself refuses to delete a bucket that holds an object or a version of one."""
    try:
        account.client("s3").delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error_code(error) == "BucketNotEmpty":
            show(f"  bucket {bucket} has objects: it stays")
        elif error_code(error) != "NoSuchBucket":
            raise
    else:
        show(f"  bucket {bucket}")


def _keys(account: Account, stack: str, show: Show) -> None:
    """Keys have no names of ours: those of this stack are the ones that its events tell of."""
    events = pages(
        account.client("cloudformation"), "describe_stack_events", "StackEvents", StackName=stack
    )
    made = {
        str(event["PhysicalResourceId"])
        for event in events
        if event.get("ResourceType") == "AWS::KMS::Key" and event.get("PhysicalResourceId")
    }
    for key in sorted(made):
        with absent_is_fine("NotFoundException", "KMSInvalidStateException"):
            account.client("kms").schedule_key_deletion(
                KeyId=key, PendingWindowInDays=data.DAYS_TO_REGRET
            )
            show(f"  key {key}, in {data.DAYS_TO_REGRET} days")
