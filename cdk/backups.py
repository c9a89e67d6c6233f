"""Copies of the tables beside their own point-in-time recovery.

Recovery to any second ends when a table is deleted by somebody who may; these copies lie in a
vault of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_backup as backup
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from cdk.stack import DeckStack

_MANAGED = "service-role/AWSBackupServiceRolePolicyForBackup"


def plan(stack: DeckStack, tables: Iterable[dynamodb.TableV2]) -> None:
    """Every night, kept for 35 days; every month, kept for a year."""
    keep = RemovalPolicy.RETAIN if stack.names.of.keep_data else RemovalPolicy.DESTROY
    vault = backup.BackupVault(
        stack, "vault", backup_vault_name=stack.names.name("backups"), removal_policy=keep
    )
    made = backup.BackupPlan(
        stack, "plan", backup_plan_name=stack.names.name("backups"), backup_vault=vault
    )
    made.add_rule(_rule("nightly", events.Schedule.cron(hour="3", minute="0"), days=35))
    made.add_rule(_rule("monthly", events.Schedule.cron(day="1", hour="4", minute="0"), days=365))
    made.add_selection(
        "tables",
        backup_selection_name=stack.names.name("tables"),
        resources=[backup.BackupResource.from_arn(table.table_arn) for table in tables],
        role=iam.Role(
            stack,
            "backup-role",
            role_name=stack.names.name("backups"),
            assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_MANAGED)],
        ),
    )


def _rule(name: str, when: events.Schedule, days: int) -> backup.BackupPlanRule:
    return backup.BackupPlanRule(
        rule_name=name, schedule_expression=when, delete_after=Duration.days(days)
    )
