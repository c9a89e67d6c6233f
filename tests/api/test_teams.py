"""Teams and their members, through the whole API."""

from __future__ import annotations

import pytest

from chalicelib.teams.actions import Membership, add_member
from tests.fakes.people import api_key, member, person


def team(owner, name="Rockets", **more):
    answer = owner.client.post("/v1/teams", {"name": name, **more})
    assert answer.status == 201, answer.text
    return answer.json()


def with_factor(somebody):
    """The same person in a session that was signed in with a second factor."""
    from chalicelib.identity.actions.sessions import start
    from chalicelib.identity.rows import Proof, user_of

    tokens = start(user_of(somebody.id), Proof("passkey", strong=True))
    return somebody.client.with_token(tokens.access_token)


def aged(monkeypatch, seconds):
    from chalicelib.core import clock

    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + seconds)


def roles(owner, of):
    found = owner.client.get(f"/v1/teams/{of}/members").json()["items"]
    return {m["user"]: m["role"] for m in found}


def test_a_team_is_made_shown_and_found_by_its_slug(owner):
    made = team(owner)
    assert (made["slug"], made["role"], made["plan"]) == ("rockets", "owner", "free")
    shown = owner.client.get("/v1/teams/rockets")
    assert shown.json() == made
    assert shown.headers["ETag"] == '"1"'
    assert owner.client.get("/v1/teams/rockets", headers={"If-None-Match": '"1"'}).status == 304


def test_a_slug_is_made_unless_it_is_named(owner):
    assert team(owner)["slug"] != team(owner)["slug"]
    team(owner, slug="mine")
    again = owner.client.post("/v1/teams", {"name": "x", "slug": "mine"})
    assert (again.status, again.code) == (409, "slug_taken")
    assert owner.client.post("/v1/teams", {"name": "x", "slug": "api"}).status == 422


def test_privileged_fields_are_no_fields(owner):
    for name in ("role", "plan", "status", "owner", "id", "sso_enforced", "policies", "version"):
        answer = owner.client.post("/v1/teams", {"name": "x", name: "owner"})
        assert (answer.status, answer.code) == (400, "unknown_field"), name
        changed = owner.client.patch(f"/v1/teams/{owner.team}", {name: "owner"})
        assert (changed.status, changed.code) == (400, "unknown_field"), name


def test_a_key_makes_no_teams(owner):
    answer = api_key(owner).post("/v1/teams", {"name": "x"})
    assert (answer.status, answer.code) == (403, "session_required")


def test_changes_need_the_version_that_was_read(owner):
    made = team(owner)
    path = f"/v1/teams/{made['id']}"
    changes = {
        "name": "Two",
        "logo_url": "https://example.com/logo.png",
        "billing_email": "Bills@Example.com",
    }
    changed = owner.client.patch(path, changes, headers={"If-Match": '"1"'})
    assert changed.status == 200, changed.text
    assert changed.json()["billing_email"] == "bills@example.com"
    assert changed.headers["ETag"] == '"2"'
    late = owner.client.patch(path, {"name": "Three"}, headers={"If-Match": '"1"'})
    assert (late.status, late.code, late.headers["ETag"]) == (409, "conflict", '"2"')
    emptied = owner.client.patch(path, {"logo_url": None}).json()
    assert (emptied["logo_url"], emptied["name"]) == (None, "Two")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": ""},
        {"mfa_required": None},
        {"logo_url": "http://example.com/logo.png"},
        {"logo_url": "javascript:alert(1)"},
        {"logo_url": "https://me@example.com/x"},
        {"logo_url": "https://example.com/a b"},
        {"billing_email": "nobody"},
    ],
)
def test_bad_changes(owner, changes):
    assert owner.client.patch(f"/v1/teams/{owner.team}", changes).status == 422


def test_bills_are_not_for_everybody(api, owner):
    owner.client.patch(f"/v1/teams/{owner.team}", {"billing_email": "bills@example.com"})
    seen = {
        role: member(api, owner, role).client.get(f"/v1/teams/{owner.team}").json()["billing_email"]
        for role in ("viewer", "developer", "billing", "admin")
    }
    assert seen == {
        "viewer": None,
        "developer": None,
        "billing": "bills@example.com",
        "admin": "bills@example.com",
    }


def test_nobody_locks_themselves_out_by_asking_for_a_second_factor(api, owner):
    path = f"/v1/teams/{owner.team}"
    without = owner.client.patch(path, {"mfa_required": True})
    assert (without.status, without.code) == (409, "mfa_first")
    assert owner.client.patch(path, {"mfa_required": False}).status == 200  # changes nothing
    strong = with_factor(owner)
    assert strong.patch(path, {"mfa_required": True}).json()["mfa_required"] is True
    assert owner.client.get(path).code == "mfa_required"
    assert strong.get(path).status == 200
    assert strong.patch(path, {"mfa_required": False}).status == 200
    assert owner.client.get(path).status == 200


