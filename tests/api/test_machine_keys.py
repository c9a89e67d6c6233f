"""Service tokens and deploy keys: what they may, and what becomes of them."""

from __future__ import annotations

import pytest

from chalicelib.teams.rules.keys import DEPLOY_SCOPES
from tests.fakes.counting import database_calls
from tests.fakes.people import api_key, member, person


def service(owner, role="developer", **more):
    wish = {"name": "robot", "team": owner.team, "kind": "service", "role": role, **more}
    answer = owner.client.post("/v1/keys", wish)
    assert answer.status == 201, answer.text
    return answer.json()


def project_of(owner, slug):
    return owner.client.post("/v1/projects", {"name": slug, "slug": slug}).json()


def deploy_key(owner, project, **more):
    answer = owner.client.post(f"/v1/projects/{project['id']}/deploy-keys", {"name": "ci", **more})
    assert answer.status == 201, answer.text
    return answer.json()


def as_key(api, made):
    return api.with_token(made["secret"])


def test_a_service_token_acts_by_its_own_role(api, owner):
    made = service(owner)
    robot = as_key(api, made)
    me = robot.get("/v1/me").json()
    assert (me["user"], me["via"], me["project"]) == (None, "service", None)
    assert [(t["id"], t["role"]) for t in me["teams"]] == [(owner.team, "developer")]
    assert [t["id"] for t in robot.get("/v1/teams").json()["items"]] == [owner.team]
    assert robot.get("/v1/me/projects").json()["items"] == []
    project = robot.post("/v1/projects", {"name": "p"})
    assert (project.status, project.json()["team"]) == (201, owner.team)
    assert robot.delete(f"/v1/projects/{project.json()['id']}").code == "missing_permission"
    assert robot.get("/v1/keys").json()["items"] == []  # it has none of its own


def test_a_service_token_stays_when_its_maker_leaves(api, owner):
    admin = member(api, owner, "admin")
    robot = as_key(api, service(type(admin)(admin.id, "", owner.team, admin.client, {}), "viewer"))
    assert owner.client.delete(f"/v1/teams/{owner.team}/members/{admin.id}").status == 204
    assert robot.get("/v1/projects").status == 200


def test_a_service_tokens_team_is_the_only_one(api, owner):
    other = person(api)
    robot = as_key(api, service(owner, "owner"))
    assert robot.get(f"/v1/projects?team={other.team}").code == "team_not_found"
    assert robot.get(f"/v1/teams/{other.team}").code == "team_not_found"


def test_scopes_narrow_a_service_token(api, owner):
    robot = as_key(api, service(owner, "admin", scopes=["project.read"]))
    assert robot.get("/v1/projects").status == 200
    assert robot.post("/v1/projects", {"name": "p"}).code == "missing_scope"


def test_no_machine_does_what_a_person_has_to(api, owner):
    robot = as_key(api, service(owner, "owner"))
    project = project_of(owner, "site")
    assert robot.post("/v1/teams", {"name": "x"}).code == "session_required"
    assert robot.post("/v1/keys", {"name": "x"}).code == "session_required"
    path = f"/v1/projects/{project['id']}/deploy-keys"
    assert robot.post(path, {"name": "x"}).code == "session_required"


@pytest.mark.parametrize("role", ["developer", "viewer", "billing"])
def test_who_may_not_manage_keys_makes_none_that_outlive_them(api, owner, role):
    somebody = member(api, owner, role)
    wish = {"name": "x", "team": owner.team, "kind": "service", "role": "viewer"}
    assert somebody.client.post("/v1/keys", wish).code == "missing_permission"
    project = project_of(owner, f"site-{role}")
    path = f"/v1/projects/{project['id']}/deploy-keys"
    assert somebody.client.post(path, {"name": "x"}).code == "missing_permission"


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "service"},
        {"role": "viewer"},
        {"kind": "api_key", "role": "viewer"},
        {"kind": "service", "role": "king"},
        {"kind": "deploy_key"},
        {"rate_per_minute": 0},
        {"rate_per_minute": 6001},
        {"expires_in_days": 0},
    ],
)
def test_what_no_key_is(owner, wish):
    assert owner.client.post("/v1/keys", {"name": "x", **wish}).code == "invalid_request"


