"""Build: start a runner; Step Functions waits on the token until the outcome is known."""

from __future__ import annotations

import contextlib
from typing import Any

from chalicelib.deployments.actions import steps
from chalicelib.ports import services


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id, "token": task token}`; the outcome travels with the token.

    A fault travels with it too: not everything that runs state machines takes an exception of
    this function for the end of a task that waits on a token.
    """
    try:
        return steps.build(event["deployment"], event["token"])
    except Exception as fault:
        with contextlib.suppress(Exception):
            services().workflow.fail(event["token"], type(fault).__name__, str(fault))
        raise
