"""The stage of the REST API: limits, logs, traces, and who may call the function."""

from __future__ import annotations

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk import access_log
from cdk.chalice_app import STAGE, ChaliceApi
from cdk.settings import Profile
from cdk.stack import DeckStack

LIMITS: dict[Profile, tuple[int, int]] = {
    "hobby": (50, 100),
    "standard": (200, 400),
    "production": (2000, 4000),
}
"""Requests per second, and at once. A build asks about once a second."""


class RestApi:
    """The stage `api`. Its name is part of every address, so the base URL ends in `/api`."""

    def __init__(self, stack: DeckStack, app: ChaliceApi, account: apigateway.CfnAccount) -> None:
        self._stack = stack
        self._id = app.rest.ref
        profile = stack.names.of.profile
        rate, burst = LIMITS[profile]
        log = access_log.log_group(stack, "api")
        deployed = apigateway.CfnDeployment(
            stack,
            # what is deployed never changes: another body is another deployment
            f"deployment-{app.body_hash[:16]}",
            rest_api_id=self._id,
            description=app.body_hash,
        )
        self._stage = apigateway.CfnStage(
            stack,
            "stage",
            rest_api_id=self._id,
            deployment_id=deployed.ref,
            stage_name=STAGE,
            tracing_enabled=profile == "production",
            access_log_setting=apigateway.CfnStage.AccessLogSettingProperty(
                destination_arn=log.arn, format=access_log.line(access_log.REST)
            ),
            method_settings=[
                apigateway.CfnStage.MethodSettingProperty(
                    resource_path="/*",
                    http_method="*",
                    throttling_rate_limit=rate,
                    throttling_burst_limit=burst,
                    logging_level="ERROR",
                    data_trace_enabled=False,  # it would write tokens
                    # by method they cost 0.30 dollars each; those of the whole API are free
                    metrics_enabled=False,
                )
            ],
        )
        self._stage.add_resource_dependency(account)
        self._stage.add_resource_dependency(log.resource)

    @property
    def url(self) -> str:
        """Base URL, without a slash at its end."""
        region = self._stack.names.of.region
        return f"https://{self._id}.execute-api.{region}.amazonaws.com/{STAGE}"

    @property
    def stage_arn(self) -> str:
        """ARN of the stage; whoever uses it waits for the stage."""
        region = self._stack.names.of.region
        return f"arn:aws:apigateway:{region}::/restapis/{self._id}/stages/{self._stage.ref}"

    def serve(self, function: lambda_.Function) -> None:
        """Let this stage, and no other, call the function."""
        called = self._stack.names.arn("execute-api", f"{self._id}/{STAGE}/*")
        function.add_permission(
            "gateway",
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=called,
        )
