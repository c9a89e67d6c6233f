"""build, tests."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli import fake_api
from tests.unit.cli.fake_api import dpl

TESTS = {
    "step": "unit",
    "tests": 12,
    "failures": 1,
    "errors": 1,
    "skipped": 2,
    "ms": 1500,
    "failed": [{"name": "calc.divides\x1b]0;title\x07", "message": "1 != 2\n\x1b[2Jline two"}],
}
BUILD = {
    "id": "bld_1",
    "state": "finished",
    "outcome": "ok",
    "attempt": 1,
    "size": "medium",
    "queued_ms": 40,
    "ms": 12_340,
    "machine": {"version": "0.1.0", "sandbox": []},
    "plan": {"name": "Vite"},
    "steps": [
        {"name": "install", "stage": "install", "ms": 0, "exit_code": None, "outcome": "skipped"},
        {"name": "li\x1b[2Jnt", "stage": "check", "ms": 2200, "exit_code": 1, "outcome": "allowed"},
        {"name": "build", "stage": "build", "ms": 9000, "exit_code": 0, "outcome": "ok"},
    ],
    "tests": [TESTS],
    "caches": [{"kind": "dependencies", "state": "exact", "bytes": 12_000_000, "ms": 500}],
    "findings": [{"path": "app.js", "line": 3, "kind": "x", "value_of": "API_KEY"}],
    "timings": {},
    "versions": {"node": "22.1.0", "python": None},
    "scope": {"paths": ["**"], "why": "nothing narrows it down"},
    "report": [],
    "restored": None,
    "saved_ms": 31_000,
    "hit_rate": 0.84,
}


@pytest.fixture
def built(signed_in, monkeypatch):
    signed_in.add_deployment()
    told = dict(BUILD)
    route = ("GET", f"{fake_api.D}/build", False, lambda _handler, _id: (200, told))
    monkeypatch.setattr(fake_api, "ROUTES", [*fake_api.ROUTES, route])
    return told


def test_a_build_in_words(deck, linked, built):
    text = deck("build").stdout
    assert "bld_1" in text
    assert "took        12.3 s" in text
    assert "saved       31.0 s" in text
    assert "hit rate    84% of the last builds" in text
    assert "versions    node 22.1.0" in text
    assert "dependencies: used, nothing to install (12 MB)" in text
    assert "app.js:3 holds the value of API_KEY" in text
    assert "lint                 allowed  2.2 s" in text
    assert "\x1b" not in text
    assert deck("build", dpl(1), "--json").json["id"] == "bld_1"


def test_nothing_was_built(deck, linked, built):
    built |= {
        **dict.fromkeys(("id", "outcome", "size", "queued_ms", "ms", "machine", "plan", "scope")),
        "state": "none",
        "steps": [],
        "tests": [],
        "caches": [],
        "findings": [],
        "versions": None,
        "saved_ms": 0,
        "hit_rate": None,
    }
    assert "nothing was built" in deck("build").stdout


def test_failed_tests_are_told_and_are_an_exit_code(deck, linked, built):
    result = deck("tests", code=1)
    assert "unit: 8 passed, 2 failed, 2 skipped, 1.5 s" in result.stdout
    assert "calc.divides" in result.stdout
    assert "    line two" in result.stdout
    assert "\x1b" not in result.stdout
    assert "title" not in result.stdout
    assert json.loads(deck("tests", "--json", code=1).stdout)[0]["step"] == "unit"


def test_tests_that_passed_and_none_at_all(deck, linked, built):
    built["tests"] = [{**TESTS, "failures": 0, "errors": 0, "failed": []}]
    assert "10 passed" in deck("tests").stdout
    built["tests"] = []
    assert "No step left a test report" in deck("tests").stdout
