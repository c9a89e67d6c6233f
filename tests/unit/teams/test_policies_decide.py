"""What policies do to decisions: they restrict, they never widen, and what fails refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.actor import Actor
from chalicelib.teams.actions import cedar
from chalicelib.teams.actions.authority import decide
from chalicelib.teams.rules.decision import DEPLOY_KEY, Resource, Standing, judge
from chalicelib.teams.rules.keys import DEPLOY_SCOPES
from chalicelib.teams.rules.policies import POLICY_ROLES, policy_of
from chalicelib.teams.rules.roles import SCOPES, may
from tests.unit.teams import policy_cases as cases

NOW = 1_790_000_000
SILENT = {"silent": {"effect": "deny", "roles": ["viewer"], "actions": ["team.delete"]}}
"""A policy that never matters, so that Cedar is asked all the same."""
many = st.dictionaries(st.sampled_from(list("abcd")), cases.policies, max_size=3)
permissions = st.sampled_from(sorted(SCOPES))
ON_TEAM = Resource("team", cases.TEAM)


def somebody(role: str = "developer", **actor: object) -> Standing:
    values = {"kind": "user", "id": "usr_x", "user": "usr_x", **actor}
    return Standing(Actor(**values), cases.TEAM, role=role)  # type: ignore[arg-type]


def with_policies(standing: Standing, policies: dict[str, object]) -> Standing:
    return replace(standing, policies=policies)


@pytest.mark.parametrize("role", POLICY_ROLES)
def test_the_role_table_and_its_cedar_agree(role):
    ready = cedar.prepare(
        '{"silent": {"effect": "deny", "roles": ["viewer"], "actions": ["team.delete"]}}'
    )
    for permission in sorted(SCOPES):
        table = permission in DEPLOY_SCOPES if role == DEPLOY_KEY else may(role, permission)
        answer = cedar._ask(ready, somebody(role), (role, permission, ON_TEAM), NOW)
        assert answer.allowed == table, permission
        assert answer.diagnostics.errors == []


@settings(max_examples=400, deadline=None)
@given(cases.policies, cases.standings(), permissions, cases.resources)
def test_a_policy_says_in_cedar_what_it_says_in_python(policy, standing, permission, on):
    before = judge(standing, permission, on)
    found = decide(with_policies(standing, {"p": policy}), permission, on, now=NOW)
    exempt = standing.role == "owner" and (permission == "team.read" or "policy." in permission)
    forbidden = not exempt and cases.forbids(policy, standing, before.role, permission, on, NOW)
    assert found.allowed == (before.allowed and not forbidden)
    if before.allowed and forbidden:
        assert found.refusal is not None
        assert found.refusal.code == "policy_denied"


@settings(max_examples=300, deadline=None)
@given(cases.conditions, st.sampled_from(["deny", "allow_only"]), cases.moments)
def test_time_is_local_to_its_zone(conditions, effect, now):
    window = conditions.get("time", {})
    policy = {"effect": effect, "conditions": {"time": window}}
    if not cases._accepted(policy):
        return
    found = decide(with_policies(somebody(), {"p": policy}), "project.update", PROJECT, now=now)
    assert found.allowed == (cases._in_window(window, now) != (effect == "deny"))


PROJECT = Resource("project", cases.PROJECTS[0])


@settings(max_examples=200, deadline=None)
@given(many, cases.policies, cases.standings(), permissions, cases.resources)
def test_more_policies_never_allow_more(policies, extra, standing, permission, on):
    bare = decide(standing, permission, on, now=NOW)
    some = decide(with_policies(standing, policies), permission, on, now=NOW)
    more = decide(with_policies(standing, {**policies, "z": extra}), permission, on, now=NOW)
    assert bare.allowed >= some.allowed >= more.allowed


@settings(max_examples=100, deadline=None)
@given(many, permissions, cases.resources)
def test_deny_wins(policies, permission, on):
    all_of_it = {**policies, "stop": {"effect": "deny"}}
    found = decide(with_policies(somebody("admin"), all_of_it), permission, on, now=NOW)
    assert not found.allowed


@settings(max_examples=100, deadline=None)
@given(many)
def test_owners_are_never_locked_out(policies):
    standing = with_policies(somebody("owner"), {**policies, "stop": {"effect": "deny"}})
    for permission in ("team.read", "policy.read", "policy.manage"):
        assert decide(standing, permission, ON_TEAM, now=NOW).allowed
    assert not decide(standing, "team.update", ON_TEAM, now=NOW).allowed


@pytest.mark.parametrize(
    "stored",
    [
        {"cedar": "forbid(principal, action, resource) when { 9223372036854775807 + 1 > 2 };"},
        {"cedar": 'forbid(principal, action, resource) when { Zone::"Nowhere/No".minute > 5 };'},
        {"cedar": "forbid(principal, action, resource) when { context.ip.isLoopback() };"},
    ],
)
def test_a_policy_that_fails_refuses_and_says_so(stored):
    found = decide(with_policies(somebody(), {"odd": stored}), "team.read", ON_TEAM, now=NOW)
    assert found.refusal is not None
    assert found.refusal.code == "policy_failed"
    assert "'odd' cannot be evaluated" in found.refusal.detail


@pytest.mark.parametrize(
    "stored", [{"cedar": "forbid("}, {"effect": "no such"}, {"cedar": ""}, {}, "text", None]
)
def test_policies_that_cannot_be_read_refuse(stored):
    standing = with_policies(somebody("owner"), {"odd": stored, **SILENT})
    found = decide(standing, "team.update", ON_TEAM, now=NOW)
    assert found.refusal is not None
    assert found.refusal.code == "policy_failed"
    assert decide(standing, "policy.manage", ON_TEAM, now=NOW).allowed


def test_a_permit_that_was_stored_somehow_opens_nothing():
    policies = {"wide": {"cedar": "permit(principal, action, resource);"}}
    found = decide(with_policies(somebody("viewer"), policies), "team.delete", ON_TEAM, now=NOW)
    assert found.refusal is not None
    assert found.refusal.code == "missing_permission"


def test_raw_cedar_decides_with_names_and_several_statements():
    text = (
        'forbid(principal, action == Action::"team.update", resource);\n'
        f'@id("mine") forbid(principal, action, resource == Project::"{cases.PROJECTS[1]}") '
        'when { context.kind == "session" };'
    )
    policies = {"two": {"cedar": text}, "a": SILENT["silent"]}
    standing = with_policies(somebody("admin"), policies)
    assert not decide(standing, "team.update", ON_TEAM, now=NOW).allowed
    assert decide(standing, "team.read", ON_TEAM, now=NOW).allowed
    other = Resource("deployment", "dpl_x", project=cases.PROJECTS[1])
    assert decide(standing, "deployment.read", other, now=NOW).allowed
    found = decide(standing, "project.read", Resource("project", cases.PROJECTS[1]), now=NOW)
    assert [s.name for s in found.steps if not s.allowed] == ["policy two"]


def test_words_tell_the_condition():
    policy = policy_of(
        "freeze",
        {
            "effect": "deny",
            "roles": ["developer"],
            "actions": ["deployment.promote"],
            "conditions": {
                "environment": ["production"],
                "time": {"days": ["fri"], "from": "12:00", "timezone": "Europe/Berlin"},
            },
        },
    )
    assert policy.words() == (
        "developer may not deployment.promote in production and on fri from 12:00 to 24:00 "
        "(Europe/Berlin)"
    )


@pytest.mark.parametrize(
    ("ip", "allowed"),
    [
        ("203.0.113.9", True),
        ("::ffff:203.0.113.9", True),
        ("::FFFF:CB00:7109", True),
        ("203.0.114.1", False),
        ("2001:db8::1", True),
        ("2001:db8:0:0::1", True),
        ("2001:db9::1", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_only_from_the_office(ip, allowed):
    office = {
        "effect": "allow_only",
        "conditions": {"network": {"cidrs": ["203.0.113.0/24", "2001:db8::/32"]}},
    }
    standing = with_policies(somebody(ip=ip), {"office": office})
    assert decide(standing, "team.read", ON_TEAM, now=NOW).allowed is allowed
    blocked = {**office, "effect": "deny"}
    standing = with_policies(somebody(ip=ip), {"office": blocked})
    # an address that nobody knows is refused either way
    known = ip not in {"", "unix:"}
    assert decide(standing, "team.read", ON_TEAM, now=NOW).allowed is (known and not allowed)
