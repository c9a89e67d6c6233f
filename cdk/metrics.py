"""The metrics that say whether an installation does its work, by name. No stack is asked."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk.names import Names
from cdk.settings import EDGE_REGION

PERIOD = Duration.minutes(5)


def metric(
    namespace: str, name: str, statistic: str, region: str | None = None, **dimensions: str
) -> cloudwatch.Metric:
    """One metric of AWS; `region` when it is another one than the dashboard's."""
    return cloudwatch.Metric(
        namespace=f"AWS/{namespace}",
        metric_name=name,
        statistic=statistic,
        period=PERIOD,
        region=region,
        dimensions_map=dimensions,
    )


def api(names: Names, name: str, statistic: str) -> cloudwatch.Metric:
    """Of the REST API: `Latency`, `5XXError`, `4XXError`, `Count`."""
    return metric("ApiGateway", name, statistic, ApiName=names.name("api"))


def function(names: Names, what: str, name: str, statistic: str = "Sum") -> cloudwatch.Metric:
    """Of a function: `Errors`, `Throttles`, `Duration`, `Invocations`."""
    return metric("Lambda", name, statistic, FunctionName=names.name(what))


def machine(names: Names, what: str, name: str) -> cloudwatch.Metric:
    """Of a state machine: `ExecutionsFailed`, `ExecutionsTimedOut`, `ExecutionsStarted`."""
    return metric("States", name, "Sum", StateMachineArn=names.machine_arn(what))


def waiting(queue: str) -> cloudwatch.Metric:
    """Messages in a queue."""
    return metric("SQS", "ApproximateNumberOfMessagesVisible", "Maximum", QueueName=queue)


def oldest(queue: str) -> cloudwatch.Metric:
    """Age of the oldest message in a queue, in seconds."""
    return metric("SQS", "ApproximateAgeOfOldestMessage", "Maximum", QueueName=queue)


def table(names: Names, what: str, name: str) -> cloudwatch.Metric:
    """Of a table: `ReadThrottleEvents`, `WriteThrottleEvents`."""
    return metric("DynamoDB", name, "Sum", TableName=names.name(what))


def builds(names: Names, name: str, statistic: str = "Sum") -> cloudwatch.Metric:
    """Of CodeBuild: `Builds`, `FailedBuilds`, `QueuedDuration` (s)."""
    return metric("CodeBuild", name, statistic, ProjectName=names.name("builds"))


def distribution(identifier: str, name: str, statistic: str) -> cloudwatch.Metric:
    """Of a CloudFront distribution: `Requests`, `5xxErrorRate` (percent)."""
    return metric(
        "CloudFront",
        name,
        statistic,
        region=EDGE_REGION,
        DistributionId=identifier,
        Region="Global",
    )