def test_a_team_with_projects_stays(owner):
    made = team(owner)
    path = f"/v1/teams/{made['id']}"
    project = owner.client.post("/v1/projects", {"name": "p", "team": made["id"]}).json()
    refused = owner.client.delete(path)
    assert (refused.status, refused.code) == (409, "team_not_empty")
    assert owner.client.delete(f"/v1/projects/{project['id']}").status == 204
    assert owner.client.delete(path).status == 204
    assert owner.client.get(path).code == "team_not_found"
    assert owner.client.delete(path).code == "team_not_found"
    assert made["id"] not in [t["id"] for t in owner.client.get("/v1/teams").json()["items"]]
    assert made["id"] not in [t["id"] for t in owner.client.get("/v1/me").json()["teams"]]


def test_what_belonged_to_a_deleted_team_is_worth_nothing(api, owner):
    made = team(owner, slug="gone")
    service = {"name": "s", "team": made["id"], "kind": "service", "role": "admin"}
    token = owner.client.post("/v1/keys", service).json()["secret"]
    key = owner.client.post("/v1/keys", {"name": "k", "team": made["id"]}).json()["secret"]
    assert owner.client.delete(f"/v1/teams/{made['id']}").status == 204
    for secret in (token, key):
        assert api.with_token(secret).get("/v1/teams").code == "token_revoked"
    refused = owner.client.post("/v1/projects", {"name": "p", "team": made["id"]})
    assert (refused.status, refused.code) == (404, "team_not_found")
    assert team(owner, slug="gone")["id"] != made["id"]  # the slug is free again


def test_ones_own_team_stays(owner):
    refused = owner.client.delete(f"/v1/teams/{owner.team}")
    assert (refused.status, refused.code) == (409, "home_team")


def test_what_can_do_harm_asks_for_a_fresh_proof(api, owner, monkeypatch):
    made = team(owner)
    other = person(api)
    aged(monkeypatch, 11 * 60)
    for answer in (
        owner.client.delete(f"/v1/teams/{made['id']}"),
        owner.client.post(f"/v1/teams/{made['id']}/transfer", {"to": other.id}),
        owner.client.post("/v1/keys", {"name": "k"}),
    ):
        assert (answer.status, answer.code) == (401, "step_up_required")
    assert owner.client.get(f"/v1/teams/{made['id']}").status == 200


def test_members_are_listed_page_by_page(api, owner):
    made = {owner.id: "owner", **{member(api, owner, r).id: r for r in ("admin", "viewer")}}
    found, cursor = {}, ""
    while cursor is not None:
        page = owner.client.get(f"/v1/teams/{owner.team}/members?limit=1{cursor}").json()
        found |= {m["user"]: m["role"] for m in page["items"]}
        cursor = page["next"] and f"&cursor={page['next']}"
    assert found == made


def test_only_those_who_manage_members_see_who_has_a_second_factor(api, owner):
    viewer = member(api, owner, "viewer")
    path = f"/v1/teams/{owner.team}/members"
    assert {m["mfa"] for m in owner.client.get(path).json()["items"]} == {False}
    seen = viewer.client.get(path).json()["items"]
    assert {m["mfa"] for m in seen} == {None}
    assert {m["email"] for m in seen} == {owner.email, viewer.email}


def test_a_role_counts_from_the_next_request_on(api, owner):
    somebody = member(api, owner, "developer")
    path = f"/v1/teams/{owner.team}/members/{somebody.id}"
    wish = {"name": "p", "team": owner.team}
    assert somebody.client.post("/v1/projects", wish).status == 201
    changed = owner.client.patch(path, {"role": "viewer"})
    assert (changed.status, changed.json()["role"]) == (200, "viewer")
    assert somebody.client.post("/v1/projects", wish).code == "missing_permission"
    assert owner.client.delete(path).status == 204
    assert somebody.client.get(f"/v1/projects?team={owner.team}").code == "team_not_found"
    assert owner.client.delete(path).code == "member_not_found"
    assert owner.client.patch(path, {"role": "viewer"}).code == "member_not_found"


def test_members_can_be_named_by_e_mail(api, owner):
    somebody = member(api, owner, "viewer")
    path = f"/v1/teams/{owner.team}/members/"
    assert owner.client.patch(path + somebody.email, {"role": "admin"}).status == 200
    assert owner.client.patch(path + "nobody@example.com", {"role": "admin"}).status == 404
    assert owner.client.patch(path + person(api).email, {"role": "admin"}).status == 404
    assert owner.client.delete(path + somebody.email).status == 204


