"""A whole log is whole, and every way to lie about it is found."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audit.rules.chain import DAY_MS, Head, Signed, Walk
from chalicelib.audit.rules.entries import Draft, Place, Who, draft_of, entry, sealed
from chalicelib.core.clock import iso

NOW = 1_800_000_000_000
TEAM = "team_1"


def made(count, *, every_ms=3_600_000, names=("x",)):
    """A log whose last entry is of now, with its head and a signature for every day."""
    place, found, signatures = Place(), [], []
    for number in range(count):
        at = NOW - (count - 1 - number) * every_ms
        draft = Draft(
            f"req_{number}",
            iso(at),
            TEAM,
            "projects.create",
            Who("user", "usr_1"),
            resource=names[number % len(names)],
        )
        made = entry(draft, place, iso(at))
        day, before = iso(at)[:10], signatures[-1].date if signatures else ""
        if found and day != found[-1]["recorded_at"][:10] and day != before:
            signatures.append(Signed(day, place, at, before, True))
        place = Place(made["sequence"], made["hash"])
        found.append(made)
    head = Head(place, NOW - (count - 1) * every_ms, 400)
    return found, head, signatures


def verdict(found, head, signatures, now=NOW, keys=None):
    walk = Walk(TEAM, now, head, signatures)
    for index, item in enumerate(found):
        fault = walk.step(keys[index] if keys else f"{item['sequence']:012d}", item)
        if fault:
            return fault
    return walk.end()


def again(found, start=0):
    """The same entries with hashes that fit, from somewhere on: what a forger would do."""
    place = Place(found[start - 1]["sequence"], found[start - 1]["hash"]) if start else Place()
    for number, item in enumerate(found[start:], start):
        item |= {"sequence": number + 1, "prev": place.hash}
        item["hash"] = sealed(item)
        place = Place(item["sequence"], item["hash"])
    return found, place


@settings(deadline=None)
@given(st.integers(0, 60), st.lists(st.text(), min_size=1, max_size=5))
def test_a_whole_log_is_whole(count, names):
    try:
        log = made(count, names=names)
    except UnicodeEncodeError:
        return
    assert verdict(*log) is None


@settings(deadline=None)
@given(st.data())
def test_a_changed_entry_is_found(data):
    found, head, signatures = made(30)
    at = data.draw(st.integers(0, 29))
    field = data.draw(st.sampled_from([f for f in found[at] if f != "version"]))
    found[at] = copy.deepcopy(found[at])
    found[at][field] = data.draw(
        st.sampled_from([v for v in ("other", 7, {}, None) if v != found[at][field]])
    )
    fault = verdict(found, head, signatures, keys=[f"{n + 1:012d}" for n in range(30)])
    assert fault is not None
    assert fault.at == at + 1


@settings(deadline=None)
@given(st.integers(0, 29))
def test_a_changed_entry_with_a_new_hash_is_found(at):
    found, head, signatures = made(30)
    found[at] = {**found[at], "resource": "other"}
    found[at]["hash"] = sealed(found[at])
    fault = verdict(found, head, signatures)
    assert fault is not None
    assert fault.at in {at + 1, at + 2}


@settings(deadline=None)
@given(st.integers(0, 29))
def test_a_removed_entry_is_found(at):
    found, head, signatures = made(30)
    fault = verdict(found[:at] + found[at + 1 :], head, signatures)
    assert fault is not None
    assert fault.at == at + 1


@settings(deadline=None)
@given(st.integers(0, 29), st.integers(0, 29))
def test_exchanged_entries_are_found(one, other):
    found, head, signatures = made(30)
    found[one], found[other] = found[other], found[one]
    fault = verdict(found, head, signatures, keys=[f"{n + 1:012d}" for n in range(30)])
    assert (fault is None) == (one == other)


@settings(deadline=None)
@given(st.integers(0, 29))
def test_an_entry_put_in_is_found(at):
    found, head, signatures = made(30)
    extra = {**found[at], "id": "req_forged"}
    extra["hash"] = sealed(extra)
    fault = verdict([*found[:at], extra, *found[at:]], head, signatures)
    assert fault is not None


@settings(deadline=None)
@given(st.integers(1, 30))
def test_a_log_cut_off_is_found(left):
    found, head, signatures = made(30)
    fault = verdict(found[:-left], head, signatures)
    assert fault is not None
    assert fault.at == 31 - left


@settings(deadline=None)
@given(st.integers(1, 29))
def test_a_log_cut_off_with_its_head_is_found_by_the_signature(left):
    found, head, signatures = made(60)
    kept = found[: signatures[-1].place.sequence - left]
    if not kept:
        return
    head = replace(head, place=Place(kept[-1]["sequence"], kept[-1]["hash"]))
    assert verdict(kept, head, signatures) is not None


@settings(deadline=None)
@given(st.integers(0, 20))
def test_a_log_written_anew_is_found_by_the_signature(start):
    found, head, signatures = made(60)
    found[start] = {**found[start], "resource": "other"}
    found, place = again(found, start)
    fault = verdict(found, replace(head, place=place), signatures)
    assert fault is not None
    assert "signed" in fault.why


def test_signatures_that_are_missing_or_forged_are_found():
    found, head, signatures = made(120)
    assert len(signatures) >= 4
    assert "no signature" in verdict(found, head, []).why
    assert "missing" in verdict(found, head, [signatures[0], *signatures[2:]]).why
    assert "missing" in verdict(found, head, signatures[1:]).why
    assert verdict(found, head, signatures[:-3]) is not None
    for good in (False, None):
        forged = [*signatures[:-1], replace(signatures[-1], good=good)]
        assert "not ours" in verdict(found, head, forged).why


def test_keys_that_are_gone_do_no_harm_while_the_newest_is_known():
    found, head, signatures = made(120)
    old = [replace(sign, good=None) for sign in signatures[:-1]]
    assert verdict(found, head, [*old, signatures[-1]]) is None


@settings(deadline=None)
@given(st.integers(0, 300))
def test_entries_leave_from_the_front_when_their_time_is_over(gone):
    count = 450
    found, head, signatures = made(count, every_ms=DAY_MS)
    over = count - 1 - 400  # as many are older than 400 days
    young = [s for s in signatures if NOW - s.at_ms < 430 * DAY_MS]
    fault = verdict(found[gone:], head, young)
    if gone <= over:
        assert fault is None
    elif gone > over + 2:
        assert fault is not None
        assert fault.at == 1


def test_holes_among_those_whose_time_is_over_are_no_fault():
    found, head, signatures = made(450, every_ms=DAY_MS)
    kept = [e for e in found if e["sequence"] > 45 or e["sequence"] % 3]
    young = [s for s in signatures if NOW - s.at_ms < 430 * DAY_MS]
    assert verdict(kept, head, young) is None
    assert verdict([e for e in kept if e["sequence"] != 200], head, young).at == 200


def test_an_entry_of_another_log_is_found():
    found, head, signatures = made(3)
    other = entry(
        Draft("req", iso(NOW), "team_2", "a.b", Who("user", "u")),
        Place(1, found[0]["hash"]),
        iso(NOW),
    )
    assert verdict([found[0], other, found[2]], head, signatures).at == 2


def test_a_draft_is_kept_as_it_is():
    who = Who("user", "usr_1", "usr_1", "192.0.2.1", "curl\x1b", "ses_1")
    draft = Draft("req", iso(NOW), TEAM, "a.b", who, "r", "o", "l", {"a": 1}, {"b": [1.5]})
    assert draft_of(draft.text()) == draft


@pytest.mark.parametrize("outcome", ["ok", "refused", "unknown"])
def test_the_hash_is_over_everything(outcome):
    draft = Draft("req", iso(NOW), TEAM, "a.b", Who("user", "usr_1"), outcome=outcome)
    found = entry(draft, Place(), iso(NOW))
    for name in found:
        if name != "hash":
            assert sealed({k: v for k, v in found.items() if k != name}) != found["hash"]
