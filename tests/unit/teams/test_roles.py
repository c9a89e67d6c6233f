"""Who may give what: nobody gives what they do not have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.teams.rules import PERMISSIONS, PROJECT_ROLES, ROLES
from chalicelib.teams.rules.keys import DEPLOY_SCOPES
from chalicelib.teams.rules.roles import check_project_role, check_role, may_give

roles = st.sampled_from(ROLES)


@given(roles, roles)
def test_a_gift_holds_nothing_that_the_giver_lacks(giver, role):
    assert may_give(giver, role) == (not PERMISSIONS[role] - PERMISSIONS[giver])


@given(roles, roles, roles)
def test_no_chain_of_gifts_leads_upwards(first, second, third):
    if may_give(first, second) and may_give(second, third):
        assert may_give(first, third)


@settings(deadline=None)  # on a busy machine
@given(st.lists(roles, min_size=1, max_size=5), st.data())
def test_together_they_never_have_more_than_at_the_start(people, data):
    before = frozenset().union(*(PERMISSIONS[role] for role in people))
    for _ in range(20):
        giver = data.draw(st.integers(0, len(people) - 1))
        taker = data.draw(st.integers(0, len(people) - 1))
        role = data.draw(roles)
        if may_give(people[giver], role) and may_give(people[giver], people[taker]):
            people[taker] = role
    after = frozenset().union(*(PERMISSIONS[role] for role in people))
    assert after <= before


@given(st.text(max_size=12))
def test_an_unknown_role_is_nothing(text):
    if text not in ROLES:
        assert not may_give("owner", text)
        assert not may_give(text, "viewer")
        with pytest.raises(ValueError, match="role is one of"):
            check_role(text)
    if text not in PROJECT_ROLES:
        with pytest.raises(ValueError, match="role in a project"):
            check_project_role(text)


def test_what_matters_most():
    assert may_give("owner", "owner")
    assert not may_give("admin", "owner")
    assert not may_give("admin", "billing")  # whoever pays may do what an admin may not
    assert set(PROJECT_ROLES) < set(ROLES)
    assert not {"owner", "billing"} & set(PROJECT_ROLES)


def test_a_deploy_key_has_no_more_than_a_developer():
    assert PERMISSIONS["developer"] > DEPLOY_SCOPES
    assert "env.read" not in DEPLOY_SCOPES
    assert "project.update" not in DEPLOY_SCOPES
