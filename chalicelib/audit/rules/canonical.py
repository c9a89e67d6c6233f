"""One text for one value: JSON as RFC 8785 (JSON Canonicalization Scheme) writes it.

Keys in the order of their UTF-16 code units, no spaces, control characters as escapes, numbers as
ECMAScript prints them. Whoever has an entry in any language gets the same bytes, so the same hash.
"""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any

EXACT = 2**53 - 1
"""Greatest integer that every reader of JSON keeps; entries hold greater ones as text."""


def canonical(value: Any) -> bytes:
    """The bytes of a JSON value; raises ValueError for what JSON cannot say."""
    return _text(value).encode("utf-8")


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return sha256(canonical(value)).hexdigest()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]).encode("utf-16-be"))
        return "{" + ",".join(f"{_text(str(k))}:{_text(v)}" for k, v in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Number::toString of ECMAScript: Python finds the same shortest digits, in another dress."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  # only NaN differs from itself
        raise ValueError("JSON has no NaN and no infinity")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    shown = "".join(map(str, digits))
    point = len(shown) + int(exponent)
    if len(shown) <= point <= 21:
        return sign + shown + "0" * (point - len(shown))
    if 0 < point <= 21:
        return f"{sign}{shown[:point]}.{shown[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{shown}"
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return sign + (shown if len(shown) == 1 else f"{shown[0]}.{shown[1:]}") + power
