"""A team's identity provider speaks of second factors for its own team alone."""

from __future__ import annotations

import pytest

from chalicelib.core import clock
from chalicelib.identity import rows
from chalicelib.identity.actions import Challenge
from chalicelib.identity.actions.sessions import admit
from chalicelib.teams.actions import Membership, add_member
from chalicelib.teams.rows import TeamRow, team_of
from tests.fakes.people import person

PROOF = {"strong": True, "ip": "192.0.2.1"}


@pytest.fixture
def two(api, owner):
    """Somebody in the team of `owner` and in another one; both ask for a second factor."""
    boss, bob = person(api), person(api)
    for team, giver in ((owner.team, owner.id), (boss.team, boss.id)):
        add_member(Membership(team, giver, "owner"), bob.id, "developer")
        team_of(team).update(actions=[TeamRow.mfa_required.set(True)])
    return owner.team, boss.team, bob


def entered(api, bob, via="sso", sso=""):
    found = admit(rows.user_of(bob.id), rows.Proof(via, sso=sso, **PROOF))
    return api.with_token(found.access_token)


def status(client, team):
    answer = client.get(f"/v1/teams/{team}")
    return answer.status, answer.code


def test_its_word_counts_in_its_own_team_alone(api, two):
    own, other, bob = two
    client = entered(api, bob, sso=own)
    assert status(client, own) == (200, "")
    assert status(client, other) == (403, "mfa_required")
    by_device = entered(api, bob, via="device", sso=own)
    assert status(by_device, other) == (403, "mfa_required")


def test_for_policies_too(api, owner, two):
    own, other, bob = two
    for team in (own, other):
        row = team_of(team)
        policy = {"effect": "allow_only", "conditions": {"mfa": {"required": True}}}
        row.update(actions=[TeamRow.policies.set({"m": policy}), TeamRow.mfa_required.set(False)])
    client = entered(api, bob, sso=own)
    assert status(client, own) == (200, "")
    assert status(client, other) == (403, "policy_denied")


def test_a_second_factor_here_is_asked_for_all_the_same(two):
    own, _, bob = two
    rows.user_named(bob.id).update(actions=[rows.UserRow.factors.set(1)])
    found = admit(rows.user_of(bob.id), rows.Proof("sso", sso=own, **PROOF))
    assert isinstance(found, Challenge)


def test_one_that_was_proven_here_counts_everywhere(api, two):
    own, other, bob = two
    rows.user_named(bob.id).update(actions=[rows.UserRow.factors.set(1)])
    client = entered(api, bob, via="passkey")
    assert status(client, other) == (200, "")
    for session in rows.sessions_of(bob.id):  # as after the answer to the challenge
        rows.session_named(session.id).update(
            actions=[rows.SessionRow.sso.set(own), rows.SessionRow.mfa_at.set(clock.epoch())]
        )
    assert status(client, other) == (200, "")
