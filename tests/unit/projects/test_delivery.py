"""The field `delivery`: defaults, steps, and what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.projects.rules import delivery
from chalicelib.projects.rules.delivery import ALL, Check, Judge, Match, Step

FALLING = [{"weight": 50, "seconds": 1}, {"weight": 5, "seconds": 1}]


def test_what_is_not_said_is_the_default() -> None:
    assert delivery.read(None) == delivery.read({}) == delivery.DEFAULT
    assert delivery.read({"judge": {"health": 80, "p95_ms": None}}).judge == Judge(health=80)


@pytest.mark.parametrize(
    ("strategy", "weights"),
    [("instant", []), ("blue-green", [5, 50, 100]), ("canary", [5, 25, 50, 100])],
)
def test_the_steps_of_a_strategy(strategy: str, weights: list[float]) -> None:
    steps = delivery.read({"strategy": strategy}).steps
    assert [delivery.percent(step.weight) for step in steps] == weights
    assert all(step.seconds == 300 for step in steps[:-1])


def test_own_steps_in_per_cent_with_two_decimals() -> None:
    said = {"strategy": "canary", "steps": [{"weight": 0.01, "seconds": 5}]}
    assert delivery.faults(said) == []
    assert delivery.read(said).steps == (Step(1, 5),)
    every = [{"weight": n / 100, "seconds": 1} for n in range(ALL + 1)]
    assert [delivery.parts(one["weight"]) for one in every] == list(range(ALL + 1))


def test_what_is_read() -> None:
    said: dict[str, Any] = {
        "strategy": "canary",
        "match": {"kind": "cookie", "name": "beta", "values": ["1", "yes"]},
        "checks": [{"path": "/", "status": 204}, {"path": "/a"}],
        "skew_seconds": 60,
    }
    found = delivery.read(said)
    assert found.match == Match("cookie", "beta", ("1", "yes"))
    assert found.checks == (Check("/", 204), Check("/a"))
    assert found.skew_seconds == 60
    assert delivery.faults(said) == []


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"strategy": "canary", "steps": FALLING}, "/steps/1/weight"),
        ({"match": {"kind": "country", "name": "x", "values": ["DE"]}}, "/match/name"),
        ({"match": {"kind": "header", "name": "x\r\n", "values": ["1"]}}, "/match/name"),
        ({"match": {"kind": "header", "name": "x", "values": ["a\nb"]}}, "/match/values/0"),
        ({"match": {"kind": "header", "name": "x", "values": [" a"]}}, "/match/values/0"),
        ({"checks": [{"path": "no"}]}, "/checks/0/path"),
        ({"checks": [{"path": "/a b"}]}, "/checks/0/path"),
    ],
)
def test_what_cannot_be(said: dict[str, Any], pointer: str) -> None:
    assert delivery.faults(said)[0].pointer == pointer


def test_what_is_guarded_is_what_holds_releases_up() -> None:
    open_ones = {"strategy": "canary", "skew_seconds": 5, "keep_seconds": 5}
    assert delivery.guarded(open_ones) == delivery.guarded({})
    for said in ({"approvals": 1}, {"approvers": "admins"}):
        assert delivery.guarded(said) != delivery.guarded({})
