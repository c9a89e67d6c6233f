"""`errand.due`: a letter is to be written, and perhaps an account to be made before."""

from __future__ import annotations

from typing import Any

from chalicelib.accounts.actions import post


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """EventBridge event -> `{"outcome"}`; the same event again finds nothing left to do."""
    return {"outcome": post.perform(str(event["detail"]["errand"]))}
