"""`deck rollout looks`: what the judge saw, one line a look."""

from __future__ import annotations

import json

import pytest

SEEN = {
    "requests": 40,
    "errors": 10,
    "error_rate": 0.25,
    "refused": 0,
    "p95_ms": 76.1,
    "health": 75.0,
}
NONE = {
    "requests": 0,
    "errors": 0,
    "error_rate": 0.0,
    "refused": 0,
    "p95_ms": None,
    "health": None,
}
QUIET = {
    "number": 1,
    "at": "2026-01-02T03:04:05.678Z",
    "step": 0,
    "weight": 2.5,
    "outcome": "wait",
    "by": None,
    "why": ["The step has not baked for long enough."],
    "checks": [],
    "numbers": {
        "canary": NONE,
        "live": SEEN,
        "step": NONE,
        "recent": {"canary": NONE, "live": SEEN},
        "seconds": 30,
        "looks": 1,
        "evidence": {"errors": 1.0, "slow": 0.4},
        "needed": 600.0,
    },
}
BAD = {
    **QUIET,
    "number": 2,
    "outcome": "abort",
    "why": ["25 % are errors,", "that is too many."],
    "numbers": {
        **QUIET["numbers"],
        "recent": {"canary": SEEN, "live": NONE},
        "evidence": {"errors": 3160.4, "slow": 0.4},
    },
}
PAGE = {"items": [BAD, QUIET], "next": None}


@pytest.fixture
def told(signed_in, linked):
    """One rollout, and two looks at it."""
    project = json.loads((linked / ".deck.json").read_text())["project"]
    path = f"/v1/projects/{project}/rollouts"
    signed_in.answers[path] = [(200, {"items": [{"id": "rol_1"}], "next": None})]
    signed_in.answers[f"{path}/rol_1/looks"] = [(200, PAGE)]


def test_each_look_says_what_was_new(deck, told):
    rows = [line.split("\t") for line in deck("rollout", "looks").stdout.splitlines()]
    assert rows == [
        [
            *("2", "2026-01-02T03:04:05", "2.5 %", "abort", "40 / 0", "25.00 % / -"),
            *("76 ms / -", "75 / -", "errors 3,160 of 600"),
            "25 % are errors, that is too many.",
        ],
        [
            *("1", "2026-01-02T03:04:05", "2.5 %", "wait", "0 / 40", "- / 25.00 %"),
            *("- / 76 ms", "- / 75", "none", "The step has not baked for long enough."),
        ],
    ]


def test_programs_get_all_of_it(deck, told):
    assert json.loads(deck("rollout", "looks", "rol_1", "--json").stdout) == PAGE
