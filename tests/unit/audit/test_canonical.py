"""The one text of a value: RFC 8785, held to what JavaScript prints."""

from __future__ import annotations

import json
import math
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audit.rules.canonical import canonical

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)
JAVASCRIPT = """
const sorted = v => Array.isArray(v) ? v.map(sorted) : v && typeof v === 'object'
  ? Object.fromEntries([]) && `{${Object.keys(v).sort().map(k => JSON.stringify(k) + ':' +
      text(v[k])).join(',')}}` : JSON.stringify(v);
const text = v => Array.isArray(v) ? '[' + v.map(text).join(',') + ']' : sorted(v);
let all = ''; process.stdin.on('data', d => all += d);
process.stdin.on('end', () => console.log(JSON.stringify(JSON.parse(all).map(text))));
"""


def float_free(value):
    """A value with all its numbers as Python's floats: 1.0 is written as 1."""
    if isinstance(value, dict):
        return {key: float_free(item) for key, item in value.items()}
    if isinstance(value, list):
        return [float_free(item) for item in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else value


@settings(deadline=None)
@given(VALUES)
def test_what_was_read_gives_the_same_bytes(value):
    again = json.loads(canonical(value))
    assert canonical(again) == canonical(value)
    assert float_free(again) == float_free(value)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=6))
def test_the_order_of_keys_is_of_no_account(value):
    try:
        text = canonical(value)
    except UnicodeEncodeError:
        return
    assert canonical(dict(reversed(value.items()))) == text


def test_the_examples_of_the_rfc():
    numbers = [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001]
    text = '\u20ac$\u000f\nA\'B"\\\\"/'
    found = canonical({"numbers": numbers, "string": text, "literals": [None, True, False]})
    assert found.decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    keys = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert list(json.loads(canonical(keys)).values()) == [2, 4, 6, 7, 1, 5, 3]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say(number):
    with pytest.raises(ValueError):
        canonical({"n": number})


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_javascript_finds_the_same_bytes():
    import random

    chance = random.Random(7)
    numbers = [0.0, -0.0, 1.0, 1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 5e-324, 0.1]
    numbers += [chance.uniform(-1, 1) * 10.0 ** chance.randint(-30, 30) for _ in range(3000)]
    values = [{"é": n, "a": [n, "\x07\u2028\U0001f600"], "\U0001f600": None} for n in numbers]
    done = subprocess.run(
        ["node", "-e", JAVASCRIPT],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=True,
    )
    assert [canonical(value).decode() for value in values] == json.loads(done.stdout)
