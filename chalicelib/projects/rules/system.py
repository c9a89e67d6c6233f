"""Variables that every build finds without anybody setting them. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What is known of a deployment; an empty text means that there is no such thing."""

    project: str
    """The slug."""
    environment: str
    deployment: str = ""
    url: str = ""
    branch: str = ""
    commit: str = ""
    tag: str = ""
    pull_request: str = ""
    """The number."""
    trigger: str = ""


def variables(facts: Facts) -> dict[str, str]:
    """What a build knows of itself.

    The first eight are always there, empty where there is nothing to say; the others only when
    there is something.
    """
    always = {
        "CI": "1",
        "CLOUDDECK": "1",
        "CLOUDDECK_URL": facts.url,
        "CLOUDDECK_DEPLOYMENT": facts.deployment,
        "CLOUDDECK_PROJECT": facts.project,
        "CLOUDDECK_ENVIRONMENT": facts.environment,
        "CLOUDDECK_BRANCH": facts.branch,
        "CLOUDDECK_COMMIT": facts.commit,
    }
    sometimes = {
        "CLOUDDECK_TAG": facts.tag,
        "CLOUDDECK_PULL_REQUEST": facts.pull_request,
        "CLOUDDECK_TRIGGER": facts.trigger,
    }
    return always | {name: value for name, value in sometimes.items() if value}


OF_A_DEPLOYMENT = frozenset(
    {
        *("CLOUDDECK_URL", "CLOUDDECK_DEPLOYMENT", "CLOUDDECK_COMMIT"),
        *("CLOUDDECK_TAG", "CLOUDDECK_PULL_REQUEST", "CLOUDDECK_TRIGGER"),
    }
)
"""Those whose value nobody knows before there is a deployment."""