def test_who_sees_which_keys(api, owner):
    admin, developer = member(api, owner, "admin"), member(api, owner, "developer")
    project = project_of(owner, "site")
    robot, ci = service(owner, rate_per_minute=60), deploy_key(owner, project)
    mine = developer.client.post("/v1/keys", {"name": "mine", "team": owner.team}).json()
    seen = {k["id"]: k for k in admin.client.get(f"/v1/keys?team={owner.team}").json()["items"]}
    assert set(seen) == {robot["id"], ci["id"], mine["id"]}
    shown = seen[robot["id"]]
    assert (shown["kind"], shown["role"], shown["project"]) == ("service", "developer", None)
    assert (shown["rate_per_minute"], shown["created_by"]) == (60, owner.id)
    shown = seen[ci["id"]]
    assert (shown["kind"], shown["role"], shown["project"]) == ("deploy_key", None, project["id"])
    assert "secret" not in str(seen)
    own = developer.client.get(f"/v1/keys?team={owner.team}").json()["items"]
    assert [k["id"] for k in own] == [mine["id"]]
    assert developer.client.delete(f"/v1/keys/{robot['id']}").code == "missing_permission"
    assert developer.client.delete(f"/v1/keys/{ci['id']}").code == "missing_permission"
    for made in (robot, ci):
        assert admin.client.delete(f"/v1/keys/{made['id']}").status == 204
        assert as_key(api, made).get("/v1/me").code == "token_revoked"


def test_a_service_token_does_not_see_or_end_other_machines(api, owner):
    robot, other = service(owner), service(owner, "owner")
    client = as_key(api, robot)
    assert client.get("/v1/keys").json()["items"] == []
    for made in (other, robot):
        assert client.delete(f"/v1/keys/{made['id']}").code == "missing_permission"


def test_a_deploy_key_is_for_one_project(api, owner):
    site, other = project_of(owner, "site"), project_of(owner, "other")
    made = deploy_key(owner, site, expires_in_days=30, rate_per_minute=5)
    assert set(made["scopes"]) == DEPLOY_SCOPES
    ci = as_key(api, made)
    me = ci.get("/v1/me").json()
    assert (me["user"], me["via"], me["project"]) == (None, "deploy_key", site["id"])
    assert [t["id"] for t in me["teams"]] == [owner.team]
    assert ci.get("/v1/projects/site").status == 200
    wish = {"kind": "output", "files": 1, "bytes": 1}
    assert ci.post("/v1/projects/site/uploads", wish).status == 201
    theirs = ci.get(f"/v1/projects/{other['id']}").json()
    absent = ci.get("/v1/projects/prj_" + "0" * 26).json()
    assert theirs["code"] == absent["code"] == "project_not_found"
    assert ci.get("/v1/projects/other").code == "project_not_found"
    assert ci.post("/v1/projects/other/uploads", wish).code == "project_not_found"
    upload = owner.client.post("/v1/projects/other/uploads", wish).json()["id"]
    assert ci.post(f"/v1/uploads/{upload}/missing", {}).status == 404


def test_a_deploy_key_does_nothing_else(api, owner):
    site = project_of(owner, "site")
    ci = as_key(api, deploy_key(owner, site))
    for method, path, body in (
        ("GET", "/v1/projects/site/env", None),
        ("PUT", "/v1/projects/site/env/A", {"value": "1"}),
        ("PATCH", "/v1/projects/site", {"name": "x"}),
        ("DELETE", "/v1/projects/site", None),
        ("GET", "/v1/projects/site/members", None),
        ("GET", "/v1/teams", None),
        ("GET", f"/v1/teams/{owner.team}", None),
        ("GET", "/v1/keys", None),
        ("POST", "/v1/keys", {"name": "x"}),
    ):
        answer = ci.call(method, path, body)
        assert (answer.status, answer.code) == (403, "missing_scope"), (path, answer.text)
    assert ci.get("/v1/projects").status == 404
    assert ci.post("/v1/projects", {"name": "x"}).status in {403, 404}
    assert ci.post("/v1/teams", {"name": "x"}).code == "session_required"


