"""How every Lambda function of ours is made, whichever stack it belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from cdk import grants, layers
from cdk.names import Names
from cdk.settings import Profile
from cdk.stack import DeckStack
from chalicelib.resources import Function, Grant

RETENTION: dict[Profile, logs.RetentionDays] = {
    "hobby": logs.RetentionDays.ONE_WEEK,
    "standard": logs.RetentionDays.ONE_MONTH,
    "production": logs.RetentionDays.THREE_MONTHS,
}
"""How long logs are kept; CloudWatch asks 0.03 dollars per GB and month."""


def function(
    stack: DeckStack,
    spec: Function,
    environment: dict[str, str],
    *,
    own: dict[str, str] | None = None,
    lost: sqs.IQueue | None = None,
    code: lambda_.Code | None = None,
    entry: str = "handler",
) -> lambda_.Function:
    """The function `<prefix>-<name>` with a role and a log group of its own.

    `environment` is added to what every function has; `own` names parameters that this stack
    makes itself (see `grants.Scope`); an event that failed for good goes to the queue `lost`,
    which every function that is called asynchronously needs. `code` is another package than the
    functions', `entry` what is called in the module.
    """
    of = stack.names.of
    made = lambda_.Function(
        stack,
        spec.name,
        function_name=stack.names.name(spec.name),
        description=f"{spec.module} ({of.prefix})",
        runtime=layers.runtime(of.python),
        architecture=layers.architecture(of.architecture),
        code=code or lambda_.Code.from_asset(str(stack.assets.functions_zip_dir)),
        handler=f"{spec.module}.{entry}",
        memory_size=spec.memory_mb,
        ephemeral_storage_size=Size.mebibytes(spec.disk_mb),
        timeout=Duration.seconds(spec.timeout_seconds),
        layers=[layers.layer(stack, name) for name in spec.layers],
        role=role(stack, spec.name, spec.grants, own),
        log_group=log_group(stack, spec.name),
        logging_format=lambda_.LoggingFormat.JSON,
        system_log_level_v2=lambda_.SystemLogLevel.WARN,
        application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
        tracing=tracing(of.profile),
        environment={**common(stack.names), **environment},
    )
    if lost is not None:
        made.configure_async_invoke(
            on_failure=destinations.SqsDestination(lost),
            max_event_age=Duration.hours(6),
            retry_attempts=2,
        )
    return made


def common(names: Names) -> dict[str, str]:
    """Environment of every function and of the API: what follows from the installation."""
    of = names.of
    sender = {"CLOUDDECK_MAIL_SENDER": of.mail_from} if of.mail_from else {}
    slots = {"CLOUDDECK_SLOTS": str(of.builds)} if of.builds else {}
    return {
        **sender,
        **slots,
        "CLOUDDECK_CLOUD": "aws",
        "CLOUDDECK_PREFIX": of.prefix,
        "CLOUDDECK_ACCOUNT": of.account,
        "CLOUDDECK_BUILDS": names.name("builds"),
    }


def role(
    stack: DeckStack, name: str, allowed: Iterable[Grant], own: dict[str, str] | None = None
) -> iam.Role:
    """The role of a function: its grants, and writing its own log."""
    names = stack.names
    streams = names.arn("logs", f"log-group:{names.function_log(name)}:log-stream:*")
    log = iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[streams]
    )
    return iam.Role(
        stack,
        f"{name}-role",
        role_name=names.name(name),
        description=f"What the function {names.name(name)} may do",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={
            "grants": iam.PolicyDocument(
                statements=[log, *grants.statements(stack, allowed, own)], minimize=True
            )
        },
    )


def log_group(stack: DeckStack, name: str) -> logs.LogGroup:
    """The log group of a function, with an end to what it keeps."""
    return logs.LogGroup(
        stack,
        f"{name}-log",
        log_group_name=stack.names.function_log(name),
        retention=RETENTION[stack.names.of.profile],
        removal_policy=RemovalPolicy.DESTROY,
    )


def tracing(profile: Profile) -> lambda_.Tracing:
    """X-Ray is paid per trace, so a hobby does without."""
    return lambda_.Tracing.DISABLED if profile == "hobby" else lambda_.Tracing.ACTIVE
