"""The WebSocket API: three routes, a function each."""

from __future__ import annotations

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_iam as iam

from cdk import access_log, functions
from cdk.names import LIVE_STAGE
from cdk.rest_api import LIMITS
from cdk.stack import DeckStack
from chalicelib import resources

ROUTES = {
    "$connect": "live-connect",
    "$default": "live-message",
    "$disconnect": "live-disconnect",
}
"""Route of API Gateway -> function."""


class LiveApi:
    """The API `<prefix>-live` with the stage `live`, so that addresses end in `/live`."""

    def __init__(self, stack: DeckStack, account: apigateway.CfnAccount) -> None:
        self._stack = stack
        self._api = apigatewayv2.CfnApi(
            stack,
            "live",
            name=stack.names.name("live"),
            description=f"CloudDeck {stack.names.of.prefix}: builds as they happen",
            protocol_type="WEBSOCKET",
            route_selection_expression="$request.body.action",
        )
        rate, burst = LIMITS[stack.names.of.profile]
        log = access_log.log_group(stack, "live")
        stage = apigatewayv2.CfnStage(
            stack,
            "live-stage",
            api_id=self.api_id,
            stage_name=LIVE_STAGE,
            auto_deploy=True,
            access_log_settings=apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.arn, format=access_log.line(access_log.LIVE)
            ),
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=rate,
                throttling_burst_limit=burst,
                # the gateway's own log would write the token of `?token=`
                logging_level="OFF",
                data_trace_enabled=False,
                detailed_metrics_enabled=False,  # by route they are paid one by one
            ),
        )
        stage.add_resource_dependency(account)
        stage.add_resource_dependency(log.resource)

    @property
    def api_id(self) -> str:
        """Id of the API."""
        return self._api.ref

    @property
    def url(self) -> str:
        """Where browsers and `deck` connect."""
        return f"wss://{self._host}/{LIVE_STAGE}"

    @property
    def connections_url(self) -> str:
        """Below which `/@connections/<id>` takes messages."""
        return f"https://{self._host}/{LIVE_STAGE}"

    @property
    def _host(self) -> str:
        return f"{self.api_id}.execute-api.{self._stack.names.of.region}.amazonaws.com"

    def serve(self, variables: dict[str, str], own: dict[str, str]) -> None:
        """Make the functions and the routes to them."""
        specs = {spec.name: spec for spec in resources.FUNCTIONS}
        for route, name in ROUTES.items():
            function = functions.function(self._stack, specs[name], variables, own=own)
            function.add_permission(
                "gateway",
                principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
                source_arn=self._stack.names.arn(
                    "execute-api", f"{self.api_id}/{LIVE_STAGE}/{route}"
                ),
            )
            path = f"path/2015-03-31/functions/{function.function_arn}/invocations"
            integration = apigatewayv2.CfnIntegration(
                self._stack,
                f"{name}-integration",
                api_id=self.api_id,
                integration_type="AWS_PROXY",
                integration_uri=f"arn:aws:apigateway:{self._stack.names.of.region}:lambda:{path}",
            )
            apigatewayv2.CfnRoute(
                self._stack,
                f"{name}-route",
                api_id=self.api_id,
                route_key=route,
                # the function looks at the token itself: a browser cannot send a header here
                authorization_type="NONE",
                target=f"integrations/{integration.ref}",
            )
