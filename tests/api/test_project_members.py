"""Roles in one project: for members of the team, and for guests."""

from __future__ import annotations

import pytest

from tests.fakes.people import api_key, member, person


@pytest.fixture
def project(owner):
    return owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()


@pytest.fixture
def other(owner):
    return owner.client.post("/v1/projects", {"name": "other", "slug": "other"}).json()


def give(owner, project, somebody, role):
    return owner.client.put(
        f"/v1/projects/{project['id']}/members/{getattr(somebody, 'id', somebody)}", {"role": role}
    )


def take(owner, project, somebody):
    return owner.client.delete(f"/v1/projects/{project['id']}/members/{somebody.id}")


def given(owner, project):
    items = owner.client.get(f"/v1/projects/{project['id']}/members").json()["items"]
    return {m["user"]: m["role"] for m in items}


def test_a_guest_sees_one_project_and_nothing_else(api, owner, project, other):
    guest = person(api)
    assert guest.client.get("/v1/projects/site").code == "project_not_found"
    made = give(owner, project, guest, "viewer")
    assert (made.status, made.json()["email"], made.json()["role"]) == (200, guest.email, "viewer")
    assert guest.client.get("/v1/projects/site").status == 200
    assert guest.client.get(f"/v1/projects/{project['id']}/deployments").status == 200
    assert guest.client.patch("/v1/projects/site", {"name": "x"}).code == "missing_permission"
    assert guest.client.get("/v1/projects/site/env").code == "missing_permission"
    assert guest.client.get(f"/v1/projects/{other['id']}").code == "project_not_found"
    for path in (
        f"/v1/teams/{owner.team}",
        f"/v1/teams/{owner.team}/members",
        f"/v1/projects?team={owner.team}",
        f"/v1/keys?team={owner.team}",
    ):
        assert guest.client.get(path).code == "team_not_found", path
    wish = {"name": "p", "team": owner.team}
    assert guest.client.post("/v1/projects", wish).code == "team_not_found"
    mine = guest.client.get("/v1/me/projects").json()["items"]
    assert [(p["slug"], p["role"], p["team"]) for p in mine] == [("site", "viewer", owner.team)]
    assert owner.client.get("/v1/me/projects").json()["items"] == []


def test_a_role_counts_from_the_next_request_on(api, owner, project):
    guest = person(api)
    give(owner, project, guest, "developer")
    assert guest.client.patch("/v1/projects/site", {"name": "x"}).status == 200
    give(owner, project, guest, "viewer")
    assert guest.client.patch("/v1/projects/site", {"name": "y"}).code == "missing_permission"
    assert take(owner, project, guest).status == 204
    assert guest.client.get("/v1/projects/site").code == "project_not_found"
    assert take(owner, project, guest).code == "member_not_found"
    assert guest.client.get("/v1/me/projects").json()["items"] == []


def test_it_adds_to_the_role_in_the_team(api, owner, project, other):
    viewer = member(api, owner, "viewer")
    give(owner, project, viewer, "developer")
    assert viewer.client.patch("/v1/projects/site", {"name": "x"}).status == 200
    assert viewer.client.patch("/v1/projects/other", {"name": "x"}).code == "missing_permission"
    developer = member(api, owner, "developer")
    give(owner, project, developer, "viewer")  # takes nothing away
    assert developer.client.patch("/v1/projects/site", {"name": "y"}).status == 200


def test_a_projects_admin_manages_its_members_and_not_the_teams(api, owner, project, other):
    boss, guest = person(api), person(api)
    give(owner, project, boss, "admin")
    assert give(boss, project, guest, "admin").status == 200
    assert give(boss, other, guest, "viewer").code == "project_not_found"
    path = f"/v1/projects/{project['id']}/deploy-keys"
    assert boss.client.post(path, {"name": "ci"}).code == "missing_permission"
    invited = boss.client.post(
        f"/v1/teams/{owner.team}/invitations", {"email": "x@example.com", "role": "admin"}
    )
    assert invited.code == "team_not_found"
    assert (
        boss.client.patch(f"/v1/teams/{owner.team}/members/{boss.id}", {"role": "owner"}).code
        == "team_not_found"
    )
    assert take(boss, project, guest).status == 204


