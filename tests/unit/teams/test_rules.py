"""Roles and names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.teams import rules


def test_roles_and_their_order():
    assert set(rules.PERMISSIONS) == set(rules.ROLES)
    may = rules.PERMISSIONS
    assert may["viewer"] < may["developer"] < may["admin"] < may["owner"]
    assert may["viewer"] < may["billing"] < may["owner"]
    assert may["owner"] == rules.SCOPES


def test_what_matters_most():
    assert not rules.may("viewer", "env.read")
    assert not rules.may("billing", "deployment.create")
    assert not rules.may("developer", "project.delete")
    assert not rules.may("developer", "member.manage")
    assert not rules.may("admin", "team.delete")
    assert not rules.may("nobody", "team.read")
    assert not rules.may("owner", "no.such")


@pytest.mark.parametrize("good", ["a", "a1", "my-team", "a" * 40])
def test_slugs(good):
    assert rules.check_slug(good) == good


@pytest.mark.parametrize(
    "bad", ["", "-a", "a-", "a--b", "A", "a_b", "a.b", "api", "www", "a" * 41, "ä", "a#b", "a\n"]
)
def test_no_slugs(bad):
    with pytest.raises(ValueError, match="slug"):
        rules.check_slug(bad)


@given(st.text(max_size=100))
def test_a_slug_is_made_of_anything(text):
    assert rules.check_slug(rules.slug_from(text))
    assert rules.check_slug(rules.slug_from(text, "ab12"))
