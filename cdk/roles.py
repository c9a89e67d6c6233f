"""Roles of AWS's own services: EventBridge, CodeBuild, Step Functions, pipes."""

from __future__ import annotations

from aws_cdk import aws_iam as iam

from cdk.stack import DeckStack


def role(
    stack: DeckStack,
    what: str,
    service: str,
    statements: list[iam.PolicyStatement],
    *,
    may: str,
    source: str = "",
) -> iam.Role:
    """The role `<prefix>-<what>` of a service (`pipes`, not its address); `may` describes it.

    The service is believed for this account alone, and with `source` only when it acts for that
    ARN: otherwise somebody else's pipe could be told to use our role. Source: AWS, "The confused
    deputy problem".
    """
    names = stack.names
    believed = {"aws:SourceAccount": names.of.account}
    if source:
        believed["aws:SourceArn"] = source
    return iam.Role(
        stack,
        f"{what}-role",
        role_name=names.name(what),
        description=may,
        assumed_by=iam.ServicePrincipal(
            f"{service}.amazonaws.com", conditions={"StringEquals": believed}
        ),
        inline_policies={"may": iam.PolicyDocument(statements=statements)},
    )
