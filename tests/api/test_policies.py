"""Policies over the API: set, enforced, explained, and the same in simulation as in reality."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core import clock, ids
from chalicelib.core.errors import Forbidden
from chalicelib.identity.rows import SessionRow, UserRow, sessions_of
from chalicelib.teams import rows
from tests.fakes.counting import database_calls
from tests.fakes.people import api_key, member, person

COMMIT = "a" * 40
DENY_ALL = {"effect": "deny"}


def put(owner, name, policy):
    answer = owner.client.put(f"/v1/teams/{owner.team}/policies/{name}", policy)
    assert answer.status == 200, answer.text
    return answer.json()


def clear(owner):
    rows.TeamRow(f"TEAM#{owner.team}", "META").update(actions=[rows.TeamRow.policies.set({})])


def can(asking, who, action, resource=None, team=None, **context):
    body = {"team": team or asking.team, "who": who, "action": action, "context": context}
    if resource:
        body["resource"] = resource
    answer = asking.client.post("/v1/policies/simulate", body)
    assert answer.status == 200, answer.text
    return answer.json()


def project_of(owner):
    slug = f"site-{secrets.token_hex(4)}"
    answer = owner.client.post("/v1/projects", {"name": "site", "slug": slug})
    assert answer.status == 201, answer.text
    return answer.json()


@pytest.fixture
def project(owner):
    return project_of(owner)


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


def test_simulation_reveals_nothing(owner, project, api):
    stranger = person(api)
    theirs = project_of(stranger)
    ask = owner.client.post

    def body(**other):
        return {"team": owner.team, "who": "me", "action": "team.read", **other}

    simulate = "/v1/policies/simulate"
    for who in (stranger.id, stranger.email, "nobody@example.com", "usr_" + "0" * 26, "x y"):
        answer = ask(simulate, body(who=who))
        assert (answer.status, answer.code) == (404, "member_not_found")
        assert answer.json()["detail"].replace(who, "*") == (
            "There is no member '*', or it is not yours."
        )
    for resource in (theirs["id"], theirs["slug"], "prj_" + "0" * 26, "project:none"):
        answer = ask(simulate, body(resource=resource))
        assert (answer.status, answer.code) == (404, "project_not_found")
    assert ask(simulate, body(resource="planet:x")).code == "resource_not_found"
    for team in (stranger.team, "team_" + "0" * 26, "no-such"):
        assert ask(simulate, body(team=team)).code == "team_not_found"
    key = stranger.client.post("/v1/keys", {"name": "k"}).json()["id"]
    assert ask(simulate, body(who=key)).code == "member_not_found"
    assert ask(simulate, body(action="no.such")).code == "unknown_action"
    assert ask(simulate, body(context={"at": "yesterday"})).code == "invalid_request"
    assert ask(simulate, body(context={"ip": "home"})).code == "invalid_request"
    viewer = member(api, owner, "viewer")
    assert viewer.client.post(simulate, body()).code == "missing_permission"


def test_simulation_explains(owner, project, api):
    developer = member(api, owner, "developer")
    freeze = {
        "effect": "deny",
        "actions": ["deployment.promote"],
        "conditions": {
            "environment": ["production"],
            "time": {"days": ["fri"], "from": "12:00", "timezone": "Europe/Berlin"},
        },
    }
    put(owner, "friday", freeze)
    found = can(
        owner, developer.email, "deployment.promote", project["slug"], at="2026-11-20T14:00+01:00"
    )
    assert (found["allowed"], found["code"], found["role"]) == (False, "policy_denied", "developer")
    assert [s["step"] for s in found["why"]] == [
        "role", "scope", "team", "mfa", "sso", "policy friday",
    ]  # fmt: skip
    assert "on fri from 12:00 to 24:00 (Europe/Berlin)" in found["why"][-1]["detail"]
    for at in ("2026-11-20T11:59+01:00", "2026-11-21T00:00+01:00", "2026-11-20T10:59"):
        assert can(owner, developer.id, "deployment.promote", project["id"], at=at)["allowed"]
    gone = can(owner, developer.id, "project.delete", project["id"])
    assert (gone["code"], gone["why"][-1]["step"]) == ("missing_permission", "role")
    secret = owner.client.post("/v1/keys", {"name": "k", "scopes": ["team.read"]}).json()
    assert can(owner, secret["id"], "team.read")["allowed"]
    assert can(owner, secret["id"], "team.update")["code"] == "missing_scope"
    UserRow(f"USER#{developer.id}", "PROFILE").update(actions=[UserRow.status.set("suspended")])
    assert can(owner, developer.id, "team.read")["code"] == "account_suspended"


def test_a_draft_is_tried_and_not_set(owner, project, api):
    developer = member(api, owner, "developer")
    draft = {"name": "stop", "effect": "deny", "actions": ["project.*"]}
    body = {"who": developer.id, "action": "project.update", "resource": project["slug"]}
    tried = owner.client.post("/v1/policies/simulate", {**body, "draft": draft})
    assert (tried.status, tried.json()["code"]) == (200, "policy_denied")
    assert owner.client.post("/v1/policies/simulate", body).json()["allowed"]
    assert owner.client.get(f"/v1/teams/{owner.team}/policies").json()["items"] == []
    wide = {"cedar": "permit(principal, action, resource);"}
    refused = owner.client.post("/v1/policies/simulate", {**body, "draft": wide})
    assert refused.code == "policy_widens"
    put(owner, "stop", {"effect": "deny"})
    harmless = {"name": "stop", "effect": "deny", "roles": ["viewer"]}
    tried = owner.client.post("/v1/policies/simulate", {**body, "draft": harmless})
    assert tried.json()["allowed"]


policies = st.fixed_dictionaries(
    {"effect": st.sampled_from(["deny", "allow_only"])},
    optional={
        "roles": st.lists(
            st.sampled_from(["viewer", "developer", "admin", "owner", "guest"]), max_size=3
        ),
        "actions": st.lists(
            st.sampled_from(["env.*", "project.read", "*", "project.*", "env.write"]), max_size=2
        ),
        "conditions": st.fixed_dictionaries(
            {},
            optional={
                "environment": st.lists(
                    st.sampled_from(["production", "preview"]), min_size=1, max_size=2
                ),
                "network": st.fixed_dictionaries(
                    {"cidrs": st.sampled_from([["192.0.2.0/24"], ["10.0.0.0/8"]])}
                ),
                "mfa": st.fixed_dictionaries({"required": st.booleans()}),
            },
        ),
    },
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(found=st.lists(policies, min_size=1, max_size=3), strong=st.booleans())
def test_simulation_is_reality(owner, project, api, found, strong):
    """What is foretold of a request, from the address that tests have, is what it gets."""
    clear(owner)
    if not hasattr(test_simulation_is_reality, owner.team):
        people = [member(api, owner, role) for role in ("viewer", "developer", "admin")]
        setattr(test_simulation_is_reality, owner.team, people)
    people = [*getattr(test_simulation_is_reality, owner.team), owner]
    for number, policy in enumerate(found):
        owner.client.put(f"/v1/teams/{owner.team}/policies/p{number}", policy)
    base = f"/v1/projects/{project['id']}"
    for somebody in people:
        for session in sessions_of(somebody.id):
            session.update(actions=[SessionRow.mfa_at.set(clock.epoch() if strong else 0)])
        for method, path, action, environment in (
            ("GET", base, "project.read", None),
            ("PATCH", base, "project.update", None),
            ("GET", f"{base}/env?environment=preview", "env.read", "preview"),
            ("PUT", f"{base}/env/K", "env.write", "production"),
        ):
            body = {"PATCH": {"name": "n"}, "PUT": {"value": "1", "environment": "production"}}
            answer = somebody.client.call(method, path, body.get(method))
            context = {"ip": "192.0.2.1", "mfa": strong}
            if environment:
                context["environment"] = environment
            told = can(owner, somebody.id, action, project["id"], **context)
            assert told["allowed"] == (answer.status == 200), (answer.text, told)
            assert told["code"] == (answer.code or None)


def test_pushes_know_where_rules_lead_them(owner, project, api):
    from chalicelib.git.actions import open_repository

    rules = [{"match": "release/*", "environment": "staging"}]
    path = f"/v1/projects/{project['id']}"
    assert owner.client.post(f"{path}/environments", {"name": "staging"}).status == 201
    assert owner.client.patch(path, {"git": {"branches": rules}}).status == 200
    only = {"effect": "allow_only", "actions": ["deployment.create"]}
    put(owner, "previews", {**only, "conditions": {"environment": ["preview"]}})
    token = member(api, owner, "developer").tokens["access_token"]
    access = open_repository(token, project["slug"], write=True)
    assert list(access.refused) == ["production", "staging"]
    assert access.flow == {"branches": rules, "tags": []}


def test_nothing_is_promoted_out_of_an_environment_that_is_closed(owner, project, api):
    from chalicelib.deployments.actions.begin import Origin, begin
    from chalicelib.projects.actions import resolve

    origin = Origin("git", "next", "a" * 40, environment="staging")
    staged = begin(resolve(project["id"]), ids.new("dpl"), "preview", 1, origin, "usr_1")
    developer = member(api, owner, "developer")
    path = f"/v1/projects/{project['id']}"
    asked = (f"{path}/promote", {"deployment": staged.id}), (f"{path}/rollback", {"to": staged.id})
    before = [developer.client.post(*ask).code for ask in asked]
    assert "policy_denied" not in before
    put(owner, "staging", {"effect": "deny", "conditions": {"environment": ["staging"]}})
    assert [developer.client.post(*ask).code for ask in asked] == ["policy_denied"] * 2


def test_pushes_know_which_environments_are_closed(owner, project, api):
    from chalicelib.git.actions import open_repository

    developer = member(api, owner, "developer")
    token = developer.tokens["access_token"]
    assert open_repository(token, project["slug"], write=True).refused == {}
    put(
        owner,
        "no-production",
        {
            "effect": "allow_only",
            "actions": ["deployment.create"],
            "conditions": {"environment": ["preview"]},
        },
    )
    access = open_repository(token, project["slug"], write=True)
    assert list(access.refused) == ["production"]
    assert "'no-production'" in access.refused["production"]
    assert open_repository(token, project["slug"], write=False).refused == {}
    put(
        owner,
        "office",
        {"effect": "allow_only", "conditions": {"network": {"cidrs": ["192.0.2.0/24"]}}},
    )
    assert open_repository(token, project["slug"], write=False, address="::ffff:192.0.2.9")
    with pytest.raises(Forbidden, match="'office'"):
        open_repository(token, project["slug"], write=False, address="198.51.100.1")
