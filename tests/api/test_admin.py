"""Running an installation: accounts, teams, and who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core import clock, directory
from chalicelib.identity.rows import UserRow, user_of
from chalicelib.teams.rows import TeamRow, team_of
from chalicelib.teams.rules.plans import in_force
from tests.fakes.people import PASSWORD, api_key, member, person

WHY = {"reason": "a test"}


def administrator(api, email=None):
    from chalicelib.identity.actions.users import make_admin

    somebody = person(api, email)
    make_admin(user_of(somebody.id))
    return somebody


@pytest.fixture
def root(api):
    return administrator(api, "root@example.com")


@pytest.fixture
def told(monkeypatch):
    """What goes into the logs of teams, and what a recorder is told."""
    from chalicelib.admin.actions import teams
    from chalicelib.core import http

    seen = {"teams": [], "requests": []}

    class Recorder:
        def open(self, trail):
            pass

        def close(self, trail):
            seen["requests"].append(trail)

        def discard(self, trail):
            pass

    http.record_with(Recorder())
    monkeypatch.setattr(teams, "record", lambda *a, **k: seen["teams"].append((a, k)))
    return seen


# -- who may ---------------------------------------------------------------------------------------


def test_only_administrators(api, owner, root):
    for path in ("/v1/admin/users", "/v1/admin/teams", f"/v1/admin/users/{owner.id}"):
        refused = owner.client.get(path)
        assert (refused.status, refused.code) == (403, "admin_only")
        assert root.client.get(path).status == 200


def test_it_holds_at_the_next_request(api, root):
    other = administrator(api)
    assert other.client.get("/v1/admin/users").status == 200
    assert root.client.put(f"/v1/admin/users/{other.id}/admin", {"admin": False}).status == 200
    assert other.client.get("/v1/admin/users").code == "admin_only"


def test_a_key_needs_the_scope_by_name(api, root, owner):
    assert api_key(root).get("/v1/admin/users").status == 403
    reads = api_key(root, scopes=["admin.read"])
    assert reads.get("/v1/admin/users").status == 200
    assert reads.post(f"/v1/admin/users/{owner.id}/suspend", WHY).status == 403
    assert api_key(owner, scopes=["admin.read"]).get("/v1/admin/users").code == "admin_only"
    manages = api_key(root, scopes=["admin.manage"])
    assert manages.post(f"/v1/admin/users/{owner.id}/suspend", WHY).status == 200


def test_no_role_in_a_team_has_it(api, root):
    from chalicelib.teams.rules import INSTALLATION, PERMISSIONS

    assert all(not INSTALLATION & permissions for permissions in PERMISSIONS.values())


def test_changes_ask_for_a_fresh_proof(api, root, owner, monkeypatch):
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda ahead=0: real(ahead) + 11 * 60)
    refused = root.client.post(f"/v1/admin/users/{owner.id}/suspend", WHY)
    assert (refused.status, refused.code) == (401, "step_up_required")
    assert root.client.get("/v1/admin/users").status == 200


# -- accounts --------------------------------------------------------------------------------------


def emails(answer):
    assert answer.status == 200, answer.text
    return [item["email"] for item in answer.json()["items"]]


def test_everybody_in_order_page_by_page(api, root):
    made = sorted([person(api, f"p{n:02}@example.com").email for n in range(13)] + [root.email])
    found, cursor = [], ""
    while cursor is not None:
        page = root.client.get(f"/v1/admin/users?limit=5{cursor and '&cursor=' + cursor}")
        found += emails(page)
        cursor = page.json()["next"]
    assert found == made


def test_looking_for_somebody(api, root):
    for address in ("ada@x.example", "adam@x.example", "bob@x.example"):
        person(api, address)
    UserRow("USER#" + user_id(root, "bob@x.example"), "PROFILE").update(
        actions=[UserRow.name.set("Robert Adams")]
    )
    ask = root.client.get
    assert emails(ask("/v1/admin/users?query=ADA@")) == ["ada@x.example"]
    assert emails(ask("/v1/admin/users?query=adam")) == ["adam@x.example", "bob@x.example"]
    assert emails(ask("/v1/admin/users?query=nobody")) == []
    assert emails(ask("/v1/admin/users?admin=true")) == [root.email]
    assert emails(ask("/v1/admin/users?status=suspended")) == []
    root.client.post(f"/v1/admin/users/{user_id(root, 'ada@x.example')}/suspend", WHY)
    assert emails(ask("/v1/admin/users?status=suspended")) == ["ada@x.example"]
    assert ask("/v1/admin/users?status=gone").status == 422


def user_id(root, email):
    return root.client.get(f"/v1/admin/users/{email}").json()["id"]


def test_a_page_looks_at_so_many_and_goes_on(api, root, monkeypatch):
    from chalicelib.admin.actions import users

    for number in range(6):
        person(api, f"p{number}@example.com")
    person(api, "zoe@example.com")
    monkeypatch.setattr(users, "EXAMINED", 4)
    monkeypatch.setattr(users, "_STEP", 2)
    first = root.client.get("/v1/admin/users?query=zoe").json()
    assert first["items"] == []
    second = root.client.get(f"/v1/admin/users?query=zoe&cursor={first['next']}").json()
    assert [item["email"] for item in second["items"]] == ["zoe@example.com"]


def test_those_who_were_here_before_the_list(api, root):
    old, moved = person(api, "old@example.com"), person(api, "moved@example.com")
    UserRow(f"USER#{old.id}", "PROFILE").update(
        actions=[UserRow.gsi2pk.remove(), UserRow.gsi2sk.remove()]
    )
    UserRow(f"USER#{moved.id}", "PROFILE").update(actions=[UserRow.email.set("new@example.com")])
    listed = emails(root.client.get("/v1/admin/users"))
    assert "old@example.com" not in listed
    assert old.client.get("/v1/me").status == 200
    assert moved.client.get("/v1/me").status == 200
    assert emails(root.client.get("/v1/admin/users")) == [
        "new@example.com",
        "old@example.com",
        "root@example.com",
    ]
    assert UserRow.get(f"USER#{old.id}", "PROFILE").email == "old@example.com"


def test_listing_somebody_costs_nothing_when_they_are(api, owner):
    from tests.fakes.counting import database_calls

    with database_calls() as calls:
        directory.keep(user_of(owner.id), "USERS", owner.id, owner.email)
    assert calls == ["GetItem"]  # which is `user_of`


def test_an_account_with_what_belongs_to_it_and_no_hash(api, root, owner):
    api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD})
    answer = root.client.get(f"/v1/admin/users/{owner.id}")
    found = answer.json()
    assert found["sessions"] == 2
    assert found["teams"] == [
        {"id": owner.team, "slug": found["teams"][0]["slug"], "name": "Ada's team", "role": "owner"}
    ]
    assert found["has_password"] is True
    assert "argon2" not in answer.text
    assert root.client.get("/v1/admin/users/usr_" + "0" * 26).code == "user_not_found"
    assert root.client.get("/v1/admin/users/nobody@example.com").code == "user_not_found"


def test_a_suspended_account_is_out_and_comes_back(api, root, owner):
    key = api_key(owner)
    second = api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD}).json()
    answer = root.client.post(f"/v1/admin/users/{owner.email}/suspend", WHY)
    assert answer.json()["status"] == "suspended"
    assert owner.client.get("/v1/me").code == "token_revoked"
    assert api.with_token(second["access_token"]).get("/v1/me").code == "token_revoked"
    assert api.post("/v1/auth/refresh", {"refresh_token": second["refresh_token"]}).status == 401
    assert key.get("/v1/projects").code == "token_revoked"
    login = {"email": owner.email, "password": PASSWORD}
    assert api.post("/v1/auth/login", login).code == "account_suspended"
    assert root.client.get(f"/v1/admin/users/{owner.id}").json()["sessions"] == 0
    restored = root.client.post(f"/v1/admin/users/{owner.id}/restore", WHY)
    assert restored.json()["status"] == "active"
    assert owner.client.get("/v1/me").code == "token_revoked"  # over for good
    assert key.get("/v1/projects").status == 200
    assert api.post("/v1/auth/login", login).status == 200


def test_whoever_waited_for_a_mail_waits_again(api, root, owner):
    UserRow(f"USER#{owner.id}", "PROFILE").update(actions=[UserRow.status.set("pending")])
    root.client.post(f"/v1/admin/users/{owner.id}/suspend", WHY)
    restored = root.client.post(f"/v1/admin/users/{owner.id}/restore", WHY)
    assert restored.json()["status"] == "pending"


def test_a_reason_is_asked_for(api, root, owner):
    assert root.client.post(f"/v1/admin/users/{owner.id}/suspend", {}).status == 422


def test_nobody_takes_it_from_themselves(api, root):
    for answer in (
        root.client.post(f"/v1/admin/users/{root.id}/suspend", WHY),
        root.client.put(f"/v1/admin/users/{root.email}/admin", {"admin": False}),
    ):
        assert (answer.status, answer.code) == (409, "own_account")
    assert root.client.get("/v1/admin/users").status == 200


def test_two_who_suspend_each_other_leave_one(api, root):
    other = administrator(api)

    def suspend(pair):
        by, whom = pair
        return by.client.post(f"/v1/admin/users/{whom.id}/suspend", WHY).status

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(suspend, [(root, other), (other, root)]))
    states = [user_of(root.id).status, user_of(other.id).status]
    assert states.count("active") >= 1


def test_somebody_who_was_demoted_meanwhile_changes_nothing(api, root, owner, monkeypatch):
    from chalicelib.admin.actions import users
    from chalicelib.admin.actions.authority import Administrator
    from chalicelib.core.errors import Forbidden

    UserRow(f"USER#{root.id}", "PROFILE").update(actions=[UserRow.admin.set(False)])
    with pytest.raises(Forbidden) as refused:
        users.suspend_user(Administrator(root.id), user_of(owner.id))
    assert refused.value.code == "admin_only"
    assert user_of(owner.id).status == "active"


def test_making_somebody_administrator(api, root, owner):
    assert root.client.put(f"/v1/admin/users/{owner.id}/admin", {"admin": True}).json()["admin"]
    assert owner.client.get("/v1/admin/users").status == 200
    third = person(api)
    root.client.post(f"/v1/admin/users/{third.id}/suspend", WHY)
    refused = root.client.put(f"/v1/admin/users/{third.id}/admin", {"admin": True})
    assert (refused.status, refused.code) == (409, "account_not_active")


# -- teams -----------------------------------------------------------------------------------------


def test_teams_in_order_and_by_name(api, root, owner):
    slugs = sorted(team_of(one.team).slug for one in (root, owner))
    found = root.client.get("/v1/admin/teams").json()
    assert [team["slug"] for team in found["items"]] == slugs
    wanted = team_of(owner.team).slug
    found = root.client.get(f"/v1/admin/teams?query={wanted.upper()}").json()
    assert [team["id"] for team in found["items"]] == [owner.team]


def test_a_team_from_before_the_list(api, root, owner):
    TeamRow(f"TEAM#{owner.team}", "META").update(
        actions=[TeamRow.gsi2pk.remove(), TeamRow.gsi2sk.remove()]
    )
    assert len(root.client.get("/v1/admin/teams").json()["items"]) == 1
    owner.client.get("/v1/me")
    assert len(root.client.get("/v1/admin/teams").json()["items"]) == 2


def test_suspending_a_team_and_back(api, root, owner, told):
    path = f"/v1/admin/teams/{team_of(owner.team).slug}"
    assert root.client.post(f"{path}/suspend", WHY).json()["status"] == "suspended"
    assert team_of(owner.team).status == "suspended"
    found = root.client.get("/v1/admin/teams?status=suspended").json()["items"]
    assert [team["id"] for team in found] == [owner.team]
    assert root.client.post(f"{path}/suspend", WHY).status == 200  # and leaves no row
    assert root.client.post(f"{path}/restore", WHY).json()["status"] == "active"
    kept = [trail for trail in told["requests"] if trail.kept]
    assert [trail.action for trail in kept] == ["admin.suspend_team", "admin.restore_team"]
    assert all(trail.team == "" and trail.resource == owner.team for trail in kept)
    assert [given[1:4] for given, _ in told["teams"]] == [
        (owner.team, "admin.suspend_team", owner.team),
        (owner.team, "admin.restore_team", owner.team),
    ]
    assert told["teams"][0][1]["actor"].ip == ""
    assert told["teams"][0][1]["after"] == {"status": "suspended", "reason": "a test"}


def test_a_plan_for_a_while(api, root, owner, told, monkeypatch):
    path = f"/v1/admin/teams/{owner.team}"
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {"plan": "business", "until": until, "reason": "a trial"}
    answer = root.client.patch(path, body).json()
    assert (answer["plan"], answer["granted_plan"]) == ("business", "business")
    assert told["requests"][-1].before == {"plan": "free", "until": None}
    real = clock.epoch
    with monkeypatch.context() as later:
        later.setattr(clock, "epoch", lambda ahead=0: real(ahead) + 2 * 86400)
        row = team_of(owner.team)
        assert in_force(row.plan, row.granted_plan, row.granted_until, clock.epoch()) == "free"
    answer = root.client.patch(path, {"plan": None, "reason": "over"}).json()
    assert (answer["plan"], answer["granted_plan"], answer["granted_until"]) == ("free", None, None)


@pytest.mark.parametrize(
    "body",
    [
        {"plan": "gold", "reason": "x"},
        {"plan": "pro"},
        {"plan": "pro", "until": "2001-01-01T00:00:00Z", "reason": "x"},
        {"plan": "pro", "until": "2101-01-01T00:00:00", "reason": "x"},
        {"plan": None, "until": "2101-01-01T00:00:00Z", "reason": "x"},
    ],
)
def test_plans_that_are_none(api, root, owner, body):
    assert root.client.patch(f"/v1/admin/teams/{owner.team}", body).status == 422


def test_changes_of_accounts_stand_in_the_log_of_the_installation(api, root, owner, told):
    root.client.post(f"/v1/admin/users/{owner.email}/suspend", WHY)
    trail = told["requests"][-1]
    assert (trail.action, trail.team, trail.resource) == ("admin.suspend_user", "", owner.id)
    assert trail.before == {"status": "active"}
    assert trail.after == {"status": "suspended", "reason": "a test"}


def test_members_of_other_roles_see_nothing(api, owner, root):
    somebody = member(api, owner, "admin")
    assert somebody.client.get("/v1/admin/teams").code == "admin_only"
