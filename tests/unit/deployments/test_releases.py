"""What was live, what differs, what holds: pure rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.deployments.rules import differences, holds, past
from chalicelib.deployments.rules.holds import Approval
from chalicelib.edge.rules.routes import PAST
from chalicelib.edge.rules.routing.model import AuthRule, Routing, Rule
from chalicelib.projects.rules import delivery

names = st.sampled_from([f"dpl_{n:026d}" for n in range(5)])


@given(st.lists(st.tuples(names, st.integers(0, 60 * 24 * 3600 * 1000)), max_size=30))
def test_the_past_is_each_once_newest_first_and_no_older_than_it_may_be(
    moves: list[tuple[str, int]],
) -> None:
    kept: past.Past = []
    live, now = "dpl_" + "9" * 26, 0
    for target, wait in moves:
        now += wait
        kept = past.after(kept, [live], target, now)
        live = target
        shown = [one for one, _ in kept]
        assert len(shown) == len(set(shown))
        assert live not in shown
        assert all(now - at <= past.DAYS_MS for _, at in kept)
        assert [at for _, at in kept] == sorted((at for _, at in kept), reverse=True)


def test_the_past_is_bounded() -> None:
    kept: past.Past = []
    for number in range(PAST + 50):
        kept = past.after(kept, [f"dpl_{number:026d}"], None, number)
    assert len(kept) == PAST
    assert kept[0][1] == PAST + 49


def test_files_that_differ() -> None:
    found = differences.files([("a", "1", 5), ("b", "2", 5)], [("b", "3", 7), ("c", "1", 5)])
    assert [one.path for one in found.added] == ["c"]
    assert [one.path for one in found.removed] == ["a"]
    assert [(one.path, one.before, one.after) for one in found.changed] == [("b", 5, 7)]
    assert found.bytes == 2
    many = differences.files([], [(f"{n:05d}", "x", 1) for n in range(2_000)])
    assert len(many.added) == differences.SHOWN
    assert many.counts["added"] == 2_000


def test_rules_are_compared_by_what_they_say_and_not_by_their_line() -> None:
    one = Rule("_redirects", 1, "/a", "/b", 301)
    same = Rule("_redirects", 9, "/a", "/b", 301)
    other = Rule("_redirects", 1, "/a", "/b", 302)
    assert differences.lines(Routing((one,))) == differences.lines(Routing((same,)))
    assert differences.lines(Routing((one,))).keys() != differences.lines(Routing((other,))).keys()
    assert differences.lines(None) == {}


def test_a_password_that_changed_is_told_without_itself() -> None:
    before, after = (
        Routing(auth=(AuthRule("_headers", 1, "/x", (("ada", "00", digest),)),))
        for digest in ("a" * 64, "b" * 64)
    )
    changed = differences.lines(after).keys() - differences.lines(before).keys()
    assert len(changed) == 1
    told = [differences.lines(after)[key] for key in changed]
    assert "b" * 64 not in str(told)


def held(said: dict[str, Any], *approvals: Approval, **more: Any) -> Any:
    now = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
    facts = {"pinned": False, "now_ms": now, "lock": None} | more
    lock = facts.pop("lock")
    return holds.held(delivery.read(said), lock, approvals, **facts)


def test_what_holds_in_its_order() -> None:
    friday = {"weekly": {"days": ["fri"], "from": "00:00", "to": "00:00"}, "reason": "weekend"}
    said = {"approvals": 1, "freezes": [friday]}
    lock = {"by": "usr_1", "reason": "sale"}
    assert held(said, lock=lock, pinned=True).because == "locked"
    assert held(said, pinned=True).because == "pinned"
    assert held(said).because == "frozen"
    assert held(said).until == "2026-11-21T00:00:00.000Z"
    assert held({"approvals": 1}).because == "approval"
    assert held({"approvals": 1}, Approval("a", "developer")) is None
    assert held({}) is None


def test_each_person_counts_once_and_by_their_role() -> None:
    twice = (Approval("a", "developer"), Approval("a", "admin"))
    assert held({"approvals": 2}, *twice).missing == 1
    admins = {"approvals": 1, "approvers": "admins"}
    assert held(admins, Approval("a", "developer")).missing == 1
    assert held(admins, Approval("a", "owner")) is None
