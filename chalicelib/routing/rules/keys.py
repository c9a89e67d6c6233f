"""Where compiled rules lie in the store."""

from __future__ import annotations


def rules_key(team: str, digest: str) -> str:
    """Where a compiled table lies; tables are never shared between teams."""
    return f"rules/{team}/{digest}.json"
