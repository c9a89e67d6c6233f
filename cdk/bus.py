"""Events and the clock: our bus, rules on it and on the account's, schedules."""

from __future__ import annotations

import json
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs

from cdk import roles
from cdk.names import Names
from cdk.stack import DeckStack
from chalicelib.resources import EVENT_SOURCE, Rule, Schedule

ACCESS_LOGS = "AWSLogs/"
"""Prefix below which CloudWatch delivers CloudFront's log."""

PATIENCE = Duration.hours(6)
"""For how long an event that cannot be delivered is tried again."""


def bus(stack: DeckStack) -> events.EventBus:
    """The bus of our own events; in production they can be sent again for 30 days."""
    made = events.EventBus(stack, "bus", event_bus_name=stack.names.bus())
    if stack.names.of.profile == "production":
        made.archive(
            "archive",
            archive_name=stack.names.bus(),
            event_pattern=events.EventPattern(source=[EVENT_SOURCE]),
            retention=Duration.days(30),
        )
    return made


def rule(
    stack: DeckStack, spec: Rule, on: events.EventBus, target: lambda_.Function, lost: sqs.Queue
) -> events.Rule:
    """Events of these kinds go to a function, those that cannot be delivered to `lost`."""
    ours = spec.source == EVENT_SOURCE
    return events.Rule(
        stack,
        f"rule-{spec.name}",
        rule_name=stack.names.name(spec.name),
        event_bus=on if ours else None,
        event_pattern=events.EventPattern(
            source=[spec.source],
            detail_type=list(spec.kinds),
            detail=detail(stack.names, spec) or None,
        ),
        targets=[
            targets.LambdaFunction(
                target, dead_letter_queue=lost, max_event_age=PATIENCE, retry_attempts=24
            )
        ],
    )


def detail(names: Names, spec: Rule) -> dict[str, Any]:
    """What the events must say; of CodeBuild's only those of our project concern us, of S3's only
    those about files of the access log.
    """
    if spec.source == "aws.codebuild":
        return {**spec.detail, "project-name": [names.name("builds")]}
    if spec.source == "aws.s3":
        place = {"bucket": {"name": [names.bucket("logs")]}}
        return {**place, "object": {"key": [{"prefix": ACCESS_LOGS}]}}
    return dict(spec.detail)


def schedules(
    stack: DeckStack, specs: dict[Schedule, tuple[lambda_.Function, sqs.Queue]]
) -> list[scheduler.CfnSchedule]:
    """Functions called at a fixed rate with `{"schedule": name}`, and a role for those calls."""
    names = stack.names
    group = scheduler.CfnScheduleGroup(stack, "schedules", name=names.schedules())
    calls = iam.PolicyStatement(
        actions=["lambda:InvokeFunction"],
        resources=[function.function_arn for function, _ in specs.values()],
    )
    losses = iam.PolicyStatement(
        actions=["sqs:SendMessage"], resources=[lost.queue_arn for _, lost in specs.values()]
    )
    role = roles.role(
        stack,
        "schedules",
        "scheduler",
        [calls, losses],
        may="What EventBridge Scheduler may do for our schedules",
        source=names.arn("scheduler", f"schedule-group/{group.name}"),
    )
    made = [_schedule(stack, spec, role, *to) for spec, to in specs.items()]
    for schedule in made:
        schedule.add_resource_dependency(group)
    return made


def _schedule(
    stack: DeckStack, spec: Schedule, role: iam.Role, target: lambda_.Function, lost: sqs.Queue
) -> scheduler.CfnSchedule:
    """What a rate missed is not made up for: the next call does the work of all."""
    window = scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF")
    return scheduler.CfnSchedule(
        stack,
        f"schedule-{spec.name}",
        name=stack.names.name(spec.name),
        group_name=stack.names.schedules(),
        schedule_expression=spec.rate,
        flexible_time_window=window,
        target=scheduler.CfnSchedule.TargetProperty(
            arn=target.function_arn,
            role_arn=role.role_arn,
            input=json.dumps({"schedule": spec.name}),
            dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=lost.queue_arn),
            retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                maximum_event_age_in_seconds=60, maximum_retry_attempts=2
            ),
        ),
    )
