"""The watch over all domains: certificates, DNS, and executions that were lost."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.observe import logger
from chalicelib.domains.actions import looking
from chalicelib.domains.rows import domains as rows
from chalicelib.domains.rules import states

MOST = 100
"""Domains looked at in one call: a quarter of an hour has room for 9,600 a day."""


def watch() -> dict[str, int]:
    """Look at every domain whose time has come: `{"looked", "resumed", "broken"}`.

    A settled one is due a day after its last look, one that is not when its machine is late. A
    domain that breaks keeps nobody else's from being looked at.
    """
    counts = {"looked": 0, "resumed": 0, "broken": 0}
    for project, host in list(rows.due(clock.iso(), MOST)):
        try:
            row = rows.get(project, host)
            if row is None or row.due > clock.iso():
                continue
            row = looking.step(row)
            counts["looked"] += 1
            if row.state not in states.SETTLED:
                looking.start(row)
                counts["resumed"] += 1
        except Exception:
            logger().exception("domain", extra={"domain": host, "project": project})
            counts["broken"] += 1
    return counts
