"""Changes of rows, in order: DynamoDB stream -> pipe -> FIFO queue -> function."""

from __future__ import annotations

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_sqs as sqs

from cdk import parameters, queues, roles
from cdk.stack import DeckStack
from chalicelib.resources import Stream

_A_DAY_BUT_AN_HOUR = 23 * 3600
"""DynamoDB keeps a change for a day; what grows older is put aside while it can still be read."""


def stream(
    stack: DeckStack, spec: Stream, reader: lambda_.Function, seconds: int
) -> list[sqs.Queue]:
    """Carry the changes of rows below a prefix to a function; returns both dead-letter queues.

    The queue has one message group, so there is one batch on its way at a time, and the
    function has one copy.
    """
    queue, dead = queues.line(stack, spec.name, seconds)
    lost = queues.lost(stack, f"{spec.name}-pipe")
    source = parameters.read(stack, f"{spec.table}-stream")
    _pipe(stack, spec, source, queue, lost)
    reader.add_event_source(
        sources.SqsEventSource(queue, batch_size=spec.batch, report_batch_item_failures=True)
    )
    return [dead, lost]


def _pipe(
    stack: DeckStack, spec: Stream, source: str, queue: sqs.Queue, lost: sqs.Queue
) -> pipes.CfnPipe:
    """One change at a time: of a batch that fails in part, the rest would overtake it."""
    pattern = {"dynamodb": {"Keys": {"pk": {"S": [{"prefix": spec.prefix}]}}}}
    of = pipes.CfnPipe
    return of(
        stack,
        f"pipe-{spec.name}",
        name=stack.names.name(spec.name),
        description=f"Rows {spec.prefix} of {spec.table}, in order",
        role_arn=_role(stack, spec, source, queue, lost).role_arn,
        source=source,
        source_parameters=of.PipeSourceParametersProperty(
            filter_criteria=of.FilterCriteriaProperty(
                filters=[of.FilterProperty(pattern=json.dumps(pattern))]
            ),
            dynamo_db_stream_parameters=of.PipeSourceDynamoDBStreamParametersProperty(
                starting_position="TRIM_HORIZON",
                batch_size=1,
                dead_letter_config=of.DeadLetterConfigProperty(arn=lost.queue_arn),
                maximum_record_age_in_seconds=_A_DAY_BUT_AN_HOUR,
                maximum_retry_attempts=-1,
            ),
        ),
        target=queue.queue_arn,
        target_parameters=of.PipeTargetParametersProperty(
            sqs_queue_parameters=of.PipeTargetSqsQueueParametersProperty(
                message_group_id=spec.name,
                message_deduplication_id="$.eventID",
            )
        ),
    )


def _role(
    stack: DeckStack, spec: Stream, source: str, queue: sqs.Queue, lost: sqs.Queue
) -> iam.Role:
    names = stack.names
    actions = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    reads = iam.PolicyStatement(
        actions=[f"dynamodb:{action}" for action in actions], resources=[source]
    )
    sends = iam.PolicyStatement(
        actions=["sqs:SendMessage"], resources=[queue.queue_arn, lost.queue_arn]
    )
    return roles.role(
        stack,
        f"pipe-{spec.name}",
        "pipes",
        [reads, sends],
        may=f"What the pipe {names.name(spec.name)} may do",
        source=names.arn("pipes", f"pipe/{names.name(spec.name)}"),
    )
