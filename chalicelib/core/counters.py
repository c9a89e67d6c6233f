"""Rows of counters, whose names nobody knows beforehand: buckets of a histogram, ends of things.

Each is an attribute of its own and only added to, so that writers never read before they write.
Adding is no repetition away from wrong: it belongs into the transaction that says it happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from chalicelib.core.table import CoreRow, UsageRow

_KEYS = frozenset({"pk", "sk", "ttl"})


def add(numbers: Mapping[str, int]) -> list[Action]:
    """Changes that add to counters of a row; those that are not there count from zero."""
    return [Path(name).add(number) for name, number in numbers.items() if number]


def between(
    kind: type[CoreRow] | type[UsageRow], pk: str, first: str, last: str
) -> Iterator[tuple[str, dict[str, int]]]:
    """(sort key, counters) of the rows of a partition between two sort keys, both included."""
    after = None
    while True:
        answer = kind._get_connection().query(
            pk, range_key_condition=kind.sk.between(first, last), exclusive_start_key=after
        )
        for item in answer["Items"]:
            numbers = {name: int(value["N"]) for name, value in item.items() if "N" in value}
            yield item["sk"]["S"], {n: v for n, v in numbers.items() if n not in _KEYS}
        after = answer.get("LastEvaluatedKey")
        if not after:
            return
