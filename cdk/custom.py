"""Functions that CloudFormation calls while it deploys, each with a role for its one task."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk import functions, layers
from cdk.names import PARAMETERS
from cdk.stack import DeckStack

_CODE = Path(__file__).with_name("provider")


def edge_reader(stack: DeckStack) -> lambda_.Function:
    """Reads our parameters of the edge's region; made at its first use."""
    allowed = iam.PolicyStatement(
        actions=["ssm:GetParameter"],
        resources=[
            stack.names.edge_parameter(what) for what, by in PARAMETERS.items() if by == "edge"
        ],
    )
    return _made(stack, f"{stack.node.id}-edge-reader", allowed)


def runner_copier(stack: DeckStack, source_arn: str, target_arn: str) -> lambda_.Function:
    """Copies the build agent from the assets of the deployment to our bucket."""
    read = iam.PolicyStatement(actions=["s3:GetObject"], resources=[source_arn])
    write = iam.PolicyStatement(actions=["s3:PutObject"], resources=[target_arn])
    return _made(stack, "runner-copier", read, write)


def pages_unpacker(stack: DeckStack, source_arn: str, target_arn: str) -> lambda_.Function:
    """Unpacks the console's pages from the assets of the deployment into its bucket."""
    read = iam.PolicyStatement(actions=["s3:GetObject"], resources=[source_arn])
    write = iam.PolicyStatement(actions=["s3:PutObject"], resources=[target_arn])
    # hundreds of files, with those of the documentation: memory brings the processor along
    return _made(stack, "pages-unpacker", read, write, memory_mb=1024, seconds=300)


def _made(
    stack: DeckStack,
    name: str,
    *allowed: iam.PolicyStatement,
    memory_mb: int = 128,
    seconds: int = 60,
) -> lambda_.Function:
    found = stack.node.try_find_child(name)
    if found is not None:
        assert isinstance(found, lambda_.Function)
        return found
    role = functions.role(stack, name, ())
    for statement in allowed:
        role.add_to_policy(statement)
    return lambda_.Function(
        stack,
        name,
        function_name=stack.names.name(name),
        description=f"Called by CloudFormation only ({stack.names.of.prefix})",
        runtime=layers.runtime(stack.names.of.python),
        architecture=layers.architecture(stack.names.of.architecture),
        code=lambda_.Code.from_asset(str(_CODE), exclude=["__pycache__"]),
        handler="resource.handler",
        timeout=Duration.seconds(seconds),
        memory_size=memory_mb,
        role=role,
        log_group=functions.log_group(stack, name),
        logging_format=lambda_.LoggingFormat.JSON,
    )
