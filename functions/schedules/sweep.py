"""Every minute: close what was lost."""

from __future__ import annotations

from typing import Any

from chalicelib.accounts.actions import errands
from chalicelib.deployments.actions import sweep


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Counts of what was found and mended."""
    return {**sweep.sweep(), "errands": errands.sweep()}
