"""Which looks are kept: all of the newest, and fewer and fewer of the older ones."""

from __future__ import annotations

from chalicelib.rollouts.rules.looks import ALL_OF, forgotten


def kept(number: int) -> list[int]:
    """What is left after so many looks."""
    found: set[int] = set()
    for one in range(1, number + 1):
        found.add(one)
        gone = forgotten(one)
        if gone is not None:
            found.remove(gone)  # a KeyError when it went before
    return sorted(found)


def test_the_newest_are_all_there() -> None:
    for number in (1, 199, 200, 201, 777, 2_345):
        assert kept(number)[-ALL_OF:] == list(range(max(1, number - ALL_OF + 1), number + 1))


def test_of_those_before_every_tenth_then_every_hundredth() -> None:
    found = kept(2_600)
    assert [one for one in found if one <= 600] == [100, 200, 300, 400, 500, 600]
    assert [one for one in found if 600 < one <= 700] == list(range(610, 701, 10))


def test_a_rollout_of_many_weeks_takes_little_room() -> None:
    assert [len(kept(number)) for number in (200, 2_000, 20_000)] == [200, 380, 560]
