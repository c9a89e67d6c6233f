"""The arithmetic of the bill: properties that hold for every month, and known figures."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk.cost import prices
from cdk.cost.model import (
    DEPLOYMENT,
    IDLE,
    ROLLOUT,
    VISIT,
    Usage,
    bill,
    idle,
    per_million_requests,
    per_thousand_deployments,
    quantities,
)
from cdk.cost.prices import DOLLAR, PRICES, Price, Source, dollars
from cdk.settings import PROFILES, Profile

GROWING = (
    *("deployments", "minutes", "rollouts", "requests", "megabytes_out", "sites", "domains"),
    *("storage_megabytes", "api_calls", "visits", "zones"),
)
MONTHS = st.builds(
    Usage,
    deployments=st.integers(0, 10**5),
    minutes=st.integers(0, 60),
    rollouts=st.integers(0, 10**5),
    requests=st.integers(0, 10**10),
    megabytes_out=st.integers(0, 10**10),
    hits=st.integers(0, 100),
    sites=st.integers(0, 10**5),
    domains=st.integers(0, 10**5),
    storage_megabytes=st.integers(0, 10**8),
    api_calls=st.integers(0, 10**8),
    visits=st.integers(0, 10**6),
    zones=st.integers(0, 3),
    profile=st.sampled_from(PROFILES),
)


@given(MONTHS, st.sampled_from(GROWING), st.integers(1, 10**7))
def test_more_never_costs_less(month, field, more):
    grown = replace(month, **{field: getattr(month, field) + more})
    assert bill(grown).total >= bill(month).total


@given(MONTHS.filter(lambda month: month.hits < 100))
def test_a_better_cache_never_costs_more(month):
    assert bill(replace(month, hits=month.hits + 1)).total <= bill(month).total


@given(MONTHS)
def test_a_larger_profile_never_costs_less(month):
    totals = [bill(replace(month, profile=profile)).total for profile in PROFILES]
    assert totals == sorted(totals)


@given(MONTHS)
def test_the_total_is_the_sum_of_its_lines_and_nothing_is_negative(month):
    made = bill(month)
    assert made.total == sum(line.micro for line in made.lines)
    assert all(line.micro >= 0 and line.quantity > 0 for line in made.lines)
    assert all(isinstance(line.micro, int) for line in made.lines)


@given(MONTHS)
def test_each_line_can_be_recomputed_from_what_it_says(month):
    for line in bill(month).lines:
        if line.key in PRICES:
            price = PRICES[line.key]
            exact = max(0, line.quantity - price.free) * price.micro
            assert 0 <= line.micro * price.per - exact < price.per  # rounded up, by less than one


@pytest.mark.parametrize("profile", PROFILES)
def test_a_month_without_use_is_the_idle_one(profile):
    assert bill(Usage(profile=profile)) == idle(profile)


def test_every_profile_of_an_installation_has_its_fixtures():
    assert get_args(Profile) == PROFILES
    for profile in PROFILES:
        assert idle(profile).total > 0


def test_free_units_are_taken_off_once():
    price = Price("x", "units", 5, 1, Source("", ""), free=100)
    assert [price.of(n) for n in (0, 99, 100, 101, 110)] == [0, 0, 0, 5, 50]
    month = Usage(deployments=1_000)
    line = next(line for line in bill(month).lines if line.key == "transitions")
    assert line.quantity == 15_000
    assert line.micro == 11_000 * 25


@pytest.mark.parametrize(
    ("count", "cost"),
    [
        (0, 0),
        (10, 0),
        (11, 20 * DOLLAR),
        (200, 20 * DOLLAR),
        (201, 20 * DOLLAR + 100_000),
        (1_000, 100 * DOLLAR),
        (10_000, 1_000 * DOLLAR),
    ],
)
def test_custom_domains_cost_in_steps(count, cost):
    assert prices.domains(count) == cost


@pytest.mark.parametrize(
    ("gigabytes", "cost"),
    [(0, 0), (1_000, 0), (1_001, 85_000), (11_000, 850 * DOLLAR), (12_000, 930 * DOLLAR)],
)
def test_transfer_costs_by_tier(gigabytes, cost):
    assert prices.transfer(gigabytes * 1_000) == cost


def test_a_thousand_deployments_cost_about_fourteen_dollars():
    cost = per_thousand_deployments("hobby")
    assert 13.5 * DOLLAR < cost < 14.5 * DOLLAR
    lines = {line.key: line.micro for line in bill(Usage(deployments=1_000)).lines}
    assert lines["build-minutes"] == 10_200_000
    assert lines["route-calls"] == 2 * DOLLAR
    assert lines["rest-calls"] == 700_000
    assert lines["transitions"] == 275_000
    assert lines["puts"] == 165_000


def test_a_minute_of_a_large_machine_costs_twice_as_much():
    month = Usage(deployments=1_000)
    half = replace(month, large=50)
    lines = {line.key: line.quantity for line in bill(half).lines}
    assert (lines["build-minutes"], lines["large-build-minutes"]) == (1_500, 1_500)
    assert bill(half).total - bill(month).total == 1_500 * 3_400
    with pytest.raises(ValueError, match="at most 100"):
        replace(month, large=101)


def test_requests_cost_what_their_parts_cost():
    beyond = per_million_requests("hobby")
    parts = 1_000_000 + 2 * 100_000 + 30_000  # CloudFront, two functions, one read
    parts += 100_000 * 6 // 10 + 40_000  # 50,000 misses: two functions, two reads from S3
    assert parts <= beyond < parts + 30_000  # their milliseconds, a table read, the log
    first = per_million_requests("hobby", free=True)
    assert 200_000 < first < 250_000  # misses, and a row for every minute of the month
    assert per_million_requests("production") == beyond + 600_000


def test_traffic_is_written_down_once_a_minute_of_a_site_however_many_come():
    def writes(requests: int, sites: int) -> int:
        month = Usage(requests=requests, sites=sites)
        return quantities(month)["writes"] - quantities(Usage())["writes"]

    assert writes(10, 1) == 10 * 2 + 10 * 4
    assert writes(10**7, 1) == writes(10**9, 1) == 43_800 * 2 + 8_760 * 4
    assert writes(10**9, 200) == 200 * writes(10**9, 1)


def test_a_thousand_visits_of_the_console_cost_less_than_half_a_dollar():
    made = {line.key: line.micro for line in bill(Usage(visits=1_000)).lines}
    quiet = bill(Usage())
    assert 300_000 < sum(made.values()) - quiet.total < 500_000
    assert made["live-messages"] == 42_000
    assert made["live-minutes"] == 2_500
    assert made["rest-calls"] == 210_000


def test_a_thousand_rollouts_cost_what_their_parts_cost():
    made = {line.key: line.micro for line in bill(Usage(rollouts=1_000)).lines}
    quiet = bill(Usage())
    assert 10 * DOLLAR < sum(made.values()) - quiet.total < 12 * DOLLAR
    assert made["route-calls"] == 8 * DOLLAR
    assert made["transitions"] == 100_000 * 25
    assert made["writes"] == 805_000 * 625 // 1_000


def test_what_is_used_has_a_price():
    assert set(IDLE) | set(DEPLOYMENT) | set(ROLLOUT) | set(VISIT) <= set(PRICES)
    assert set(quantities(Usage())) == set(PRICES)


def test_every_price_has_a_date_and_a_page():
    for price in PRICES.values():
        assert price.source.page.startswith("https://aws.amazon.com/")
        assert len(price.source.read) == 7


@pytest.mark.parametrize(
    "wrong", [{"deployments": -1}, {"hits": 101}, {"requests": -5}, {"profile": "huge"}]
)
def test_what_no_month_can_hold_is_refused(wrong):
    with pytest.raises(ValueError):
        Usage(**wrong)


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (0, "0.00"),
        (3_400, "0.0034"),
        (500_000, "0.50"),
        (1_234_000_000, "1,234.00"),
        (1, "0.000001"),
    ],
)
def test_amounts_read_well(micro, text):
    assert dollars(micro) == text
