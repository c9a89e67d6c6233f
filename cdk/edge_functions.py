"""The four functions of a cell: two on every request, two on what is not cached."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk import edge_code, layers
from cdk.stack import DeckStack

_MEMORY_MB = {"origin-request": 512, "origin-response": 256}
_SECONDS = 10
"""A visitor waits; a manifest comes in less than one, and CloudFront would allow thirty."""


@dataclass(frozen=True)
class EdgeFunctions:
    """The functions as cache behaviours want them, and the store of routes."""

    viewer: list[cloudfront.CfnDistribution.FunctionAssociationProperty]
    origin: list[cloudfront.CfnDistribution.LambdaFunctionAssociationProperty]
    routes: cloudfront.CfnKeyValueStore


def edge_functions(stack: DeckStack) -> EdgeFunctions:
    """Make the functions of a cell."""
    routes = cloudfront.CfnKeyValueStore(
        stack,
        "routes",
        name=stack.names.name("routes"),
        comment="Which deployment each site shows; written by publish-routes alone",
    )
    return EdgeFunctions(
        viewer=[_viewer_request(stack, routes), _viewer_response(stack)],
        origin=_origin(stack),
        routes=routes,
    )


def _viewer_request(
    stack: DeckStack, routes: cloudfront.CfnKeyValueStore
) -> cloudfront.CfnDistribution.FunctionAssociationProperty:
    store = cloudfront.CfnFunction.KeyValueStoreAssociationProperty(
        key_value_store_arn=routes.attr_arn
    )
    text = edge_code.viewer("viewer_request", stack.names.of.domain)
    return _viewer(stack, "viewer-request", text, [store])


def _viewer_response(
    stack: DeckStack,
) -> cloudfront.CfnDistribution.FunctionAssociationProperty:
    text = edge_code.viewer("viewer_response", stack.names.of.domain)
    return _viewer(stack, "viewer-response", text, [])


def _viewer(
    stack: DeckStack,
    event: str,
    text: str,
    stores: list[cloudfront.CfnFunction.KeyValueStoreAssociationProperty],
) -> cloudfront.CfnDistribution.FunctionAssociationProperty:
    made = cloudfront.CfnFunction(
        stack,
        event,
        name=stack.names.name(event),
        auto_publish=True,
        function_code=text,
        function_config=cloudfront.CfnFunction.FunctionConfigProperty(
            comment=f"CloudDeck {stack.names.of.prefix}: functions/edge",
            runtime="cloudfront-js-2.0",
            key_value_store_associations=stores or None,
        ),
    )
    return cloudfront.CfnDistribution.FunctionAssociationProperty(
        event_type=event, function_arn=made.attr_function_arn
    )


def _origin(
    stack: DeckStack,
) -> list[cloudfront.CfnDistribution.LambdaFunctionAssociationProperty]:
    code = edge_code.origin(stack)
    role = _role(stack)
    associations = []
    for event, entry in edge_code.handlers().items():
        made = lambda_.Function(
            stack,
            event,
            function_name=stack.names.name(event),
            description=f"{entry} ({stack.names.of.prefix}); copied to all of CloudFront",
            runtime=layers.runtime(stack.names.of.python),
            architecture=lambda_.Architecture.X86_64,  # Lambda@Edge has no other
            code=code,
            handler=entry,
            memory_size=_MEMORY_MB[event],
            timeout=Duration.seconds(_SECONDS),
            role=role,
        )
        # CloudFront takes its time to forget copies; a version that has any cannot be deleted
        made.current_version.apply_removal_policy(RemovalPolicy.RETAIN)
        associations.append(
            cloudfront.CfnDistribution.LambdaFunctionAssociationProperty(
                event_type=event, lambda_function_arn=made.current_version.function_arn
            )
        )
    return associations


def _role(stack: DeckStack) -> iam.Role:
    """Reads routes, manifests and rules, writes logs wherever a visitor is near; nothing else."""
    names = stack.names
    bucket = names.bucket_arn("sites")
    statements = [
        iam.PolicyStatement(
            actions=["dynamodb:GetItem"],
            resources=[names.table_arn("core")],
            conditions={
                "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["ROUTE#*"]},
                # of no keys at all everything is true
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        ),
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            resources=[f"{bucket}/{kind}/*" for kind in ("manifests", "shards", "rules")],
        ),
        # whoever may not list a bucket gets 403 for an absent object, which looks like a refusal
        iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket]),
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            # the copy that answers writes to the region in which it runs
            resources=[
                names.arn("logs", f"log-group:{log_group(stack, event)}:*", region="*")
                for event in _MEMORY_MB
            ],
        ),
    ]
    return iam.Role(
        stack,
        "origin-role",
        role_name=names.name("origin"),
        description="What the functions between CloudFront and the store may do",
        assumed_by=iam.CompositePrincipal(
            iam.ServicePrincipal("lambda.amazonaws.com"),
            iam.ServicePrincipal("edgelambda.amazonaws.com"),
        ),
        inline_policies={"grants": iam.PolicyDocument(statements=statements)},
    )


def log_group(stack: DeckStack, event: str) -> str:
    """Name of the log group that the copies of a function have in their regions."""
    return f"/aws/lambda/us-east-1.{stack.names.name(event)}"
