"""Reading JSON that a stranger sent."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from chalicelib.core.errors import Invalid, Problem

MAX_DEPTH = 40
_FORBIDDEN = re.compile("[\x00\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# a text, terminated or not (so that no quote is ever looked at twice), or a bracket
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{\]}]', re.DOTALL)


class _DuplicateKeyError(ValueError):
    pass


class _BadNumberError(ValueError):
    pass


def parse_object(raw: bytes) -> dict[str, Any]:
    """A JSON object from bytes.

    Raises Problem 400 with `invalid_json` (line and column), `duplicate_key`, `invalid_number`
    or `too_deep`, and 422 `invalid_characters` for NUL, lone surrogates and bidirectional
    overrides in any text.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad("invalid_json", f"The body is not UTF-8 (byte {error.start}).") from None
    if not text.strip():
        text = "{}"
    if _depth(text) > MAX_DEPTH:
        raise _bad("too_deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    try:
        content = json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float,
            parse_int=_int,
        )  # fmt: skip
    except _DuplicateKeyError as error:
        raise _bad("duplicate_key", f"The key {str(error)[:80]!r} stands twice.") from None
    except _BadNumberError as error:
        raise _bad("invalid_number", f"{str(error)[:40]} is not a number we can keep.") from None
    except json.JSONDecodeError as error:
        raise _bad(
            "invalid_json", f"{error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    if not isinstance(content, dict):
        raise _bad("invalid_json", "The body is not a JSON object.")
    check_text(content, "")
    return content


def _bad(code: str, detail: str) -> Problem:
    problem = Problem(code, detail, hint="Send one JSON object in UTF-8.", status=400)
    problem.title = "The body cannot be read"
    return problem


def _depth(text: str) -> int:
    """How deep brackets are nested, looking no deeper than just past the limit."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return depth
        elif token[0] in "]}":
            depth -= 1
    return 0


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKeyError(key)
        found[key] = value
    return found


def _constant(name: str) -> Any:
    raise _BadNumberError(name)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _BadNumberError(text)
    return value


def _int(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise _BadNumberError(text)
    return int(text)


def check_text(value: Any, pointer: str) -> None:
    """Refuse NUL, lone surrogates and bidirectional overrides in every text of `value`."""
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise Invalid(
                "invalid_characters",
                f"The text at {pointer or '/'} holds characters that are not allowed.",
                hint="Remove NUL, lone surrogates and bidirectional overrides.",
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key, pointer)
            check_text(item, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_text(item, f"{pointer}/{index}")
