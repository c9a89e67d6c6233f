"""What a guard says of a request, and how counting and breakers behave over time."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.edge.breaker import Breakers
from adapters.local.edge.countries import Whereabouts, read_table
from adapters.local.edge.guard_counter import SlidingCounter
from chalicelib.edge.rules import guard as rules
from chalicelib.edge.rules.balance import drawn
from chalicelib.edge.rules.routing.verdicts import Goal
from chalicelib.protection.rules.guard import compact, completed, empty


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


VISIT = rules.Visit(
    "203.0.113.9", "DE", "GET", "/x", "Mozilla/5.0", lambda _: "", lambda _: "", cleared=False
)


def guard(**document: Any) -> rules.Guard:
    return rules.read(compact(completed({**empty(), **document})))


def bots(known: str = "off", unnamed: str = "off", *agents: tuple[str, str]) -> dict[str, Any]:
    told = [{"contains": text, "action": action} for text, action in agents]
    return {"known": known, "unnamed": unnamed, "agents": told}


def rate(**more: Any) -> dict[str, Any]:
    base = {"name": "r", "path": "/*", "methods": [], "key": "ip", "window": 60, "limit": 10}
    return base | {"action": "block"} | more


class Never:
    def over(self, key: tuple[str, str], window: int, limit: int) -> int:
        return 0


def said(made: rules.Guard, **visit: Any) -> str | None:
    ruling = rules.judge(made, replace(VISIT, **visit), Never())
    return None if ruling is None else f"{ruling.action} {ruling.why}"


def test_the_order_of_meaning() -> None:
    made = guard(
        addresses={"allow": ["198.51.100.0/24"], "deny": ["198.51.0.0/16", "2001:db8::/32"]},
        countries={"allow": ["DE"], "deny": []},
        bots=bots("block", "challenge", ("friendly sqlmap", "allow"), ("evil", "challenge")),
        under_attack=True,
    )
    assert said(made, address="198.51.100.1", country="US", agent="sqlmap") is None
    assert said(made, address="198.51.1.1") == "block address"
    assert said(made, address="::ffff:198.51.1.1") == "block address"
    assert said(made, address="2001:db8:1::1") == "block address"
    assert said(made, country="US") == "block country"
    assert said(made, country="") == "block country"
    assert said(made, agent="SQLMap/1") == "block robot"
    assert said(made, agent="Friendly sqlmap") == "challenge under_attack"
    assert said(made, agent="Evil") == "challenge agent"
    assert said(made, agent="") == "challenge unnamed"
    assert said(made) == "challenge under_attack"
    assert said(made, cleared=True) is None
    assert said(made, cleared=True, agent="sqlmap") == "block robot"


def test_rates_count_by_their_key_and_leave_out_who_lacks_it() -> None:
    clock = Clock()
    counter = SlidingCounter(clock)
    made = guard(
        rates=[
            rate(name="key", key="header:x-key", path="/api/*"),
            rate(name="pages", action="challenge", limit=100, methods=["GET"]),
        ]
    )

    def ask(**visit: Any) -> str | None:
        ruling = rules.judge(made, replace(VISIT, **visit), counter)
        return None if ruling is None else f"{ruling.action} {ruling.why}"

    one = {"path": "/api/x", "method": "POST"}
    found = [ask(header=lambda _: "k1", **one) for _ in range(12)]
    assert found == [None] * 10 + ["block rate:key"] * 2
    assert ask(header=lambda _: "k2", **one) is None
    assert [ask(**one) for _ in range(50)] == [None] * 50
    assert [ask() for _ in range(100)] == [None] * 100
    assert ask() == "challenge rate:pages"
    assert ask(cleared=True) is None


@pytest.mark.parametrize(
    ("said", "path", "counted"),
    [
        ("/login", "/login", True),
        ("/login", "/login/", True),
        ("/login", "/login/x", False),
        ("/login/", "/login", True),
        ("/", "/", True),
        ("/", "/x", False),
        ("/api/*", "/api", True),
        ("/api/*", "/api/x", True),
        ("/api/*", "/apix", False),
        ("/log*", "/login", True),
        ("/*", "/", True),
    ],
)
def test_a_slash_at_the_end_gets_around_no_rate(said: str, path: str, counted: bool) -> None:
    """Rules answer both forms alike, so what counts one of them has to count the other."""
    made = guard(rates=[rate(path=said)])
    assert made.rates[0].fits("GET", path) is counted


def test_addresses_of_one_network_of_ipv6_are_one_visitor() -> None:
    assert rules.network_of("2001:db8:1:2:3::4") == rules.network_of("2001:db8:1:2:ffff::")
    assert rules.network_of("2001:db8:1:3::4") != rules.network_of("2001:db8:1:2::4")
    assert rules.network_of("::ffff:1.2.3.4") == "1.2.3.4"
    assert rules.network_of("nonsense") == ""


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), max_size=30), st.data())
def test_ranges_hold_what_networks_hold(nets: list[tuple[int, int]], data: Any) -> None:
    import ipaddress

    networks = [ipaddress.ip_network((number, bits), strict=False) for number, bits in nets]
    found = rules.ranges(str(one) for one in networks)
    edges = [int(n.network_address) - 1 for n in networks] + [
        int(n.broadcast_address) for n in networks
    ]
    for number in [*edges, data.draw(st.integers(0, 2**32 - 1))]:
        address = ipaddress.ip_address(number % 2**32)
        assert found.holds(address) == any(address in one for one in networks)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"rates": 1}', "null", "[" * 10_000),
        compact(empty() | {"rates": [rate(window=7)]}),
        compact(empty() | {"rates": [rate(limit="x")]}),
        compact(empty() | {"countries": {"allow": ["Germany"], "deny": []}}),
        compact(empty() | {"addresses": {"allow": ["x"], "deny": []}}),
        compact(empty() | {"bots": bots("sometimes")}),
    ],
)
def test_what_nobody_checked_is_not_believed(text: str) -> None:
    with pytest.raises(rules.BadGuardError):
        rules.read(text)


def test_a_full_guard_fits_a_route_and_is_quick() -> None:
    import time

    deny = [f"10.{n // 250}.{n % 250}.0/24" for n in range(0, 1000, 2)]
    made = guard(
        addresses={"allow": [], "deny": deny},
        bots=bots("block", "off", *((f"agent number {n}", "block") for n in range(20))),
        rates=[rate(name=f"r{n}", limit=1_000_000) for n in range(10)],
    )
    counter = SlidingCounter()
    began = time.process_time()
    for _ in range(1000):
        assert rules.judge(made, VISIT, counter) is None
    assert time.process_time() - began < 2.0  # 2 ms each would be absurd


def test_the_counter_lets_in_after_what_it_says_and_forgets_whom_it_must() -> None:
    clock = Clock()
    counter = SlidingCounter(clock, most=50)
    waits = [counter.over(("r", "a"), 60, 10) for _ in range(30)]
    assert waits[:10] == [0] * 10
    assert all(waits[10:])
    clock.at += waits[-1] + 0.01
    assert counter.over(("r", "a"), 60, 10) == 0
    for number in range(1000):
        counter.over(("r", str(number)), 60, 10)
    assert len(counter) == 50


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_never_more_than_twice_the_limit_in_a_window(pauses: list[float]) -> None:
    """The estimate may be wrong, but not by more than a window of the clock can hide."""
    clock = Clock()
    counter = SlidingCounter(clock)
    let: list[float] = []
    for pause in pauses:
        clock.at += pause
        if not counter.over(("r", "a"), 60, 10):
            let.append(clock.at)
    for moment in let:
        assert sum(1 for other in let if moment - 60 < other <= moment) <= 20


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=60),
    st.integers(1, 4),
)
def test_a_breaker_lets_one_through_after_each_pause(
    steps: list[tuple[int, bool]], failures: int
) -> None:
    clock = Clock()
    breakers = Breakers(clock)
    row, open_until = 0, 0.0
    for pause, good in steps:
        clock.at += pause
        entered = breakers.enter("s", "n")
        assert entered == (clock.at >= open_until)
        if not entered:
            continue
        assert not open_until or not breakers.enter("s", "n")  # the probe goes alone
        if good:
            breakers.succeeded("s", "n")
            row, open_until = 0, 0.0
        else:
            breakers.failed("s", "n", failures, 10)
            row += 1
            if open_until or row >= failures:
                open_until = clock.at + 10
    assert breakers.states("other") == {}


def test_a_probe_that_went_away_is_not_waited_for() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    breakers.failed("s", "n", 1, 10)
    clock.at += 11
    assert breakers.enter("s", "n")
    assert not breakers.enter("s", "n")
    breakers.left("s", "n")
    assert breakers.enter("s", "n")
    clock.at += 61
    assert breakers.enter("s", "n")


def test_lots_spread_by_weight_and_stay_with_their_ticket() -> None:
    goals = [Goal("a", "", 60), Goal("b", "", 30), Goal("c", "", 10)]
    tickets = range(0, 2**32, 2**32 // 10_000)
    first = Counter(drawn(goals, ticket)[0].name for ticket in tickets)
    for name, wanted in {"a": 6000, "b": 3000, "c": 1000}.items():
        assert abs(first[name] - wanted) < 20
    second = Counter(drawn(goals, t)[1].name for t in tickets if drawn(goals, t)[0].name == "a")
    assert abs(second["b"] / second.total() - 0.75) < 0.03
    assert all(len(drawn(goals, ticket)) == 3 for ticket in tickets)
    assert drawn(goals, 7) == drawn(goals, 7)
    assert drawn([], 7) == []


def test_countries_by_ranges_and_a_broken_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "countries.csv"
    path.write_text("1.0.0.0,1.0.0.255,au\n1.0.2.0,1.0.2.0,CN\n2001:db8::,2001:db8::ff,FR\n")
    found = Whereabouts(path, ())
    assert found.of("1.0.0.9") == "AU"
    assert found.of("1.0.1.0") == ""
    assert found.of("::ffff:1.0.2.0") == "CN"
    assert found.of("2001:db8::1") == "FR"
    assert found.of("2001:db8::100") == ""
    assert found.of("nonsense") == ""
    path.write_text("1.0.0.0,x,DE\n")
    found._look_at = 0
    assert found.of("1.0.0.9") == "AU"
    path.unlink()
    found._look_at = 0
    assert found.of("1.0.0.9") == ""
    for wrong in ("1.0.0.9,1.0.0.1,DE\n", "1.0.0.1,2001::,DE\n", "1.0.0.1\n", "a,b,c\n"):
        path.write_text(wrong)
        with pytest.raises(ValueError, match="line 1"):
            read_table(path)


def test_the_document_is_the_one_that_the_api_keeps() -> None:
    assert rules.read(compact(empty())) == guard()
    assert json.loads(compact(empty())) == empty()
