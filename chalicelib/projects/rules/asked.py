"""Deployments that a hook or a schedule asks for: their keys, and the ids that follow from them.

The event is `deploy.asked`, its detail
`{"version": 1, "project", "branch", "trigger": "hook" | "schedule", "by", "key"}`. The same key
always leads to the same deployment, so that an event which comes twice starts one, and whoever
asked can be told its id before there is one.
"""

from __future__ import annotations

import re
from typing import Literal

from chalicelib.core import ids

EVENT = "deploy.asked"
Trigger = Literal["hook", "schedule"]

_KEY = re.compile(
    r"(?:hook|schedule):[a-z]{2,6}_[0-9a-z]{26}:([0-9]{1,14})(?::[0-9a-z_-]{1,64})?\Z"
)


def key_of(trigger: Trigger, by: str, ms: int, once: str = "") -> str:
    """The key of one occasion: who asks (the id of a hook or schedule), when, and which time."""
    return f"{trigger}:{by}:{ms}" + (f":{once}" if once else "")


def deployment_id(project: str, branch: str, key: str) -> str:
    """The id of the deployment that a key leads to; raises ValueError for what is no key."""
    found = _KEY.match(key)
    if found is None:
        raise ValueError(f"{key[:80]!r} is no key of an occasion to deploy")
    return ids.new("dpl", int(found[1]), f"{project}:{branch}:{key}")
