"""Where sites are built: a CodeBuild project that runs strangers' code, and its runner."""

from __future__ import annotations

from aws_cdk import CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets

from cdk import custom, roles
from cdk.assets import CHECKOUT
from cdk.functions import RETENTION
from cdk.stack import DeckStack

BUILDSPEC = CHECKOUT / "runner" / "buildspec.yml"
LONGEST = Duration.hours(2)
"""Ends a build whose order named no time of its own."""


def project(stack: DeckStack) -> codebuild.Project:
    """The project `<prefix>-builds`: no source, no network of ours, no Docker, no cache.

    Its role can write its own log. What a build reads and writes it reaches by signed
    addresses, so there is nothing in the account that a stranger's code could use.
    """
    of, names = stack.names.of, stack.names
    group = logs.LogGroup(
        stack,
        "builds-log",
        log_group_name=names.builds_log(),
        retention=RETENTION[of.profile],
        removal_policy=RemovalPolicy.DESTROY,
    )
    made = codebuild.Project(
        stack,
        "builds",
        project_name=names.name("builds"),
        description=f"Builds the sites of CloudDeck {of.prefix}",
        build_spec=codebuild.BuildSpec.from_object({"version": "0.2"}),
        environment=_machine(stack),
        role=_role(stack),
        logging=codebuild.LoggingOptions(
            cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=group)
        ),
        grant_report_group_permissions=False,
        badge=False,
        timeout=LONGEST,
        queued_timeout=Duration.hours(1),
        concurrent_build_limit=of.builds or None,
    )
    described = made.node.default_child
    assert isinstance(described, codebuild.CfnProject)
    # as it is written: CDK knows build specifications only as objects, without comments
    text = BUILDSPEC.read_text(encoding="utf-8")
    described.add_property_override("Source.BuildSpec", text)
    return made


def _machine(stack: DeckStack) -> codebuild.BuildEnvironment:
    """The image of a build; how large the machine is, each order says (`computeTypeOverride`)."""
    arm = stack.names.of.architecture == "arm64"
    image: codebuild.IBuildImage = (
        codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0
        if arm
        else codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5
    )
    return codebuild.BuildEnvironment(
        build_image=image,
        compute_type=codebuild.ComputeType.SMALL,
        privileged=False,
    )


def _role(stack: DeckStack) -> iam.IRole:
    """CDK would add reports and caches to it, so it may not."""
    names = stack.names
    streams = names.arn("logs", f"log-group:{names.builds_log()}:log-stream:*")
    log = iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[streams]
    )
    return roles.role(
        stack,
        "builds",
        "codebuild",
        [log],
        may="What a build may do: write its log",
        source=names.builds_arn(),
    ).without_policy_updates()


def runner(stack: DeckStack) -> None:
    """Put the build agent into the bucket `sources`, where orders point at it.

    Earlier agents stay: a build that was ordered before an upgrade still asks for its own.
    """
    asset = s3_assets.Asset(stack, "runner", path=str(stack.assets.runner))
    bucket, key = stack.names.bucket("sources"), stack.assets.runner_key
    copier = custom.runner_copier(
        stack,
        f"arn:aws:s3:::{asset.s3_bucket_name}/{asset.s3_object_key}",
        f"{stack.names.bucket_arn('sources')}/{key}",
    )
    CustomResource(
        stack,
        "runner-in-place",
        resource_type="Custom::Runner",
        service_token=copier.function_arn,
        properties={
            "from_bucket": asset.s3_bucket_name,
            "from_key": asset.s3_object_key,
            "bucket": bucket,
            "key": key,
        },
    )
