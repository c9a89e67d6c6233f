"""`deck queue`: what runs, what waits, behind how many."""

from __future__ import annotations

import json

import pytest

BUILD = {
    "build": "bld_1",
    "deployment": "dpl_1",
    "environment": "production",
    "state": "running",
    "size": "medium",
    "priority": 0,
    "attempt": 1,
    "before": None,
    "since": "2026-01-02T03:04:05.678Z",
}
WAITING = {**BUILD, "deployment": "dpl_2", "state": "waiting", "before": 3}
QUEUE = {"plan": "pro", "parallel_builds": 3, "running": 2, "items": [BUILD, WAITING]}


@pytest.fixture
def told(signed_in, linked):
    """`told(queue)`: what the API answers."""
    project = json.loads((linked / ".deck.json").read_text())["project"]

    def tell(queue):
        signed_in.answers[f"/v1/projects/{project}/queue"] = [(200, queue)]

    return tell


def test_the_queue(deck, told):
    told(QUEUE)
    said = deck("queue").stdout
    assert "The team builds 2 of 3 at a time (plan pro)." in said
    rows = [line.split("\t") for line in said.splitlines() if line.startswith("dpl_")]
    assert [(row[0], row[2], row[4]) for row in rows] == [
        ("dpl_1", "running", "-"),
        ("dpl_2", "waiting", "3"),
    ]


def test_nothing_runs_and_nothing_waits(deck, told):
    told({**QUEUE, "running": 0, "items": []})
    assert deck("queue").stdout.strip() == "The team builds 0 of 3 at a time (plan pro)."


def test_for_programs(deck, told):
    told(QUEUE)
    assert json.loads(deck("queue", "--json").stdout) == QUEUE
