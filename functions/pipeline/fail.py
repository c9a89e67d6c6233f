"""Fail: the one exit for faults, whatever state they happened in."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from chalicelib.deployments.actions import finish


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id, "error": {"Error", "Cause"}}`; closes the deployment as failed."""
    finish.fault(event["deployment"], sentence(event.get("error") or {}))
    return {"outcome": "failed"}


def sentence(error: dict[str, Any]) -> str:
    """What Step Functions caught, as one line."""
    cause = str(error.get("Cause", ""))
    with contextlib.suppress(ValueError, AttributeError):  # not every cause is a JSON object
        cause = str(json.loads(cause).get("errorMessage", cause))
    return f"{error.get('Error', 'fault')}: {cause}".strip(": ")[:500]
