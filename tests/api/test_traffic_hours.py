"""Sums of hours: whatever order and however often totals are told, they come to the same."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.traffic import actions as traffic
from chalicelib.traffic.rows.minutes import TrafficRow
from chalicelib.traffic.rules import batches
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts
from functions.events import edge_traffic
from tests.fakes.people import Person

pytestmark = pytest.mark.usefixtures("database")

OLD, NEW = "dpl_" + "0" * 26, "dpl_" + "1" * 26


def site_of(owner: Person) -> str:
    return str(owner.client.post("/v1/projects", {"name": "one"}).json()["id"])


def told(site: str, deployment: str, requests: int, ago: int = 0, kind: str = "live") -> Told:
    at = clock.iso(clock.now_ms() - 60_000 * ago)[:16]
    half = requests // 2
    counts = Counts(
        requests, requests * 10, s2=requests - half, s5=half, hits=half, times={8: requests}
    )
    return Told(site, deployment, at, kind, counts)


def tell(source: str, *rows: Told) -> int:
    event = {"detail": batches.batch(source, list(rows))}
    return edge_traffic.handler(event, None)["written"]


def asked(owner: Person, site: str, query: str = "") -> dict[str, Any]:
    answer = owner.client.get(f"/v1/projects/{site}/traffic{query}")
    assert answer.status == 200, answer.text
    return dict(answer.json())


def test_any_order_and_repetition_comes_to_the_same(owner: Person) -> None:
    site = site_of(owner)
    final = {
        (source, deployment, ago): 10 + ago + len(source)
        for source in ("edge-1", "edge-22")
        for deployment in (OLD, NEW)
        for ago in (0, 61, 185)
    }
    now = clock.now_ms()
    events = [
        (source, told(site, deployment, part, ago))
        for (source, deployment, ago), requests in final.items()
        for part in (1, requests // 2, requests, requests)
    ]
    random.Random(7).shuffle(events)
    for source, row in events:
        tell(source, row)
    seen = traffic.seen(site, "24h", "live")[1]
    minutes = traffic.counts(site, now - 86_400_000, clock.now_ms())
    assert seen.deployments == minutes
    assert seen.totals == counting.total(minutes.values())
    assert seen.totals.requests == sum(final.values())
    team = traffic.team_hours(owner.team, now - 86_400_000, clock.now_ms())
    assert counting.total(team.values()) == seen.totals


def test_two_who_tell_at_once_lose_nothing(owner: Person) -> None:
    site = site_of(owner)
    with ThreadPoolExecutor(4) as pool:
        rows = [told(site, OLD, n) for n in range(1, 9)]
        list(pool.map(lambda n: tell(f"edge-{n % 2}", rows[n // 2]), range(16)))
    assert traffic.seen(site, "24h", "live")[1].totals.requests == 16


def test_more_rows_than_a_transaction_holds(owner: Person) -> None:
    site = site_of(owner)
    rows = [told(site, OLD, 1, ago) for ago in range(150)]
    assert tell("edge-1", *rows, *rows[:20]) == 150
    assert asked(owner, site)["totals"]["requests"] == 150


def test_a_minute_of_an_older_make_is_added_when_it_grows(owner: Person) -> None:
    site = site_of(owner)
    row = told(site, OLD, 5)
    old = TrafficRow(
        f"TRAFFIC#{site}",
        f"{row.minute}#{OLD}#live#edge-1",
        deployment=OLD,
        requests=5,
        counts=row.counts.told(),
    )
    old.save()
    assert asked(owner, site, "?range=1h")["totals"]["requests"] == 5
    tell("edge-1", told(site, OLD, 9))
    assert asked(owner, site, "?range=1h")["totals"]["requests"] == 9
    assert asked(owner, site)["totals"]["requests"] == 9


def test_what_the_route_answers(owner: Person) -> None:
    site = site_of(owner)
    tell("edge-1", told(site, OLD, 100), told(site, NEW, 10), told(site, NEW, 3, kind="preview"))
    found = asked(owner, site, "?range=1h")
    assert (found["step_seconds"], len(found["series"]), found["kind"]) == (60, 60, "live")
    totals = found["totals"]
    assert totals["status"] == {"2xx": 55, "3xx": 0, "4xx": 0, "5xx": 55}
    assert totals["cache"] == {"hit": 55, "miss": 55}
    assert totals["p50_ms"] == totals["p99_ms"] == 4.0
    assert [one["deployment"] for one in found["deployments"]] == [OLD, NEW]
    assert sum(step["requests"] for step in found["series"]) == 110
    assert found["series"][0]["p50_ms"] is None
    for name, steps in (("24h", 24), ("7d", 56), ("30d", 60)):
        longer = asked(owner, site, f"?range={name}")
        assert longer["totals"] == totals
        assert len(longer["series"]) == steps
    assert asked(owner, site, "?kind=preview")["totals"]["requests"] == 3
    assert owner.client.get(f"/v1/projects/{site}/traffic?range=1y").status == 422
    seen = owner.client.get(f"/v1/teams/{owner.team}/overview").json()["traffic"]
    assert (seen["requests"], seen["errors"], seen["bytes"]) == (110, 55, 1100)


def test_what_is_of_no_project_counts_for_no_team(owner: Person) -> None:
    gone = "prj_" + "0" * 26
    assert tell("edge-1", told(gone, OLD, 5)) == 1
    assert traffic.seen(gone, "24h", "live")[1].totals.requests == 5
    assert traffic.team_hours("", 0, clock.now_ms()) == {}
