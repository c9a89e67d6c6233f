"""Every minute: start builds that wait, then close what was lost.

What cleans up comes last and is bounded, so that it holds up nobody's build.
"""

from __future__ import annotations

from typing import Any

from chalicelib.accounts.actions import errands
from chalicelib.builds.actions import order
from chalicelib.core.observe import logger
from chalicelib.deployments.actions import sweep
from chalicelib.overview.actions import older
from chalicelib.rollouts.actions import sweeping


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Counts of what was found and mended."""
    found = {"started": _start(), **sweep.sweep(), "errands": errands.sweep()}
    return {**found, **sweeping.sweep(), "listed": _listed()}


def _listed() -> int:
    """Lists of an older installation are completed last; whoever waits for them can wait."""
    try:
        return older.complete()
    except Exception:
        logger().exception("lists")
        return 0


def _start() -> int:
    """A fault here must not keep the rest from being looked after."""
    try:
        return order.dispatch(thorough=True)
    except Exception:
        logger().exception("dispatch")
        return 0
