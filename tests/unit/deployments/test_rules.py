"""The life of a deployment, exhaustively."""

from __future__ import annotations

import itertools

import pytest

from chalicelib.deployments import rules
from chalicelib.deployments.rules import Move


def test_a_terminal_state_is_for_ever() -> None:
    for state, new in itertools.product(rules.TERMINAL, rules.STATES):
        assert not rules.may_become(state, new)


def test_ready_comes_only_from_promoting() -> None:
    assert rules.states_before("ready") == ["promoting"]


def test_nothing_goes_back() -> None:
    for state, new in itertools.product(rules.ORDER, rules.ORDER):
        assert rules.may_become(state, new) == (rules.ORDER.index(new) >= rules.ORDER.index(state))


def test_every_state_on_the_line_can_end() -> None:
    for state in rules.ORDER:
        for end in ("failed", "cancelled", "superseded"):
            assert rules.may_become(state, end)


@pytest.mark.parametrize(
    ("pointer", "sequence", "refusal"),
    [
        (None, 1, ""),
        (Move(5, False), 6, ""),
        (Move(5, False), 5, "older"),
        (Move(5, False), 4, "older"),
        (Move(5, True), 6, "pinned"),
        (Move(5, True), 4, "pinned"),
    ],
)
def test_a_push_goes_live_only_if_newer_and_unpinned(
    pointer: Move | None, sequence: int, refusal: str
) -> None:
    assert rules.may_promote(pointer, sequence) == refusal
