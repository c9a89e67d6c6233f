"""`deck cost`: options, table and JSON."""

from __future__ import annotations

import argparse
import json
import re

import pytest

from cdk.cost import report
from cdk.cost.model import Usage, bill


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    report.options(parser)
    return report.usage(parser.parse_args(arguments))


def test_options_describe_a_month():
    month = parsed(
        *("--deployments", "1000", "--requests", "1e6", "--gb", "1.5", "--minutes", "2"),
        *("--domains", "12", "--profile", "production", "--storage", "3", "--hits", "90"),
        *("--sites", "4", "--api-calls", "1_000"),
    )
    assert month == Usage(
        deployments=1_000,
        requests=1_000_000,
        megabytes_out=1_500,
        minutes=2,
        domains=12,
        profile="production",
        storage_megabytes=3_000,
        hits=90,
        sites=4,
        api_calls=1_000,
    )
    assert parsed() == Usage()


@pytest.mark.parametrize("text", ["-1", "1.5", "nan", "inf", "1e99", "many", ""])
def test_what_is_no_number_of_things_is_refused(text):
    with pytest.raises(ValueError):
        report.amount(text)


@pytest.mark.parametrize("text", ["-1", "nan", "1e99", "many"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError):
        report.megabytes(text)


def test_the_table_shows_its_arithmetic():
    month = Usage(deployments=1_000, domains=12, megabytes_out=2_000_000)
    lines = report.table(bill(month))
    builds = next(line for line in lines if line.startswith("CodeBuild"))
    assert re.sub(r" +", " ", builds) == (
        "CodeBuild arm1.small 3,000 minutes x $0.0034 per minute = 10.20"
    )
    assert "- 4,000 free" in next(line for line in lines if line.startswith("Step Functions"))
    amounts = [line.rsplit("= ", 1)[1].replace(",", "") for line in lines]
    assert sum(map(float, amounts[:-1])) == pytest.approx(float(amounts[-1]))
    assert lines[-1].startswith("together")


def test_json_has_the_same_sum_and_the_sources():
    document = json.loads(json.dumps(report.document(Usage(deployments=7))))
    assert document["total_micro_dollars"] == sum(line["micro"] for line in document["lines"])
    assert document["usage"]["deployments"] == 7
    assert document["prices"]["build-minutes"]["read"]
    assert document["idle_micro_dollars"] < document["total_micro_dollars"]
    assert any("Standing" in line or "standing" in line for line in report.text(Usage()))
