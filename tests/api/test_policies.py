"""Policies over the API: set, enforced, and no way around them."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.identity.rows import SessionRow, sessions_of
from chalicelib.teams import rows
from tests.api.policies import COMMIT, DENY_ALL, can, clear, project, project_of, put
from tests.fakes.counting import database_calls
from tests.fakes.people import api_key, member, person

__all__ = ["project"]


def strengthen(somebody, seconds_ago):
    """Give all sessions of somebody a second factor, some time ago."""
    for session in sessions_of(somebody.id):
        session.update(actions=[SessionRow.mfa_at.set(clock.epoch() - seconds_ago)])


def test_a_policy_is_set_listed_enforced_and_deleted(owner, project, api):
    developer = member(api, owner, "developer")
    path = f"/v1/projects/{project['id']}/env/KEY"
    assert developer.client.put(path, {"value": "1"}).status == 200
    found = put(
        owner,
        "secrets",
        {
            "description": "Not in production",
            "effect": "deny",
            "roles": ["developer"],
            "actions": ["env.*"],
            "resources": [f"project:{project['slug']}"],
            "conditions": {"environment": ["production"]},
        },
    )
    assert found["resources"] == [f"project:{project['id']}"]
    assert found["words"].startswith("developer may not env.*")
    assert found["cedar"].startswith('@id("secrets")\nforbid')
    listed = owner.client.get(f"/v1/teams/{owner.team}/policies").json()["items"]
    assert listed == [found]
    # `all` is production too
    for body in ({"value": "2"}, {"value": "2", "environment": "production"}):
        refused = developer.client.put(path, body)
        assert (refused.status, refused.code) == (403, "policy_denied")
        assert "'secrets'" in refused.json()["detail"]
    assert developer.client.get(f"/v1/projects/{project['id']}/env").code == "policy_denied"
    preview = f"/v1/projects/{project['id']}/env?environment=preview"
    assert developer.client.get(preview).status == 200
    assert developer.client.put(path, {"value": "2", "environment": "preview"}).status == 200
    assert owner.client.put(path, {"value": "2"}).status == 200
    other = project_of(owner)
    assert developer.client.put(f"/v1/projects/{other['id']}/env/K", {"value": "1"}).status == 200
    gone = owner.client.delete(f"/v1/teams/{owner.team}/policies/secrets")
    assert gone.status == 204
    assert developer.client.put(path, {"value": "3"}).status == 200
    assert owner.client.delete(f"/v1/teams/{owner.team}/policies/secrets").code == (
        "policy_not_found"
    )


def test_production_is_known_where_it_is_known(owner, services, project, api):
    services.repositories.push(project["id"], "main", COMMIT)
    services.repositories.push(project["id"], "side", "b" * 40)
    owner.client.patch(f"/v1/projects/{project['id']}", {"production_branch": "main"})
    put(
        owner,
        "no-production",
        {
            "effect": "deny",
            "actions": ["deployment.*"],
            "conditions": {"environment": ["production"]},
        },
    )
    deployments = f"/v1/projects/{project['id']}/deployments"
    for body in ({"branch": "main"}, {"branch": "side", "production": True}):
        assert owner.client.post(deployments, body).code == "policy_denied"
    preview = owner.client.post(deployments, {"branch": "side"})
    assert preview.status == 201, preview.text
    assert owner.client.post(deployments, {"branch": "main", "production": False}).status == 201
    promote = owner.client.post(
        f"/v1/projects/{project['id']}/promote", {"deployment": preview.json()["id"]}
    )
    assert promote.code == "policy_denied"
    assert owner.client.post(f"/v1/projects/{project['id']}/rollback", {}).code == "policy_denied"
    identifier = preview.json()["id"]
    assert owner.client.post(f"/v1/deployments/{identifier}/cancel").status != 403
    assert not can(owner, "me", "deployment.promote", project["slug"])["allowed"]
    assert can(owner, "me", "deployment.create", project["slug"])["allowed"]
    assert can(owner, "me", "deployment.cancel", identifier)["allowed"]
    held = can(owner, "me", "deployment.create", project["slug"], environment="production")
    assert held["code"] == "policy_denied"


def test_an_owner_gets_out_again(owner, api):
    admin = member(api, owner, "admin")
    put(owner, "stop", DENY_ALL)
    team = f"/v1/teams/{owner.team}"
    assert owner.client.patch(team, {"name": "New"}).code == "policy_denied"
    assert admin.client.get(f"{team}/policies").code == "policy_denied"
    assert admin.client.delete(f"{team}/policies/stop").code == "policy_denied"
    assert owner.client.get(f"{team}/policies").status == 200
    assert owner.client.delete(f"{team}/policies/stop").status == 204
    assert owner.client.patch(team, {"name": "New"}).status == 200


def test_policies_that_cannot_be(owner, api):
    path = f"/v1/teams/{owner.team}/policies"
    stranger = project_of(person(api))
    for policy, code in (
        ({}, "invalid_policy"),
        ({"effect": "allow_only"}, "invalid_policy"),
        ({"cedar": "permit(principal, action, resource);"}, "policy_widens"),
        ({"cedar": "forbid(principal, action, resource)", "effect": "deny"}, "invalid_policy"),
        ({"effect": "deny", "resources": ["project:nothing-here"]}, "invalid_policy"),
        ({"effect": "deny", "resources": [f"project:{stranger['slug']}"]}, "invalid_policy"),
        ({"effect": "deny", "resources": [f"project:{stranger['id']}"]}, "invalid_policy"),
        (
            {"effect": "deny", "actions": ["team.update"], "resources": ["project"]},
            "policy_matches_nothing",
        ),
    ):
        answer = owner.client.put(f"{path}/p", policy)
        assert (answer.status, answer.code) == (422, code), answer.text
    assert owner.client.put(f"{path}/Bad_Name", DENY_ALL).code == "invalid_policy"
    broken = owner.client.put(f"{path}/p", {"cedar": "forbid(principal,\n  nothing);"}).json()
    assert broken["errors"][0]["pointer"] == "/cedar"
    assert broken["detail"].startswith("Line 2, column 3: ")
    assert owner.client.get(path).json()["items"] == []


def test_limits(owner):
    policy = {"effect": "deny", "roles": ["guest"], "actions": ["team.delete"]}
    for number in range(20):
        put(owner, f"p{number}", policy)
    path = f"/v1/teams/{owner.team}/policies"
    full = owner.client.put(f"{path}/one-more", policy)
    assert (full.status, full.code) == (409, "too_many_policies")
    put(owner, "p3", {**policy, "description": "changed"})
    clear(owner)
    words = "// " + "x" * 3900 + "\nforbid(principal, action, resource);"
    for number in range(4):
        put(owner, f"long{number}", {"cedar": words})
    assert owner.client.put(f"{path}/long4", {"cedar": words}).code == "too_many_policies"
    assert owner.client.delete(f"{path}/long0").status == 204


def test_setting_asks_for_a_fresh_proof_and_is_told(owner):
    for session in sessions_of(owner.id):
        session.update(actions=[SessionRow.proved_at.set(clock.epoch() - 3600)])
    path = f"/v1/teams/{owner.team}/policies/p"
    for answer in (owner.client.put(path, DENY_ALL), owner.client.delete(path)):
        assert (answer.status, answer.code) == (401, "step_up_required")


def test_secrets_need_a_fresh_second_factor(owner, project, api):
    developer = member(api, owner, "developer")
    key = api_key(developer_of(owner, developer))
    put(
        owner,
        "fresh",
        {
            "effect": "allow_only",
            "actions": ["env.write"],
            "conditions": {"mfa": {"max_age_minutes": 10}},
        },
    )
    path = f"/v1/projects/{project['id']}/env/KEY"
    assert developer.client.put(path, {"value": "1"}).code == "policy_denied"
    assert key.put(path, {"value": "1"}).code == "policy_denied"
    strengthen(developer, 599)
    assert developer.client.put(path, {"value": "1"}).status == 200
    strengthen(developer, 700)
    assert developer.client.put(path, {"value": "1"}).code == "policy_denied"
    assert developer.client.get(f"/v1/projects/{project['id']}/env").status == 200


def developer_of(owner, developer):
    """A member, whose keys shall be for the owner's team."""
    developer.team = owner.team
    return developer