def test_deploy_keys_are_listed_and_ended_by_project(api, owner):
    site, other = project_of(owner, "site"), project_of(owner, "other")
    made, theirs = deploy_key(owner, site), deploy_key(owner, other)
    path = f"/v1/projects/{site['id']}/deploy-keys"
    listed = owner.client.get(path).json()["items"]
    assert [k["id"] for k in listed] == [made["id"]]
    assert "secret" not in listed[0]
    assert owner.client.delete(f"{path}/{theirs['id']}").code == "deploy_key_not_found"
    assert owner.client.delete(f"{path}/{service(owner)['id']}").code == "deploy_key_not_found"
    assert owner.client.delete(f"{path}/{made['id']}").status == 204
    assert owner.client.delete(f"{path}/{made['id']}").code == "deploy_key_not_found"
    assert as_key(api, made).get("/v1/projects/site").code == "token_revoked"
    assert as_key(api, theirs).get("/v1/projects/other").status == 200


def test_git_takes_a_deploy_key_for_its_repository_only(owner):
    from chalicelib.core.errors import Forbidden, NotFound, Unauthenticated
    from chalicelib.git.actions import open_repository

    site, _ = project_of(owner, "site"), project_of(owner, "other")
    made = deploy_key(owner, site)
    for write in (False, True):
        access = open_repository(made["secret"], "site", write)
        assert (access.project_id, access.pusher) == (site["id"], made["id"])
        with pytest.raises(NotFound):
            open_repository(made["secret"], "other", write)
    reader = service(owner, "viewer")["secret"]
    assert open_repository(reader, "site", write=False).project_id == site["id"]
    with pytest.raises(Forbidden):
        open_repository(reader, "site", write=True)
    owner.client.delete(f"/v1/projects/{site['id']}/deploy-keys/{made['id']}")
    with pytest.raises(Unauthenticated):
        open_repository(made["secret"], "site", write=False)


@pytest.mark.parametrize("kind", ["api_key", "service", "deploy_key"])
def test_a_typing_error_costs_no_read(api, owner, kind):
    if kind == "deploy_key":
        secret = deploy_key(owner, project_of(owner, "site"))["secret"]
    else:
        secret = service(owner)["secret"] if kind == "service" else api_key(owner).token
    broken = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    with database_calls() as calls:
        answer = api.with_token(broken).get("/v1/me")
    assert (answer.status, answer.code) == (401, "token_malformed")
    assert calls == []


def test_an_expired_deploy_key(api, owner, monkeypatch):
    from chalicelib.core import clock

    ci = as_key(api, deploy_key(owner, project_of(owner, "site"), expires_in_days=1))
    assert ci.get("/v1/projects/site").status == 200
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 2 * 86400)
    assert ci.get("/v1/projects/site").code == "token_expired"


def test_the_last_use_of_a_machine_is_noted_once_a_minute(api, owner):
    ci = as_key(api, deploy_key(owner, project_of(owner, "site")))
    ci.get("/v1/projects/site")
    listed = owner.client.get("/v1/projects/site/deploy-keys").json()["items"]
    assert listed[0]["last_used_at"] is not None
    with database_calls() as calls:
        for _ in range(3):
            ci.get("/v1/projects/site")
    assert "UpdateItem" not in calls


def test_the_rate_of_a_key_is_known_to_whoever_counts(api, owner):
    from chalicelib.identity.actions import authenticate

    secret = service(owner, rate_per_minute=300)["secret"]
    assert authenticate(secret).rate_per_minute == 300
