"""The recorder of `core/http`: every change that a request makes gets its entry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.audit import rows
from chalicelib.audit.actions.append import append, who
from chalicelib.audit.rules.entries import INSTALLATION, Draft, Outcome
from chalicelib.core import clock
from chalicelib.core.observe import logger
from chalicelib.core.table import out_of_reach
from chalicelib.core.trail import Trail

GRACE_MS = 120_000
"""A change that is announced for so long and did not end: its process is gone."""


class Log:
    """Announces a change before it is made, and writes it down after.

    Whoever dies in between leaves the announcement, and `finish` writes that it is not known how
    it ended. A change that was made is never turned into an error by the log.
    """

    def open(self, trail: Trail) -> None:
        """Announce a change. Raises when that cannot be done: then nothing is changed either."""
        rows.open_trail(_draft(trail, "unknown"))

    def close(self, trail: Trail) -> None:
        """Write a change down; when the log cannot take it now, `finish` does it later."""
        draft = _draft(trail, trail.outcome)
        try:
            append(draft, opened=trail.opened)
        except Exception:
            logger().exception("the log has to wait", extra={"id": trail.id})
            self._leave(draft, trail.opened)

    def discard(self, trail: Trail) -> None:
        """Forget what was announced: nothing was changed."""
        try:
            rows.drop_trail(trail.id)
        except Exception:
            logger().exception("a trail stays", extra={"id": trail.id})

    def _leave(self, draft: Draft, opened: bool) -> None:
        try:
            if opened:
                rows.end_trail(draft)
            else:
                rows.open_trail(draft, ended=True)
        except Exception:
            logger().exception("a trail could not be ended", extra={"id": draft.id})


def finish() -> dict[str, int]:
    """Write down what others left: ended changes at once, announced ones after two minutes."""
    count = {"finished": 0, "unknown": 0, "troubled": 0}
    for shard in range(rows.TRAIL_SHARDS):
        for trail in rows.trails(shard):
            try:
                if not trail.ended and clock.now_ms() - int(trail.at_ms) < GRACE_MS:
                    continue
                append(rows.draft_in(trail), opened=True)
                count["finished" if trail.ended else "unknown"] += 1
            except Exception as error:
                count["troubled"] += 1
                logger().exception("a trail is left", extra={"id": trail.sk})
                if out_of_reach(error):
                    return count
    return count


def _draft(trail: Trail, outcome: Outcome) -> Draft:
    actor = who(trail.actor)
    made: dict[str, Any] = {"before": trail.before, "after": trail.after}
    return Draft(
        trail.id,
        clock.iso(trail.at),
        trail.team or INSTALLATION,
        trail.action,
        replace(actor, ip=actor.ip or trail.ip, agent=actor.agent or trail.agent),
        resource=trail.resource,
        of=trail.of,
        label=trail.label,
        outcome=outcome,
        **made,
    )
