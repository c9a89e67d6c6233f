"""What is counted of the requests that one deployment answered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from chalicelib.traffic.rules import histogram


@dataclass(frozen=True)
class Counts:
    """Requests, the bytes of their answers, their statuses by hundreds, answers out of a cache,
    and how long they took (`histogram`).
    """

    requests: int = 0
    bytes: int = 0
    s2: int = 0
    s3: int = 0
    s4: int = 0
    s5: int = 0
    hits: int = 0
    times: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return self._with(other, 1)

    def __sub__(self, other: Counts) -> Counts:
        """What came since `other` was counted; nothing is less than zero."""
        return self._with(other, -1)

    def _with(self, other: Counts, sign: int) -> Counts:
        numbers = {
            one.name: max(0, getattr(self, one.name) + sign * getattr(other, one.name))
            for one in fields(self)
            if one.name != "times"
        }
        buckets = {*self.times, *other.times}
        summed = {b: self.times.get(b, 0) + sign * other.times.get(b, 0) for b in buckets}
        return Counts(**numbers, times={b: n for b, n in summed.items() if n > 0})

    def p95_ms(self) -> float | None:
        """The duration that 95 of 100 answers stay below, in milliseconds; None without any."""
        return self.quantile_ms(0.95)

    def quantile_ms(self, share: float) -> float | None:
        """The same of any share, such as 0.5."""
        return histogram.quantile_ms(self.times, share)

    def error_rate(self) -> float:
        """The share of answers that were the server's fault (5xx); 0 without any."""
        return self.s5 / self.requests if self.requests else 0.0

    def told(self) -> dict[str, Any]:
        """As JSON has it, without what is zero."""
        found = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "times"}
        told: dict[str, Any] = {name: value for name, value in found.items() if value}
        if self.times:
            told["times"] = {str(bucket): count for bucket, count in sorted(self.times.items())}
        return told

    def numbers(self) -> dict[str, int]:
        """Everything as numbers by name, `t<n>` being those of bucket n, without what is zero."""
        found = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "times"}
        found |= {f"t{bucket}": count for bucket, count in self.times.items()}
        return {name: number for name, number in found.items() if number}


def of_numbers(numbers: Mapping[str, int]) -> Counts:
    """Counts that `numbers` named, added up by whoever kept them."""
    return Counts(
        **{one.name: numbers.get(one.name, 0) for one in fields(Counts) if one.name != "times"},
        times={int(name[1:]): n for name, n in numbers.items() if name[0] == "t"},
    )


def read(told: Mapping[str, Any]) -> Counts:
    """Counts that `told` wrote; raises ValueError for what no edge counts."""
    try:
        numbers = {
            one.name: _count(told.get(one.name, 0)) for one in fields(Counts) if one.name != "times"
        }
        times = {
            _bucket(name): _count(count) for name, count in dict(told.get("times", {})).items()
        }
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not counts: {error}") from error
    return Counts(**numbers, times={bucket: count for bucket, count in times.items() if count})


def total(many: Iterable[Counts]) -> Counts:
    """All of them together."""
    found = Counts()
    for one in many:
        found += one
    return found


def _count(value: Any) -> int:
    number = int(value)
    if isinstance(value, bool) or number != value or not 0 <= number < 2**53:
        raise ValueError(f"not a count: {value!r}")
    return number


def _bucket(name: Any) -> int:
    number = int(name)
    if not 0 <= number <= histogram.LAST:
        raise ValueError(f"not a bucket: {name!r}")
    return number
