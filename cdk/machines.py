"""State machines: `state_machines/<name>.asl.json` with ARNs in place of `${...}`."""

from __future__ import annotations

import re

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn

from cdk import roles
from cdk.assets import CHECKOUT
from cdk.functions import RETENTION
from cdk.names import Names
from cdk.stack import DeckStack
from chalicelib.resources import Machine


def machine(
    stack: DeckStack, spec: Machine, functions: dict[str, lambda_.Function]
) -> sfn.StateMachine:
    """The machine `<prefix>-<name>`; its role may call the functions of its states, no others."""
    names, production = stack.names, stack.names.of.profile == "production"
    states = [functions[f"{spec.of}-{state}"] for state in spec.functions]
    calls = iam.PolicyStatement(
        actions=["lambda:InvokeFunction"], resources=[state.function_arn for state in states]
    )
    role = roles.role(
        stack,
        f"machine-{spec.name}",
        "states",
        [calls],
        may=f"What the state machine {names.name(spec.name)} may do",
    )
    return sfn.StateMachine(
        stack,
        f"machine-{spec.name}",
        state_machine_name=names.name(spec.name),
        definition_body=sfn.DefinitionBody.from_string(definition(names, spec)),
        role=role,
        logs=sfn.LogOptions(
            destination=_log(stack, spec),
            level=sfn.LogLevel.ALL if production else sfn.LogLevel.ERROR,
            include_execution_data=False,  # what is passed on holds task tokens
        ),
        tracing_enabled=names.of.profile != "hobby",
    )


def definition(names: Names, spec: Machine) -> str:
    """The machine's definition; raises KeyError for a `${...}` that is none of its functions."""
    text = (CHECKOUT / "state_machines" / f"{spec.name}.asl.json").read_text(encoding="utf-8")
    arns = {state: names.function_arn(f"{spec.of}-{state}") for state in spec.functions}
    return re.sub(r"\$\{(\w+)\}", lambda found: arns[found[1]], text)


def _log(stack: DeckStack, spec: Machine) -> logs.LogGroup:
    """Below `/aws/vendedlogs`, or the account's policy for log deliveries outgrows its size."""
    return logs.LogGroup(
        stack,
        f"machine-{spec.name}-log",
        log_group_name=stack.names.machine_log(spec.name),
        retention=RETENTION[stack.names.of.profile],
        removal_policy=RemovalPolicy.DESTROY,
    )
