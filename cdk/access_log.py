"""What API Gateway writes of a request: no query, header or body, because tokens are there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs

from cdk import functions
from cdk.stack import DeckStack

_BOTH = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "integration_error": "$context.integration.status",
    "integration_ms": "$context.integrationLatency",
}
REST = {
    **_BOTH,
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "ms": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "protocol": "$context.protocol",
    "tls": "$context.tlsVersion",
    "firewall": "$context.wafResponseCode",
}
LIVE = {
    **_BOTH,
    "event": "$context.eventType",
    "route": "$context.routeKey",
    "connection": "$context.connectionId",
}


def line(fields: dict[str, str]) -> str:
    """The format of one line of JSON."""
    return json.dumps(fields, separators=(",", ":"))


@dataclass(frozen=True)
class AccessLog:
    """A log group by its ARN, which the gateway wants without the star at its end."""

    arn: str
    resource: logs.CfnLogGroup


def log_group(stack: DeckStack, what: str) -> AccessLog:
    """Where the lines of one API go, for as long as those of the functions."""
    name = f"/{stack.names.of.prefix}/{what}-access"
    group = logs.LogGroup(
        stack,
        f"{what}-access-log",
        log_group_name=name,
        retention=functions.RETENTION[stack.names.of.profile],
        removal_policy=RemovalPolicy.DESTROY,
    )
    made = group.node.default_child
    assert isinstance(made, logs.CfnLogGroup)
    return AccessLog(stack.names.arn("logs", f"log-group:{name}"), made)
