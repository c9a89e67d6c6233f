"""Carrying entries to collectors: in order, at least once, from where the last delivery ended."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from itertools import islice

from chalicelib.audit import rows
from chalicelib.audit.actions.streams import named, token_of, trial
from chalicelib.audit.rows import streams
from chalicelib.audit.rows.streams import StreamRow
from chalicelib.audit.rules.streams import BATCH, PAUSE_AFTER_MS, Entry, parcel, taken, wait_ms
from chalicelib.core import clock, outbound
from chalicelib.core.actor import Actor
from chalicelib.core.observe import logger

STREAM_SECONDS = 20.0
RUN_SECONDS = 45.0
_PAUSED = "Paused after 24 hours without success; set the stream again to go on. "


@dataclass(frozen=True)
class Tried:
    """How a try ended; `error` is empty when the collector took it."""

    status: int | None
    error: str


def deliver_all() -> dict[str, int]:
    """Give every running stream its turn; what does not fit into this run comes in the next."""
    count = {"delivered": 0, "failed": 0}
    until = time.monotonic() + RUN_SECONDS
    found = list(streams.running())
    random.shuffle(found)  # so that slow ones do not always keep the same others waiting
    for team, name in found:
        if time.monotonic() > until:
            break
        try:
            done, failed = deliver(team, name)
        except Exception:
            done, failed = 0, True
            logger().exception("a stream is left", extra={"team": team, "stream": name})
        count["delivered"] += done
        count["failed"] += failed
    return count


def deliver(team: str, name: str) -> tuple[int, bool]:
    """Carry what a stream has not got yet: how many entries went, and whether it failed."""
    row = streams.one(team, name)
    now = clock.now_ms()
    if row is None or row.state != "running" or int(row.next_try) > now:
        return 0, False
    if not streams.claim(row):
        return 0, False
    count, tried = 0, Tried(None, "")
    until = time.monotonic() + STREAM_SECONDS
    while not tried.error and time.monotonic() < until:
        batch = [
            found.entry() for found in islice(rows.entries(team, int(row.cursor), BATCH), BATCH)
        ]
        if not batch:
            break
        tried = _send(row, batch)
        if not tried.error:
            count += len(batch)
            if not _arrived(row, batch):
                return count, False
    if tried.error:
        _failed(row, tried.error)
    else:
        streams.note(row, busy_until=0)
    return count, bool(tried.error)


def test_stream(team: str, name: str, actor: Actor) -> Tried:
    """Send an entry that stands in no log; raises NotFound."""
    return _send(named(team, name), [trial(team, actor)])


def _send(row: StreamRow, batch: list[Entry]) -> Tried:
    """Ask the collector. What it answers is a stranger's text and may hold the token: not kept."""
    sent = parcel(row.kind, row.team, token_of(row), batch, clock.epoch())  # type: ignore[arg-type]  # checked when it was set
    try:
        reply = outbound.request("POST", row.url, headers=sent.headers, body=sent.body)
    except (outbound.OutOfReach, outbound.NotAllowed) as error:
        return Tried(None, str(error))
    if taken(row.kind, reply.status, reply.body):  # type: ignore[arg-type]  # as above
        return Tried(reply.status, "")
    return Tried(reply.status, f"The collector answered {reply.status} and did not take it.")


def _arrived(row: StreamRow, batch: list[Entry]) -> bool:
    return streams.note(
        row,
        cursor=int(batch[-1]["sequence"]),
        delivered_at=clock.iso(),
        busy_until=clock.now_ms() + streams.LEASE_MS,
        **_WELL,
    )


_WELL = {"error": "", "tries": 0, "failing_since": 0, "next_try": 0}


def _failed(row: StreamRow, error: str) -> None:
    now = clock.now_ms()
    since = int(row.failing_since) or now
    tries = int(row.tries) + 1
    wait = wait_ms(tries) * random.uniform(0.8, 1.2)  # noqa: S311  # jitter
    failing = {"tries": tries, "failing_since": since, "next_try": int(now + wait), "busy_until": 0}
    if now - since < PAUSE_AFTER_MS:
        streams.note(row, error=error[:300], **failing)
    else:
        left = {"gsi2pk": None, "gsi2sk": None}
        streams.note(row, error=f"{_PAUSED}{error[:300]}", state="paused", **failing, **left)
