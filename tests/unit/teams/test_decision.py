"""Decisions without policies: roles of team and project, keys, suspension, proofs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.actor import Actor
from chalicelib.teams.rules.decision import Resource, Standing, judge
from chalicelib.teams.rules.keys import DEPLOY_SCOPES
from chalicelib.teams.rules.roles import SCOPES, may

TEAM, OTHER = "team_1", "team_2"
PROJECT = Resource("project", "prj_1")
INSIDE = Resource("deployment", "dpl_1", project="prj_1")
ON_TEAM = Resource("team", TEAM)


def person(**other):
    return Actor(kind="user", id="usr_1", user="usr_1", **other)


def code(standing, permission, on=ON_TEAM):
    found = judge(standing, permission, on)
    assert found.allowed == all(step.allowed for step in found.steps)
    return found.refusal.code if found.refusal else "ok"


def test_a_guest_has_the_role_in_the_project_and_nothing_beside_it():
    guest = Standing(person(), TEAM, project_role="admin")
    for on in (PROJECT, INSIDE):
        assert code(guest, "deployment.promote", on) == "ok"
        assert code(guest, "project.create", on) == "missing_permission"
        for permission in ("team.read", "key.create", "billing.read", "audit.read"):
            assert code(guest, permission, on) == "missing_permission"
    assert code(guest, "team.read") == "absent"
    assert code(guest, "project.create") == "absent"


def test_the_wider_role_counts():
    both = Standing(person(), TEAM, role="viewer", project_role="developer")
    assert code(both, "env.write", PROJECT) == "ok"
    assert judge(both, "env.write", PROJECT).role == "developer"
    assert judge(both, "project.read", PROJECT).role == "viewer"
    assert code(both, "project.delete", PROJECT) == "missing_permission"
    narrower = Standing(person(), TEAM, role="admin", project_role="viewer")
    assert code(narrower, "project.delete", PROJECT) == "ok"


def test_service_tokens_act_with_their_role_in_their_team():
    key = Actor(kind="service", id="key_1", team=TEAM, role="developer")
    standing = Standing(key, TEAM, role="developer")
    for permission in SCOPES:
        expected = "ok" if may("developer", permission) else "missing_permission"
        assert code(standing, permission) == expected
    assert code(replace(standing, team=OTHER), "team.read") == "absent"


def test_deploy_keys_are_for_their_project():
    key = Actor(kind="deploy_key", id="key_1", team=TEAM, project="prj_1")
    standing = Standing(key, TEAM)
    for permission in SCOPES:
        expected = "ok" if permission in DEPLOY_SCOPES else "missing_permission"
        assert code(standing, permission, INSIDE) == expected
    assert code(standing, "project.read", Resource("project", "prj_2")) == "absent"
    assert code(standing, "project.read") == "absent"
    assert code(Standing(replace(key, project=""), TEAM), "project.read", PROJECT) == "absent"
    # even if a person stood behind it: the set is fixed
    strong = Standing(replace(key, user="usr_1"), TEAM, role="owner")
    assert code(strong, "env.read", PROJECT) == "missing_permission"


def test_scopes_narrow():
    key = Actor(kind="api_key", id="k", user="usr_1", team=TEAM, scopes=frozenset({"team.read"}))
    standing = Standing(key, TEAM, role="owner")
    assert code(standing, "team.read") == "ok"
    assert code(standing, "team.update") == "missing_scope"


@pytest.mark.parametrize("permission", sorted(SCOPES))
def test_a_suspended_team_is_read_only(permission):
    standing = Standing(person(), TEAM, role="owner", status="suspended")
    reads = permission.endswith(".read")
    assert code(standing, permission) == ("ok" if reads else "team_suspended")


def test_second_factors_are_asked_of_sessions():
    standing = Standing(person(), TEAM, role="owner", mfa_required=True)
    assert code(standing, "team.read") == "mfa_required"
    assert code(replace(standing, actor=person(mfa_at=1)), "team.read") == "ok"
    key = Actor(kind="api_key", id="k", user="usr_1", team=TEAM)
    assert code(replace(standing, actor=key), "team.read") == "ok"
    guest = Standing(person(), TEAM, project_role="viewer", mfa_required=True)
    assert code(guest, "project.read", PROJECT) == "mfa_required"


def test_the_identity_provider_of_a_team():
    standing = Standing(person(), TEAM, role="admin", sso_enforced=True)
    assert code(standing, "team.read") == "sso_required"
    assert code(replace(standing, actor=person(sso=OTHER)), "team.read") == "sso_required"
    assert code(replace(standing, actor=person(sso=TEAM)), "team.read") == "ok"
    owner = replace(standing, role="owner")
    assert code(owner, "sso.read") == code(owner, "team.read") == "ok"
    assert code(owner, "sso.manage") == code(owner, "team.update") == "sso_required"
    assert code(replace(standing, role="admin"), "sso.read") == "sso_required"
    guest = Standing(person(), TEAM, project_role="developer", sso_enforced=True)
    assert code(guest, "env.write", PROJECT) == "ok"


def test_nobody():
    assert code(Standing(person(), TEAM), "team.read") == "absent"
    assert code(Standing(person(team=OTHER), TEAM, role="owner"), "team.read") == "absent"