def test_suspended_deleted_and_demanding_teams(owner, project, api):
    team = rows.TeamRow(f"TEAM#{owner.team}", "META")
    team.update(actions=[rows.TeamRow.status.set("suspended")])
    assert owner.client.get(f"/v1/projects/{project['id']}").status == 200
    refused = owner.client.patch(f"/v1/projects/{project['id']}", {"name": "x"})
    assert (refused.status, refused.code) == (403, "team_suspended")
    team.update(actions=[rows.TeamRow.status.set("active"), rows.TeamRow.mfa_required.set(True)])
    refused = owner.client.get(f"/v1/projects/{project['id']}")
    assert (refused.status, refused.code) == (403, "mfa_required")
    assert "deck mfa totp" in refused.json()["hint"]
    strengthen(owner, 10**6)
    assert owner.client.get(f"/v1/projects/{project['id']}").status == 200
    team.update(actions=[rows.TeamRow.sso_enforced.set(True)])
    assert owner.client.get(f"/v1/projects/{project['id']}").code == "sso_required"
    for session in sessions_of(owner.id):
        session.update(actions=[SessionRow.sso.set(owner.team)])
    assert owner.client.get(f"/v1/projects/{project['id']}").status == 200
    team.update(actions=[rows.TeamRow.deleted_at.set("2026-01-01T00:00:00.000Z")])
    assert owner.client.get(f"/v1/projects/{project['id']}").code == "project_not_found"
    assert owner.client.get(f"/v1/teams/{owner.team}/policies").code == "team_not_found"


