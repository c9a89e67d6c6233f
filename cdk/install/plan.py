"""What an install would make and cost, said before anything is made."""

from __future__ import annotations

from typing import Any

from cdk.cost import model
from cdk.cost.prices import dollars
from cdk.install.assembly import Made
from cdk.settings import Installation


def costs(installation: Installation) -> dict[str, int]:
    """Micro-dollars a month standing still, and for every 1,000 deployments of three minutes."""
    zones = 1 if installation.domain else 0
    return {
        "idle": model.idle(installation.profile, zones).total,
        "thousand_deployments": model.per_thousand_deployments(installation.profile),
    }


def document(installation: Installation, stacks: list[Made]) -> dict[str, Any]:
    """The plan for programs."""
    return {
        "installation": vars(installation),
        "stacks": [
            {"name": stack.name, "region": stack.region, "resources": dict(stack.types())}
            for stack in stacks
        ],
        "cost_micro_dollars": costs(installation),
    }


def text(installation: Installation, stacks: list[Made]) -> list[str]:
    """The plan for people."""
    cost = costs(installation)
    width = max((len(stack.name) for stack in stacks), default=0)
    whose = f"CloudDeck '{installation.prefix}' ({installation.profile}, {installation.account})"
    total = sum(len(stack.resources) for stack in stacks)
    return [
        f"{whose}: {len(stacks)} stacks, {total} resources",
        "",
        *(f"  {stack.name:<{width}}  {stack.region:<14}  {stack.words()}" for stack in stacks),
        "",
        *_dns(installation),
        f"  Cost, standing still:       about ${cost['idle'] / 1e6:.2f} a month",
        f"  Cost, 1,000 deployments:    about ${cost['thousand_deployments'] / 1e6:.2f} more",
        f"  List prices of us-east-1 (${dollars(cost['idle'])} by the line); `deck cost` shows the",
        "  arithmetic. Nothing of it was ever compared with a bill.",
    ]


def _dns(installation: Installation) -> list[str]:
    if not installation.domain:
        return [
            "  No domain: the API and the console have AWS's addresses; sites need --domain.",
            "",
        ]
    if not installation.zone:
        return [f"  DNS: {installation.domain} has no hosted zone yet (--create-zone).", ""]
    where = f"in zone {installation.zone}"
    return [f"  DNS: records for *.{installation.domain} and its certificate's proof, {where}.", ""]
