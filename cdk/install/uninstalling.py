"""`deck uninstall`: what goes, what stays, then the stacks in reverse; may be repeated."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from cdk.install import data, failures, remembered, tenants
from cdk.install.aws import Account
from cdk.install.problems import Failed
from cdk.install.terminal import Terminal
from cdk.names import STACKS, Names
from cdk.settings import EDGE_REGION

GONE = "DELETE_COMPLETE"
SLOWEST = 2 * 3600.0
"""Seconds that one stack may take; disabling a distribution everywhere takes many minutes."""

REPLICAS = (
    "CloudFront removes its copies of a function within hours after the last distribution that "
    "used it is gone. They cost nothing meanwhile. Run `deck uninstall` again then."
)


@dataclass(frozen=True)
class Stack:
    """A stack of the installation and how it is."""

    what: str
    name: str
    region: str
    status: str


def uninstall(given: Namespace, terminal: Terminal) -> dict[str, Any]:
    """Remove an installation; raises Problem, after which it can be run again."""
    account = Account.open(given.aws_profile, given.region)
    memory = remembered.the(account, given.prefix)
    account.region = memory.installation.region
    names = Names(memory.installation)
    found = [stack for stack in stacks(account, names) if stack.status]
    going = [s for s in reversed(found) if s.what != "data" or not given.keep_data]
    terminal.notes(text(names, going, keep_data=given.keep_data))
    if given.dry_run:
        document = {"removed": False, "stacks": [vars(stack) for stack in going]}
        terminal.result(document)
        return document
    terminal.confirm_by_name("This cannot be undone.", given.prefix)
    remembered.save(account, replace(memory, status="removing"))
    keys = data.keys(account, names)
    tenants.remove(account, names, terminal.note)
    for stack in going:
        remove(account, stack, names, terminal)
    if given.keep_data:
        remembered.save(account, replace(memory, status="kept"))
    else:
        terminal.note("Deleting tables, buckets and keys")
        data.delete(account, names, keys, terminal.note)
        remembered.forget(account, given.prefix)
    document = {"removed": True, "kept_data": given.keep_data}
    terminal.result(document, goodbye(names, keep_data=given.keep_data))
    return document


def stacks(account: Account, names: Names) -> list[Stack]:
    """All stacks in the order in which they are made; the status of one that is not there is
    empty."""
    found = []
    for what in STACKS:
        region = EDGE_REGION if what == "edge" else names.of.region
        name = names.stack(what)
        found.append(Stack(what, name, region, status(account, name, region)))
    return found


def status(account: Account, name: str, region: str) -> str:
    """CloudFormation's word for a stack; empty when there is none."""
    try:
        answer = account.client("cloudformation", region).describe_stacks(StackName=name)
    except ClientError as error:
        if "does not exist" in str(error):
            return ""
        raise
    found = str(answer["Stacks"][0]["StackStatus"])
    return "" if found == GONE else found


def remove(
    account: Account,
    stack: Stack,
    names: Names,
    terminal: Terminal,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Delete one stack and wait; raises Failed with the first resource that could not be."""
    terminal.note(f"Deleting {stack.name} in {stack.region}")
    client = account.client("cloudformation", stack.region)
    if stack.what == "data":
        data.unprotect(account, names)
        client.update_termination_protection(
            StackName=stack.name, EnableTerminationProtection=False
        )
    client.delete_stack(StackName=stack.name)
    waited = 0.0
    while (now := status(account, stack.name, stack.region)) and waited < SLOWEST:
        if now == "DELETE_FAILED":
            break
        pause(10)
        waited += 10
    if not now:
        return
    failed = failures.first(account, [(stack.name, stack.region)])
    why = failed.reason if failed else f"it is {now}"
    if "replica" in why.lower():
        raise Failed("replicas_remain", f"{stack.name}: {why}", REPLICAS)
    if failed:
        raise failed.problem("`deck uninstall` again continues from here.")
    raise Failed("stack_remains", f"{stack.name}: {why}", "`deck uninstall` again waits for it.")


def text(names: Names, going: list[Stack], *, keep_data: bool) -> list[str]:
    """What goes and what stays."""
    lines = [f"From account {names.of.account} go:"]
    lines += [f"  {stack.name} ({stack.region}, {stack.status})" for stack in going]
    if not going:
        lines += ["  no stacks: all of them are gone"]
    kept = ["the hosted zone and its domain", "CDK's own stacks (CDKToolkit)"]
    if keep_data:
        kept.insert(0, f"the stack {names.stack('data')}: tables, buckets, keys ($2 a month)")
    else:
        lines += ["  every site, every deployment, every user: tables, buckets and keys"]
    return ["", *lines, "There stay:", *(f"  {what}" for what in kept), ""]


def goodbye(names: Names, *, keep_data: bool) -> list[str]:
    """What is left."""
    if keep_data:
        return [
            "Removed; the data is where it was.",
            "`deck install` makes everything beside it again, `deck uninstall` removes it too.",
        ]
    return [
        "Removed. Keys are deleted by AWS 30 days from now and cost nothing until then.",
        "There stay the hosted zone, CDK's own stacks, and logs that Lambda made by itself:",
        f"  /aws/lambda/us-east-1.{names.of.prefix}-* in the regions from which visitors came.",
    ]
