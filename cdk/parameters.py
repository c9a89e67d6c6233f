"""What one stack tells the next: SSM parameters `/<prefix>/<what>`, listed in `names.PARAMETERS`.

Exports would do the same but tie the stacks together: what is imported can be neither changed
nor replaced. A parameter is read anew by every deployment.
"""

from __future__ import annotations

from aws_cdk import CustomResource
from aws_cdk import aws_ssm as ssm

from cdk.names import PARAMETERS
from cdk.settings import EDGE_REGION
from cdk.stack import DeckStack


def publish(stack: DeckStack, what: str, value: str) -> None:
    """Write a parameter of this stack."""
    assert PARAMETERS[what] == stack.node.id, what
    ssm.StringParameter(
        stack,
        f"parameter-{what}",
        parameter_name=stack.names.parameter_name(what),
        string_value=value,
        description=f"CloudDeck {stack.names.of.prefix}: {what}",
    )


def read(stack: DeckStack, what: str) -> str:
    """Value of a parameter of an earlier stack, from whichever region that one lives in."""
    if PARAMETERS[what] != "edge" or stack.names.of.region == EDGE_REGION:
        name = stack.names.parameter_name(what)
        return ssm.StringParameter.value_for_string_parameter(stack, name)
    return _from_edge(stack, what)


def _from_edge(stack: DeckStack, what: str) -> str:
    """CloudFormation reads parameters of its own region only; a function reads the others."""
    from cdk import custom

    made = stack.node.try_find_child(f"edge-{what}")
    if made is None:
        made = CustomResource(
            stack,
            f"edge-{what}",
            resource_type="Custom::EdgeParameter",
            service_token=custom.edge_reader(stack).function_arn,
            properties={
                "name": stack.names.parameter_name(what),
                "region": EDGE_REGION,
                # it is read again when this changes, and with this the edge may
                "of": f"{stack.names.of.profile} {stack.names.of.domain}",
            },
        )
    assert isinstance(made, CustomResource)
    return made.get_att_string("value")
