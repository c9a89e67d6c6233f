"""Who is next: urgent ones, fairly across teams, and nobody for ever last."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.builds.rules import fair
from chalicelib.builds.rules.fair import AGEING_MS, PATIENCE_MS, Waiting

NOW = 10 * PATIENCE_MS


def waiting(build: str, team: str = "a", priority: int = 0, waited: int = 0) -> Waiting:
    return Waiting(build, team, priority, NOW - waited)


def order(*ones: Waiting, **running: int) -> list[str]:
    return [one.build for one in fair.in_order(ones, running, NOW)]


def test_urgent_ones_first_then_the_oldest() -> None:
    assert order(
        waiting("preview", priority=1, waited=9),
        waiting("fork", priority=2, waited=10),
        waiting("live", priority=0, waited=1),
        waiting("older", priority=1, waited=10),
    ) == ["live", "older", "preview", "fork"]


def test_the_team_with_the_fewest_builds_first_whatever_its_priority() -> None:
    assert order(waiting("a1"), waiting("b1", "b", 2), a=1) == ["b1", "a1"]
    assert order(*(waiting(f"a{n}", waited=50 - n) for n in range(3)), waiting("b", "b")) == [
        "a0", "b", "a1", "a2",
    ]  # fmt: skip


def test_waiting_makes_urgent() -> None:
    assert fair.urgency(waiting("x", priority=2), NOW) == 2
    assert fair.urgency(waiting("x", priority=2, waited=AGEING_MS), NOW) == 1
    assert fair.urgency(waiting("x", priority=2, waited=9 * AGEING_MS), NOW) == 0
    fork = waiting("fork", priority=2, waited=2 * AGEING_MS)
    assert order(waiting("live", waited=5), fork) == ["fork", "live"]


def test_whoever_waited_too_long_goes_before_everybody() -> None:
    late = waiting("late", "busy", 2, PATIENCE_MS + 1)
    assert order(waiting("new", "idle"), late, busy=9) == ["late", "new"]


def test_how_many_go_before() -> None:
    ones = [waiting("x", waited=3), waiting("y", waited=2), waiting("z", "b")]
    assert [fair.before(name, ones, {}, NOW) for name in ("x", "z", "y", "?")] == [0, 1, 2, None]


ones = st.lists(
    st.builds(
        Waiting,
        st.uuids().map(str),
        st.sampled_from("abcd"),
        st.sampled_from(fair.PRIORITIES),
        st.integers(NOW - 2 * PATIENCE_MS, NOW + 1000),
    ),
    max_size=25,
    unique_by=lambda one: one.build,
)


@given(ones, st.dictionaries(st.sampled_from("abcd"), st.integers(0, 5)))
def test_the_order_is_what_asking_again_and_again_says(
    given_ones: list[Waiting], running: dict[str, int]
) -> None:
    left, counts, found = list(given_ones), Counter(running), []
    while left:
        one = fair.next_of(left, counts, NOW)
        assert one is not None
        left.remove(one)
        counts[one.team] += 1
        found.append(one)
    assert found == list(fair.in_order(given_ones, running, NOW))
    assert fair.next_of([], running, NOW) is None


@given(ones)
def test_slots_are_shared_evenly(given_ones: list[Waiting]) -> None:
    """While nobody is overdue, no team gets a second build before each that waits has a first."""
    fresh = [Waiting(o.build, o.team, o.priority, NOW) for o in given_ones]
    teams = {one.team for one in fresh}
    first = [one.team for one in fair.in_order(fresh, {}, NOW)][: len(teams)]
    assert set(first) == teams


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(1, 6), st.integers(30_000, 600_000), st.data())
def test_nobody_waits_for_ever(slots: int, rivals: int, build_ms: int, data: st.DataObject) -> None:
    """A fork's build of a busy team, and more urgent builds of ever new teams all the time.

    It starts at the latest when the patience is over and what was overdue before has had its turn.
    """
    now, running = NOW, [(NOW, "busy")] * 0
    queue = [Waiting("fork", "busy", 2, NOW)]
    before = data.draw(st.integers(0, 5))
    queue += [Waiting(f"old{n}", "busy", 0, NOW - 1) for n in range(before)]
    number = 0
    while True:
        running = [one for one in running if one[0] > now]
        for _ in range(rivals):  # more come than there are slots
            number += 1
            queue.append(Waiting(f"new{number}", f"team{number}", 0, now))
        while len(running) < slots:
            counts = Counter(team for _, team in running)
            chosen = fair.next_of(queue, counts, now)
            assert chosen is not None
            queue.remove(chosen)
            running.append((now + build_ms, chosen.team))
            if chosen.build == "fork":
                return
        assert now - NOW <= PATIENCE_MS + (before + rivals + 2) * build_ms
        now = min(end for end, _ in running)