def test_a_guest_of_one_project(owner, project, api):
    guest = person(api)
    other = project_of(owner)
    for row in rows.new_project_member(owner.team, project["id"], guest.id, "developer"):
        row.save()
    path = f"/v1/projects/{project['id']}"
    assert guest.client.put(f"{path}/env/K", {"value": "1"}).status == 200
    assert guest.client.delete(path).code == "missing_permission"
    assert guest.client.get(f"/v1/projects/{other['id']}").code == "project_not_found"
    assert guest.client.get(f"/v1/teams/{owner.team}/policies").code == "team_not_found"
    put(
        owner,
        "guests",
        {
            "effect": "deny",
            "roles": ["guest"],
            "actions": ["env.*", "deployment.*"],
            "conditions": {"environment": ["production"]},
        },
    )
    assert guest.client.put(f"{path}/env/K", {"value": "1"}).code == "policy_denied"
    told = can(owner, guest.email, "env.write", project["id"], environment="production")
    assert (told["role"], told["code"]) == ("developer", "policy_denied")
    assert can(owner, guest.id, "env.write", project["id"], environment="preview")["allowed"]
    unseen = {"team": owner.team, "who": guest.id, "action": "env.write", "resource": other["id"]}
    assert owner.client.post("/v1/policies/simulate", unseen).code == "member_not_found"


def test_reads_of_a_request(owner, project, api):
    """What a request costs: session and person, then all that decides beside the project."""
    path = f"/v1/projects/{project['id']}"
    put(owner, "p", {"effect": "deny", "roles": ["billing"]})

    def reads(client, address):
        client.get(address)
        with database_calls() as calls:
            assert client.get(address).status == 200
        return [c for c in calls if c != "UpdateItem"]

    assert reads(owner.client, path) == ["BatchGetItem"] * 2
    assert reads(owner.client, f"/v1/projects/{project['slug']}").count("GetItem") == 1
    assert reads(owner.client, f"/v1/teams/{owner.team}/policies") == [
        "BatchGetItem",
        "BatchGetItem",
        "GetItem",
    ]
    developer = member(api, owner, "developer")
    assert reads(developer.client, path) == ["BatchGetItem"] * 3
    guest = person(api)
    for row in rows.new_project_member(owner.team, project["id"], guest.id, "viewer"):
        row.save()
    assert reads(guest.client, path) == ["BatchGetItem"] * 3
