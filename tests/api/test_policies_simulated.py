"""What `deck can` says of policies is what requests really get."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.identity.rows import SessionRow, UserRow, sessions_of
from tests.api.policies import can, clear, project, project_of, put
from tests.fakes.people import member, person

__all__ = ["project"]


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