def test_nobody_gives_what_they_do_not_have(api, owner):
    admin, other = member(api, owner, "admin"), member(api, owner, "viewer")
    path = f"/v1/teams/{owner.team}/members/"
    expected = {
        "owner": "owner_only",
        "billing": "role_above_yours",  # may pay, which an admin may not
        "admin": "",
        "developer": "",
        "viewer": "",
    }
    for role, code in expected.items():
        assert admin.client.patch(path + other.id, {"role": role}).code == code, role
        invited = {"email": f"{role}@example.com", "role": role}
        assert admin.client.post(f"/v1/teams/{owner.team}/invitations", invited).code == code
        service = {"name": "s", "team": owner.team, "kind": "service", "role": role}
        assert admin.client.post("/v1/keys", service).code == code
    for answer in (
        admin.client.patch(path + owner.id, {"role": "viewer"}),
        admin.client.delete(path + owner.id),
    ):
        assert (answer.status, answer.code) == (403, "owner_only")
    assert admin.client.patch(path + other.id, {"role": "king"}).status == 422


@pytest.mark.parametrize("role", ["viewer", "billing", "developer", "admin"])
def test_everybody_may_leave(api, owner, role):
    somebody = member(api, owner, role)
    assert somebody.client.delete(f"/v1/teams/{owner.team}/members/{somebody.id}").status == 204
    assert somebody.client.get(f"/v1/teams/{owner.team}").code == "team_not_found"


def test_a_key_does_not_leave_for_its_owner(api, owner):
    somebody = member(api, owner, "developer")
    key = api_key(somebody, team=owner.team)
    answer = key.delete(f"/v1/teams/{owner.team}/members/{somebody.id}")
    assert (answer.status, answer.code) == (403, "missing_permission")


def test_the_last_owner_and_whose_own_team_it_is_stay(api, owner):
    made = team(owner)
    last = owner.client.delete(f"/v1/teams/{made['id']}/members/{owner.id}")
    assert (last.status, last.code) == (409, "last_owner")
    demoted = owner.client.patch(f"/v1/teams/{made['id']}/members/{owner.id}", {"role": "admin"})
    assert (demoted.status, demoted.code) == (409, "last_owner")
    second = member(api, owner, "owner")
    for client in (owner.client, second.client):
        home = client.delete(f"/v1/teams/{owner.team}/members/{owner.id}")
        assert (home.status, home.code) == (409, "home_team")


def test_a_viewer_removes_nobody_else(api, owner):
    viewer, other = member(api, owner, "viewer"), member(api, owner, "viewer")
    answer = viewer.client.delete(f"/v1/teams/{owner.team}/members/{other.id}")
    assert (answer.status, answer.code) == (403, "missing_permission")


def test_ownership_changes_hands_in_one_moment(api, owner):
    heir, outside = member(api, owner, "developer"), person(api)
    path = f"/v1/teams/{owner.team}/transfer"
    assert owner.client.post(path, {"to": outside.id}).code == "member_not_found"
    assert owner.client.post(path, {"to": owner.id}).code == "already_owner"
    assert heir.client.post(path, {"to": heir.id}).code == "missing_permission"
    done = owner.client.post(path, {"to": heir.email})
    assert (done.status, done.json()["role"]) == (200, "admin")
    assert roles(heir, owner.team) == {owner.id: "admin", heir.id: "owner"}
    assert owner.client.post(path, {"to": heir.id}).code == "missing_permission"


def test_keys_of_who_left_do_not_come_back_with_them(api, owner):
    somebody = member(api, owner, "developer")
    key = api_key(somebody, team=owner.team)
    path = f"/v1/teams/{owner.team}/members/{somebody.id}"
    assert owner.client.delete(path).status == 204
    add_member(Membership(owner.team, owner.id, "owner"), somebody.id, "developer")
    assert key.get("/v1/teams").code == "token_revoked"
    assert somebody.client.get(f"/v1/teams/{owner.team}").status == 200


def test_a_key_that_no_list_showed_when_its_owner_left(api, owner):
    from chalicelib.teams import rows

    somebody = member(api, owner, "developer")
    key = api_key(somebody, team=owner.team)
    rows.member_of(owner.team, somebody.id).delete()  # all that a lagging index leaves to happen
    assert key.get(f"/v1/projects?team={owner.team}").code == "team_not_found"
    add_member(Membership(owner.team, owner.id, "owner"), somebody.id, "developer")
    assert key.get(f"/v1/projects?team={owner.team}").code == "token_revoked"
