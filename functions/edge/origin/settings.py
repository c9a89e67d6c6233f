"""What the functions are told. Lambda@Edge has no environment variables: it is baked in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FILE = "settings.json"
"""Lies at the top of the bundle."""

_TOP = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class OriginSettings:
    """Where routes and manifests are, and how long the edge may keep what.

    Times in seconds. `edge_seconds`: answers out of an immutable deployment. `missing_seconds`:
    its "not found" answers, which visitors get with our caching headers as they are.
    `brief_seconds`: answers that depend on a route. `memo_seconds`: how old a route may be.
    `memory_bytes`: what manifests may take of the function's memory.
    """

    store_url: str
    store_region: str
    table_url: str
    table_region: str
    table: str
    edge_seconds: int = 31_536_000
    missing_seconds: int = 300
    brief_seconds: int = 5
    memo_seconds: float = 1.0
    memory_bytes: int = 48 * 1024 * 1024


def read_settings(path: Path = _TOP / FILE) -> OriginSettings:
    """What was baked in; raises RuntimeError when this is no bundle."""
    try:
        return OriginSettings(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise RuntimeError(f"{path} is not usable ({error}): was this packed by us?") from error