@pytest.mark.parametrize("role", ["developer", "viewer"])
def test_others_give_nothing(api, owner, project, role):
    somebody = person(api)
    give(owner, project, somebody, role)
    for answer in (
        give(somebody, project, somebody, "admin"),
        give(somebody, project, person(api), "viewer"),
    ):
        assert (answer.status, answer.code) == (403, "missing_permission")
    assert given(owner, project) == {somebody.id: role}


def test_by_e_mail_and_unknown_ones(api, owner, project):
    guest = person(api)
    assert give(owner, project, guest.email, "viewer").status == 200
    for unknown in ("nobody@example.com", "usr_" + "0" * 26, "nobody"):
        answer = give(owner, project, unknown, "viewer")
        assert (answer.status, answer.code) == (404, "user_not_found")
    for role in ("owner", "billing", "king"):
        assert give(owner, project, guest, role).status == 422


def test_one_gives_up_ones_own(api, owner, project):
    guest = person(api)
    give(owner, project, guest, "viewer")
    assert take(guest, project, guest).status == 204
    assert take(guest, project, guest).code == "project_not_found"


def test_who_leaves_the_team_loses_its_projects(api, owner, project):
    somebody = member(api, owner, "viewer")
    give(owner, project, somebody, "admin")
    assert owner.client.delete(f"/v1/teams/{owner.team}/members/{somebody.id}").status == 204
    assert somebody.client.get("/v1/projects/site").code == "project_not_found"
    assert given(owner, project) == {}


def test_more_roles_than_one_transaction_holds(api, owner):
    from chalicelib.teams import actions, rows

    somebody = member(api, owner, "viewer")
    by = actions.Membership(owner.team, owner.id, "owner")
    known = actions.person_named(somebody.id)
    for number in range(45):
        actions.set_project_role(by, f"prj_{number:026d}", known, "viewer")
    assert owner.client.delete(f"/v1/teams/{owner.team}/members/{somebody.id}").status == 204
    assert list(rows.grants_of(owner.team, somebody.id)) == []
    assert list(rows.project_members_of("prj_" + "0" * 26)) == []
    assert list(rows.project_members_of(f"prj_{44:026d}")) == []


def test_a_deleted_project_leaves_no_roles_and_no_keys(api, owner, project):
    from chalicelib.teams import rows

    guest = person(api)
    give(owner, project, guest, "admin")
    path = f"/v1/projects/{project['id']}/deploy-keys"
    key = owner.client.post(path, {"name": "ci"}).json()
    assert owner.client.delete(f"/v1/projects/{project['id']}").status == 204
    assert guest.client.get("/v1/me/projects").json()["items"] == []
    assert list(rows.project_members_of(project["id"])) == []
    assert list(rows.grants_of(owner.team, guest.id)) == []
    assert api.with_token(key["secret"]).get("/v1/me").code == "token_revoked"


def test_a_key_of_a_guest_stays_in_its_own_team(api, owner, project):
    guest = person(api)
    give(owner, project, guest, "admin")
    key = api_key(guest)
    assert key.get("/v1/projects/site").code == "project_not_found"
    assert key.get("/v1/me/projects").json()["items"] == []
    assert guest.client.post("/v1/keys", {"name": "k", "team": owner.team}).code == "team_not_found"


def test_members_of_a_project_are_listed_page_by_page(api, owner, project):
    for _ in range(3):
        give(owner, project, person(api), "viewer")
    path = f"/v1/projects/{project['id']}/members?limit=2"
    first = owner.client.get(path).json()
    second = owner.client.get(f"{path}&cursor={first['next']}").json()
    assert len({m["user"] for m in first["items"] + second["items"]}) == 3
    assert second["next"] is None
