"""The search for planted secrets finds them, however they are spelled."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest

from tests.prove.canary_scan import Search, spellings
from tests.prove.outcome import Outcome

VALUE = "canary0123456789abcdef"


@pytest.fixture
def search() -> Search:
    cloud: Any = SimpleNamespace()
    return Search(cloud, Outcome("canary-scan", "", 0, "smoke"), {"thing": VALUE})


@pytest.mark.parametrize(
    "text",
    [
        f"before {VALUE} after",
        VALUE.encode().hex(),
        VALUE[::-1],
        *(base64.b64encode(b"x" * n + VALUE.encode() + b"yy").decode() for n in range(7)),
    ],
)
def test_it_is_found(search, text):
    search.look(text.encode(), "a text")
    (complaint,) = search.outcome.failures
    assert complaint.startswith("the thing is in a text")


@pytest.mark.parametrize("text", ["", VALUE[:-1], VALUE[1:], VALUE.upper(), "canary"])
def test_nothing_else_is(search, text):
    search.look(text.encode(), "a text")
    assert search.outcome.ok


def test_a_spelling_is_long_enough_to_mean_something():
    assert all(len(one) >= 12 for one in spellings(VALUE))
