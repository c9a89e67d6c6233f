"""Rows of traffic, on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.traffic import actions as traffic
from chalicelib.traffic.rules import batches
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts
from functions.events import edge_traffic

pytestmark = pytest.mark.usefixtures("database")

SITE, OTHER = "prj_" + "0" * 26, "prj_" + "1" * 26
OLD, NEW = "dpl_" + "0" * 26, "dpl_" + "1" * 26


def told(deployment: str, requests: int, *, minutes_ago: int = 0, **more: Any) -> Told:
    at = clock.iso(clock.now_ms() - 60_000 * minutes_ago)[:16]
    given = {"site": SITE, "minute": at, "kind": "live"} | more
    return Told(deployment=deployment, counts=Counts(requests, s2=requests), **given)


def tell(source: str, *rows: Told) -> int:
    event = {"detail-type": "edge.traffic", "detail": batches.batch(source, list(rows))}
    return edge_traffic.handler(event, None)["written"]


def seen(since_minutes: int = 60, **more: Any) -> dict[str, int]:
    now = clock.now_ms()
    found = traffic.counts(SITE, now - 60_000 * since_minutes, now, **more)
    return {deployment: counted.requests for deployment, counted in found.items()}


def test_sources_and_minutes_add_up() -> None:
    assert tell("edge-1", told(OLD, 5), told(OLD, 7, minutes_ago=1), told(NEW, 2)) == 3
    assert tell("edge-2", told(OLD, 100)) == 1
    assert seen() == {OLD: 112, NEW: 2}


def test_a_total_replaces_a_smaller_one_and_no_larger_one() -> None:
    assert tell("edge-1", told(OLD, 5)) == 1
    assert tell("edge-1", told(OLD, 9)) == 1
    assert tell("edge-1", told(OLD, 9)) == 0
    assert tell("edge-1", told(OLD, 5)) == 0
    assert seen() == {OLD: 9}


def test_only_what_was_asked_for_is_counted() -> None:
    tell(
        "edge-1",
        told(OLD, 1, minutes_ago=30),
        told(OLD, 10, minutes_ago=10),
        told(OLD, 100, kind="preview"),
        told(OLD, 1000, site=OTHER),
    )
    assert seen(20) == {OLD: 10}
    assert seen(40) == {OLD: 11}
    assert seen(kind="preview") == {OLD: 100}


def test_what_is_yet_to_come_is_not_believed() -> None:
    assert tell("edge-1", told(OLD, 5, minutes_ago=-10)) == 0
    assert seen() == {}


def test_a_batch_that_is_none_is_refused_whole() -> None:
    event = {"detail": {"version": 1, "source": "edge-1", "rows": [told(OLD, 1).told(), {}]}}
    with pytest.raises(ValueError, match="not a row"):
        edge_traffic.handler(event, None)
    assert seen() == {}
