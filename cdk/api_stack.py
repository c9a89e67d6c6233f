"""The API: Chalice's REST API, the WebSocket and what stands in front of both."""

from __future__ import annotations

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from cdk import functions, parameters
from cdk.assets import Assets
from cdk.chalice_app import ChaliceApi
from cdk.environment import environment
from cdk.firewall import web_acl
from cdk.live_api import LiveApi
from cdk.names import Names
from cdk.rest_api import RestApi
from cdk.stack import DeckStack
from chalicelib.resources import API_GRANTS, API_LAYERS, Function

API = Function(
    "api", "app", memory_mb=1024, timeout_seconds=29, grants=API_GRANTS, layers=API_LAYERS
)
"""The Chalice app. API Gateway waits for 29 seconds; memory is also what processor it gets."""


class ApiStack(DeckStack):
    """`api` (REST, for everybody) and `live` (WebSocket, for those who watch a deployment)."""

    url: str
    """Base URL of the API, without a slash at its end."""

    live_url: str
    """`wss://` URL of the WebSocket."""

    connections_url: str
    """`https://` URL at which messages to open connections are posted."""

    def __init__(self, scope: Construct, what: str, names: Names, assets: Assets) -> None:
        super().__init__(scope, what, names, assets)
        account = self._gateway_account()
        live = LiveApi(self, account)
        app = ChaliceApi(self, assets.api_dir, names)
        rest = RestApi(self, app, account)
        self.url = rest.url
        self.live_url = live.url
        self.connections_url = live.connections_url
        own = {
            "api-url": self.url,
            "live-url": self.live_url,
            "live-id": live.api_id,
            "connections-url": self.connections_url,
        }
        variables = environment(self, own)
        live.serve(variables, own)
        rest.serve(functions.function(self, API, variables, own=own, code=app.code, entry="app"))
        for parameter, value in {**own, "api-id": app.rest.ref}.items():
            parameters.publish(self, parameter, value)
        if names.of.profile == "production":
            self._firewall(rest)
        CfnOutput(self, "ApiUrl", value=self.url, description="deck login --api <this>")
        CfnOutput(self, "LiveUrl", value=self.live_url)

    def _gateway_account(self) -> apigateway.CfnAccount:
        """API Gateway writes all its logs by one role per account and region.

        It stays when the installation goes: another API may write by it.
        """
        policy = iam.ManagedPolicy.from_aws_managed_policy_name(
            "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
        )
        role = iam.Role(
            self,
            "gateway-log-role",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[policy],
        )
        account = apigateway.CfnAccount(self, "gateway", cloud_watch_role_arn=role.role_arn)
        for kept in (role, account):
            kept.apply_removal_policy(RemovalPolicy.RETAIN)
        return account

    def _firewall(self, rest: RestApi) -> None:
        """For the REST API; AWS has none for WebSockets."""
        acl = web_acl(self, "REGIONAL", "api")
        waf.CfnWebACLAssociation(
            self, "firewall-of-api", resource_arn=rest.stage_arn, web_acl_arn=acl.attr_arn
        )
