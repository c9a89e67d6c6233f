"""Adding entries: each once, in one order, whoever else is writing at the same moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from pynamodb.exceptions import TransactWriteError

from chalicelib.audit import rows
from chalicelib.audit.rules.canonical import canonical
from chalicelib.audit.rules.entries import Draft, Outcome, Who, entry
from chalicelib.core import clock, ids
from chalicelib.core.actor import PLATFORM, Actor
from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition, out_of_reach

PATIENCE_SECONDS = 4.0
"""How long a request waits for its turn; after that the schedule writes the entry."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.4


class Busy(RuntimeError):  # noqa: N818  # a state of things
    """So many write into one log that this entry did not get its turn."""


_listeners: list[Callable[[dict[str, Any]], None]] = []


def hear_with(listener: Callable[[dict[str, Any]], None]) -> None:
    """Say who hears of every entry once it is written. A listener never raises."""
    _listeners[:] = [listener]


def append(draft: Draft, *, opened: bool) -> None:
    """Write a draft into its log, unless it is there, and forget the opened trail with it.

    Raises Busy, or what the database raises.
    """
    trail = rows.trail_key(draft.id) if opened else None
    # the id of a request is new, so once its trail is gone its entry is there
    once = opened and ids.is_id(draft.id, "req")
    until = time.monotonic() + PATIENCE_SECONDS
    pause = _FIRST_PAUSE
    while True:
        end = rows.head(draft.team)
        made = entry(draft, end.place, clock.iso())
        try:
            rows.append(end, made, canonical(made).decode(), trail, once=once)
            for listen in _listeners:
                listen(made)
            return
        except TransactWriteError as error:
            if not (lost_condition(error) or out_of_reach(error)):
                raise
            crossed = error
        # also after an answer that was lost: then the entry we tried to write again is ours
        if once and not rows.is_open(draft.id):
            return
        if not once and rows.is_written(draft.team, draft.id):
            if opened:
                rows.drop_trail(draft.id)
            return
        if time.monotonic() > until:
            raise Busy(f"the log of {draft.team} is written by too many") from crossed
        time.sleep(random.uniform(0, pause))  # noqa: S311  # jitter
        pause = min(pause * 1.6, _LONGEST_PAUSE)


def record(
    identifier: str,
    team: str,
    action: str,
    resource: str,
    *,
    actor: Actor = PLATFORM,
    of: str = "",
    label: str = "",
    after: dict[str, Any] | None = None,
    outcome: Outcome = "ok",
) -> None:
    """Write down a change that no request made. The same `identifier` is written once.

    For changes that are repeated until they succeed: raises only when neither the log nor the
    list of what waits for it can be written.
    """
    draft = Draft(
        identifier,
        clock.iso(),
        team,
        action,
        who(actor),
        resource=resource,
        of=of,
        label=label,
        after=after or {},
        outcome=outcome,
    )
    try:
        append(draft, opened=False)
    except Exception:
        logger().exception("the log has to wait", extra={"id": identifier, "team": team})
        rows.open_trail(draft, ended=True)


def who(actor: Actor) -> Who:
    """An actor as an entry names them."""
    credential = actor.session or (actor.id if actor.is_key else "")
    return Who(actor.kind, actor.id, actor.user, actor.ip, actor.agent, credential)
