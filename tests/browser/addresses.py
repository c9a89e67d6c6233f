"""The addresses of the console, as its own table of routes has them."""

from __future__ import annotations

import re

from tests.browser.lively import Lively
from tests.e2e.surroundings import ROOT

_SOURCES = ROOT / "console" / "src"
_TABLE = "".join(
    (_SOURCES / name).read_text()
    for name in ("routes.tsx", "addresses.ts")
    if (_SOURCES / name).exists()
)
DOORS = ["/", *re.findall(r"\bdoors?\('([^']+)'", _TABLE)]
"""Pages for everybody."""

INSIDE = re.findall(r"\binside\('([^']+)'", _TABLE)
"""Pages of somebody who is signed in."""


def address(path: str, world: Lively) -> str:
    """An address of the table with the names of this world in it."""
    names = {
        "$team": world.team,
        "$project": "tides",
        "$deployment": world.live,
        "$rollout": world.rollout,
        "$domain": world.domain,
    }
    return world.cloud.url + re.sub(r"\$\w+", lambda found: names[found[0]], path)


def name_of(path: str) -> str:
    """What a picture of this address is called."""
    return "page-" + (re.sub(r"[$/]+", "-", path).strip("-") or "landing")
