"""`deck cost`: a bill as a table that anybody can recompute, or as JSON."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import Any

from cdk.cost.model import Bill, Usage, bill, idle
from cdk.cost.prices import PRICES, dollars
from cdk.settings import PROFILES

NOTE = (
    "List prices of us-east-1 without taxes; other regions differ. Nothing of this has been on a "
    "bill: the quantities follow from how CloudDeck is built."
)


def amount(text: str) -> int:
    """A whole number as people write it: `1000`, `1e6`, `1_000`; raises ValueError."""
    try:
        number = Decimal(text.replace("_", ""))
        if not number.is_finite() or number < 0 or number != number.to_integral_value():
            raise ValueError(text)
        if number > 10**15:
            raise ValueError(text)
        return int(number)
    except InvalidOperation:
        raise ValueError(text) from None


def megabytes(text: str) -> int:
    """Gigabytes as people write them (`1.5`), in whole megabytes; raises ValueError."""
    try:
        number = Decimal(text) * 1_000
        if not number.is_finite() or not 0 <= number <= 10**15:
            raise ValueError(text)
        return int(number.to_integral_value())
    except InvalidOperation:
        raise ValueError(text) from None


def options(parser: argparse.ArgumentParser) -> None:
    """The options of `deck cost`."""
    plain = Usage()
    parser.add_argument("--profile", choices=PROFILES, default=plain.profile)
    for name, meaning in (
        ("deployments", "deployments a month"),
        ("minutes", "started minutes of each build (default 3)"),
        ("rollouts", "releases that go out in steps"),
        ("requests", "requests of visitors a month, such as 1e6"),
        ("sites", "sites"),
        ("domains", "custom domains"),
        ("api-calls", "calls of the API beside those of deployments"),
        ("visits", "times ten minutes that somebody has the console open"),
    ):
        field = name.replace("-", "_")
        default = getattr(plain, field)
        parser.add_argument(f"--{name}", type=amount, default=default, metavar="N", help=meaning)
    parser.add_argument("--hits", type=amount, default=plain.hits, metavar="PERCENT")
    large = "build minutes on machines of the size large"
    parser.add_argument("--large", type=amount, default=0, metavar="PERCENT", help=large)
    parser.add_argument("--gb", type=megabytes, default=0, metavar="N", help="GB sent to visitors")
    parser.add_argument("--storage", type=megabytes, default=0, metavar="GB", help="GB stored")


def usage(given: argparse.Namespace) -> Usage:
    """The month that the options describe; raises ValueError."""
    return Usage(
        deployments=given.deployments,
        minutes=given.minutes,
        rollouts=given.rollouts,
        requests=given.requests,
        megabytes_out=given.gb,
        hits=given.hits,
        sites=given.sites,
        domains=given.domains,
        storage_megabytes=given.storage,
        api_calls=given.api_calls,
        visits=given.visits,
        large=given.large,
        profile=given.profile,
    )


def document(month: Usage) -> dict[str, Any]:
    """The bill for programs; amounts in micro-dollars and as text."""
    made = bill(month)
    still = idle(month.profile, month.zones)
    return {
        "usage": vars(month),
        "lines": [vars(line) for line in made.lines],
        "idle_micro_dollars": still.total,
        "total_micro_dollars": made.total,
        "total": f"${dollars(made.total)}",
        "prices": {key: vars(price.source) for key, price in PRICES.items()},
        "note": NOTE,
    }


def table(made: Bill) -> list[str]:
    """`(quantity - free) x price = amount`, line by line, and the sum."""
    rows = [
        (
            line.service,
            f"{line.quantity:,} {line.unit}",
            f"- {line.free:,} free" if line.free else "",
            f"x {line.price}",
            f"= {dollars(line.micro)}",
        )
        for line in made.lines
    ]
    rows.append(("together", "", "", "", f"= {dollars(made.total)}"))
    widths = [max(len(row[place]) for row in rows) for place in range(5)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def text(month: Usage) -> list[str]:
    """The bill for people."""
    still = idle(month.profile, month.zones)
    return [
        f"A month with the profile {month.profile}, in US dollars:",
        "",
        *table(bill(month)),
        "",
        f"Of this, standing still costs ${dollars(still.total)}.",
        NOTE,
    ]
