"""docs/cost.md: every figure on it is what the model says."""

from __future__ import annotations

import argparse
import re
import shlex

import pytest

from cdk.cost import report
from cdk.cost.model import (
    FIXTURES,
    IDLE,
    ROLLOUT,
    Usage,
    bill,
    idle,
    per_million_requests,
    per_thousand_deployments,
)
from cdk.cost.prices import DOLLAR, PRICES
from cdk.settings import PROFILES
from tests.unit.docs.codes import ROOT

TEXT = (ROOT / "docs" / "cost.md").read_text()
EXAMPLES = re.findall(r"\| `deck cost ([^`]+)` \| (\$[\d,.]+) \|", TEXT)


def cents(micro):
    return f"${micro / DOLLAR:,.2f}"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_row_of_each_profile(profile):
    figures = (
        idle(profile).total,
        per_thousand_deployments(profile),
        per_million_requests(profile, free=True),
        per_million_requests(profile),
    )
    assert f"| `{profile}` | {' | '.join(map(cents, figures))} |" in TEXT


def test_there_are_examples():
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(("line", "total"), EXAMPLES)
def test_examples(line, total):
    parser = argparse.ArgumentParser()
    report.options(parser)
    assert cents(bill(report.usage(parser.parse_args(shlex.split(line)))).total) == total


@pytest.mark.parametrize("key", PRICES)
def test_prices_and_their_dates(key):
    price = PRICES[key]
    free = f"{price.free:,}" if price.free else ""
    read = price.source.read + ("" if price.source.second_hand else ", AWS")
    assert f"| {price.service} | {price.words()} | {free} | {read} |" in TEXT


def test_figures_in_sentences():
    assert f"comes to {cents(per_thousand_deployments('hobby'))}:" in TEXT
    assert f"are {cents(per_million_requests('hobby'))} here" in TEXT
    assert f"{IDLE['calls']:,} calls,\n{IDLE['compute']:,} GB-seconds" in TEXT
    assert f"{IDLE['queue-requests']:,} looks into a queue" in TEXT
    assert f"{IDLE['reads']:,} reads" in TEXT
    thousand = bill(Usage(rollouts=1_000)).total - bill(Usage()).total
    assert f"1,000 rollouts cost {cents(thousand)}." in TEXT
    assert f"{ROLLOUT['transitions']} transitions" in TEXT
    assert f"{ROLLOUT['writes']} writes and {ROLLOUT['reads']} reads" in TEXT
    alarms = FIXTURES["production"].alarms
    assert f"{alarms} alarms of which ten are free (${(alarms - 10) * 0.1:.2f})" in TEXT


def test_the_comparison_adds_up():
    table = TEXT.split("### Against the first estimate")[1].split("\n\n")[1]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    model = sum(float(row[2]) for row in rows)
    assert model == pytest.approx(per_thousand_deployments("hobby") / DOLLAR, abs=0.02)
    assert sum(float(row[1] or 0) for row in rows) == pytest.approx(12.9, abs=0.02)


def test_the_page_on_installing_says_the_same():
    page = (ROOT / "docs" / "install.md").read_text()
    still = [cents(idle(profile).total) for profile in PROFILES]
    assert f"| standing still, a month | {' | '.join(still)} |" in page
    assert f"about {still[0]} a month standing still" in page
