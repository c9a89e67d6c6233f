"""The judge of histories can be convinced, and can be disappointed."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.prove.linear import Call, linearise


def _register(state: int, call: Call) -> list[int]:
    """A register: `write` puts a number, `read` tells it, `add` adds one and tells the sum."""
    if call.what == "write":
        return [call.given]
    if call.what == "add":
        return [state + 1] if call.result in {None, state + 1} else []
    return [state] if call.result in {None, state} else []


def _call(what: str, given: object, result: object, began: float, ended: float) -> Call:
    return Call(0, what, given, result, began, ended)


def test_calls_one_after_the_other() -> None:
    calls = [_call("write", 1, "ok", 0, 1), _call("read", None, 1, 2, 3)]
    assert linearise(calls, 0, _register) == calls


def test_a_read_of_what_was_overwritten_before_it_began() -> None:
    calls = [
        _call("write", 1, "ok", 0, 1),
        _call("write", 2, "ok", 2, 3),
        _call("read", None, 1, 4, 5),
    ]
    assert linearise(calls, 0, _register) is None


def test_a_read_beside_a_write_may_see_either() -> None:
    for seen in (0, 1):
        calls = [_call("write", 1, "ok", 0, 10), _call("read", None, seen, 1, 2)]
        assert linearise(calls, 0, _register) is not None


def test_two_reads_beside_a_write_do_not_go_back() -> None:
    calls = [
        _call("write", 1, "ok", 0, 10),
        _call("read", None, 1, 1, 2),
        _call("read", None, 0, 3, 4),
    ]
    assert linearise(calls, 0, _register) is None


def test_what_nobody_answered_may_have_happened_or_not() -> None:
    for seen in (0, 1):
        calls = [_call("write", 1, None, 0, 1), _call("read", None, seen, 5, 6)]
        assert linearise(calls, 0, _register) is not None


def test_a_lost_update() -> None:
    calls = [_call("add", None, 1, 0, 2), _call("add", None, 1, 1, 3)]
    assert linearise(calls, 0, _register) is None


@pytest.mark.parametrize("seed", range(10))
def test_against_trying_every_order(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(30):
        calls = []
        for number in range(5):
            began = rng.uniform(0, 4)
            what = rng.choice(["write", "read", "add"])
            result: object = "ok" if what == "write" else rng.randrange(4)
            calls.append(
                Call(number, what, rng.randrange(3), result, began, began + rng.uniform(0.1, 3))
            )
        assert (linearise(calls, 0, _register) is not None) == _by_force(calls)


def _by_force(calls: list[Call]) -> bool:
    for order in itertools.permutations(calls):
        late = any(
            later.ended < earlier.began
            for at, earlier in enumerate(order)
            for later in order[at + 1 :]
        )
        if late:
            continue
        states = [0]
        for call in order:
            states = [after for state in states for after in _register(state, call)]
        if states:
            return True
    return False


def test_many_calls_at_once_are_judged_in_time() -> None:
    rng = random.Random(7)
    calls, now = [], 0.0
    for total in range(1, 201):
        now += 1
        calls.append(_call("add", None, total, now - rng.uniform(0, 8), now + rng.uniform(0, 8)))
    assert linearise(calls, 0, _register) is not None
