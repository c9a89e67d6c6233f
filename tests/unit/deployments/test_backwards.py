"""Where a rollback leads that names nothing."""

from __future__ import annotations

import pytest

from chalicelib.deployments.rules import backwards


@pytest.mark.parametrize(
    ("moves", "rolled_back", "expected"),
    [
        ("", False, ""),
        ("a", False, ""),
        ("a", True, ""),
        ("abc", False, "ba"),
        ("aba", False, "b"),  # a was promoted: what was live before is b
        ("abca", False, "cb"),
        ("abcb", True, "a"),  # from c to b: c is not gone back to
        ("abcba", True, ""),
        ("abca", True, ""),  # to a by name: b is not what lies before a
        ("abcbdb", True, "a"),  # b, then d was promoted and rolled back from
        ("abcd", True, "cba"),  # to one by name that was never live
    ],
)
def test_before(moves: str, rolled_back: bool, expected: str) -> None:
    assert backwards.before(moves, rolled_back=rolled_back) == list(expected)
