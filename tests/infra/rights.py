"""Roles as IAM reads them: their statements out of the templates, and whether they allow a call."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from cdk.nag import flat
from tests.infra.stacks import Stacks


def allowed(statements: list[dict[str, Any]], action: str, resource: str) -> bool:
    """Whether a role lets a call through; `<name>` stands for a value that AWS invents.

    After `#` stands the kind of rows, where a role is held to kinds.
    """
    resource, _, kind = resource.partition("#")
    for statement in statements:
        keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
        if kind and f"{kind}#*" not in keys.get("dynamodb:LeadingKeys", [f"{kind}#*"]):
            continue
        actions = statement["Action"]
        if action not in (actions if isinstance(actions, list) else [actions]):
            continue
        found = statement["Resource"]
        for arn in found if isinstance(found, list) else [found]:
            if fnmatchcase(known(resource), known(flat(arn))):
                return True
    return False


def known(arn: str) -> str:
    """An ARN with the references of a template under the names of their parameters."""
    if arn.startswith("arn:aws:execute-api:"):  # the API's own stack has the id, others read it
        return re.sub("<[^>]+>", "<live-id>", arn)
    if arn == "<firewall>" or (arn.startswith("<") and "firewall" in arn):
        return "<firewall>"
    if ":distribution/" in arn:
        return "<distributions>"
    for what in ("data-key", "signing-key"):
        if arn.startswith("<") and what.replace("-", "") in arn:
            return f"<{what}>"
    return arn


def roles(made: Stacks) -> dict[str, list[dict[str, Any]]]:
    """Statements by the function whose role they are of."""
    prefix = f"{made.names.of.prefix}-"
    return {
        name.removeprefix(prefix): [
            statement
            for policy in role.get("Policies", [])
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        for name, role in (
            (role["RoleName"], role) for role in made.every("AWS::IAM::Role") if "RoleName" in role
        )
    }
