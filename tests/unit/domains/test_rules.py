"""Names, proofs, states and alerts of domains: rules alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domains.rules import names, proof, states
from chalicelib.edge.rules import domains as edge


@pytest.mark.parametrize(
    ("pattern", "host", "covered"),
    [
        ("a.com", "a.com", True),
        ("*.a.com", "b.a.com", True),
        ("*.a.com", "a.com", False),
        ("*.a.com", "c.b.a.com", False),
        ("*.a.com", "*.a.com", True),
        ("*.a.com", "*.b.a.com", False),
        ("b.a.com", "*.a.com", False),
    ],
)
def test_what_a_name_of_a_certificate_stands_for(pattern, host, covered):
    assert names.covers(pattern, host) is covered


def test_an_exact_name_answers_before_a_wildcard():
    known = ["*.a.com", "b.a.com"]
    assert names.best("b.a.com", known) == "b.a.com"
    assert names.best("c.a.com", known) == "*.a.com"
    assert names.best("a.com", known) is None
    assert names.best("d.c.a.com", known) is None


@pytest.mark.parametrize(
    ("host", "belongs"),
    [
        ("sites.example.net", True),
        ("x.sites.example.net", True),
        ("*.sites.example.net", True),
        ("*.example.net", True),  # it would stand for the sites domain itself
        ("example.net", False),
        ("othersites.example.net", False),
    ],
)
def test_names_of_the_installation(host, belongs):
    assert names.belongs_to(host, ("sites.example.net",)) is belongs


def test_a_proof_is_of_one_project_and_one_host():
    said = {
        proof.record_value(key, project, host)
        for key in (b"k", b"l")
        for project in ("prj_a", "prj_b")
        for host in ("a.com", "*.a.com", "b.a.com")
    }
    assert len(said) == 12
    value = proof.record_value(b"k", "prj_a", "a.com")
    assert proof.proves(["v=spf1", f' "{value}" '], value)
    assert not proof.proves([value[:-1], value + "0", ""], value)
    assert proof.record_name("*.a.com") == proof.record_name("a.com")


def test_every_state_has_a_meaning_and_every_state_of_the_edge_one_of_ours():
    for state in states.STATES:
        assert states.meaning(state).reason
        assert states.meaning(state).next_step
    assert set(states.FROM_EDGE) == set(edge.STATES)


@given(st.sampled_from(states.STATES), st.floats(0, 10 * 24 * 3600))
def test_it_is_looked_at_between_a_minute_and_an_hour_later(state, seconds):
    assert 60 <= states.pause(state, seconds) <= 3600


def test_no_wait_takes_more_looks_than_an_execution_has_room_for():
    seconds, looks = 0.0, 0
    while not states.timed_out("dns_pending", seconds):
        seconds += states.pause("dns_pending", seconds)
        looks += 1
    assert looks < 100
    assert seconds <= states.PATIENCE + 3600


@given(st.lists(st.integers(0, 100), max_size=30), st.booleans())
def test_each_alert_comes_once_and_in_order(days, own):
    told, said = 0, []
    for left in sorted(days, reverse=True):
        due = states.alert(left, told, own=own)
        if due is not None:
            assert left <= due
            said.append(due)
            told = due
    assert said == sorted(set(said), reverse=True)
    assert set(said) <= set(states.ALERTS if own else states.ALERTS[1:])
    if days and min(days) <= 7:
        assert said[-1] == 7
