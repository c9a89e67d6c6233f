"""Invitations, from the mail to the membership."""

from __future__ import annotations

import json
import re

import pytest

from chalicelib.core.actor import Actor
from chalicelib.teams import actions
from tests.fakes.people import api_key, member, person
from tests.fakes.post import last_to


def invite(owner, email, role="developer"):
    return owner.client.post(f"/v1/teams/{owner.team}/invitations", {"email": email, "role": role})


def mailed(services, email):
    """The token in the newest mail to an address."""
    return re.search(r"inv_[\w-]{43}", services.mail.to(email)[-1].text)[0]


def accept(somebody, token):
    return somebody.client.post("/v1/invitations/accept", {"token": token})


def look(api, token):
    return api.post("/v1/invitations/look", {"token": token})


def listed(owner):
    items = owner.client.get(f"/v1/teams/{owner.team}/invitations").json()["items"]
    return {i["email"]: i["state"] for i in items}


@pytest.fixture
def bob(api):
    return person(api, "bob@example.com")


def invite_before(owner, email, days, monkeypatch):
    """Invite as if it had been so many days ago."""
    from chalicelib.core import clock

    real = clock.epoch
    with monkeypatch.context() as patch:
        patch.setattr(clock, "epoch", lambda shift=0: real(shift) - int(days * 86400))
        actor = Actor(kind="user", id=owner.id, user=owner.id)
        actions.invite(actor, actions.Membership(owner.team, owner.id, "owner"), email, "viewer")


def test_the_whole_way(api, services, owner, bob):
    answer = invite(owner, "Bob@Example.com")
    assert (answer.status, answer.json()["state"]) == (201, "open")
    assert "inv_" not in answer.json()["email"]
    token = mailed(services, bob.email)
    mail = services.mail.to(bob.email)[-1]
    assert mail.kind == "invitation"
    assert owner.email in mail.text
    seen = look(api, token).json()
    assert (seen["team"], seen["email"], seen["role"]) == (owner.team, bob.email, "developer")
    joined = accept(bob, token)
    assert (joined.status, joined.json()["role"]) == (200, "developer")
    assert bob.client.get(f"/v1/teams/{owner.team}").status == 200
    assert listed(owner) == {}
    assert accept(bob, token).json() == joined.json()
    assert look(api, token).code == "invitation_not_found"


def test_a_token_is_nowhere_but_in_the_mail(services, owner, database):
    answer = invite(owner, "bob@example.com")
    token = mailed(services, "bob@example.com")
    assert token not in answer.text
    assert token not in owner.client.get(f"/v1/teams/{owner.team}/invitations").text
    for table in ("test-core", "test-events", "test-usage"):
        dump = json.dumps(database.scan(TableName=table)["Items"], default=str)
        assert token not in dump
        assert token[4:] not in dump


def test_it_is_for_one_address(api, services, owner, bob):
    invite(owner, bob.email)
    token = mailed(services, bob.email)
    refused = accept(person(api), token)
    assert (refused.status, refused.code) == (403, "invitation_for_another_address")
    assert bob.email not in refused.text
    assert accept(bob, token).status == 200


def test_a_key_accepts_nothing(services, owner, bob):
    invite(owner, bob.email)
    answer = api_key(bob).post("/v1/invitations/accept", {"token": mailed(services, bob.email)})
    assert (answer.status, answer.code) == (403, "session_required")


def test_inviting_again_replaces_the_token(api, services, owner, bob):
    first = invite(owner, bob.email, "viewer")
    old = mailed(services, bob.email)
    second = invite(owner, bob.email, "admin")
    new = mailed(services, bob.email)
    assert old != new
    assert len(services.mail.to(bob.email)) == 2
    assert first.json()["id"] != second.json()["id"]
    assert listed(owner) == {bob.email: "open"}
    assert look(api, old).code == accept(bob, old).code == "invitation_not_found"
    assert accept(bob, new).json()["role"] == "admin"


def test_who_is_in_the_team_is_not_invited(api, owner):
    somebody = member(api, owner, "viewer")
    assert invite(owner, somebody.email).code == "already_member"


def test_a_revoked_one_is_as_if_it_never_was(api, services, owner, bob):
    made = invite(owner, bob.email).json()
    token = mailed(services, bob.email)
    path = f"/v1/teams/{owner.team}/invitations/{made['id']}"
    assert owner.client.delete(path).status == 204
    assert owner.client.delete(path).code == "invitation_not_found"
    revoked, absent = accept(bob, token).json(), accept(bob, "inv_" + "A" * 43).json()
    assert revoked.pop("request_id") != absent.pop("request_id")
    assert revoked == absent
    assert look(api, token).code == "invitation_not_found"


def test_of_another_team(api, owner, bob):
    made = invite(owner, "eve@example.com").json()
    path = f"/v1/teams/{bob.team}/invitations/{made['id']}"
    assert bob.client.delete(path).code == "invitation_not_found"
    assert listed(owner) == {"eve@example.com": "open"}


def test_seven_days(api, services, owner, bob, monkeypatch):
    invite_before(owner, bob.email, 7.01, monkeypatch)
    token = mailed(services, bob.email)
    late = accept(bob, token)
    assert (late.status, late.code) == (409, "invitation_expired")
    assert look(api, token).code == "invitation_expired"
    assert listed(owner) == {bob.email: "expired"}
    invite_before(owner, bob.email, 6.99, monkeypatch)
    assert accept(bob, mailed(services, bob.email)).status == 200


def test_what_has_no_shape_costs_no_read(api, owner):
    from tests.fakes.counting import database_calls

    with database_calls() as calls:
        for token in ("", "x", "inv_", "inv_" + "A" * 42, "inv_" + "ä" * 43):
            assert look(api, token).code in {"invitation_not_found", "invalid_request"}
    assert "GetItem" not in calls
    assert "BatchGetItem" not in calls


def test_an_invitation_is_worth_what_its_sender_may_give(api, services, owner, bob):
    admin = member(api, owner, "admin")
    path = f"/v1/teams/{owner.team}/members/{admin.id}"

    def invited():
        answer = admin.client.post(
            f"/v1/teams/{owner.team}/invitations", {"email": bob.email, "role": "admin"}
        )
        assert answer.status == 201, answer.text
        return mailed(services, bob.email)

    token = invited()
    owner.client.patch(path, {"role": "developer"})
    assert accept(bob, token).code == look(api, token).code == "invitation_not_found"
    owner.client.patch(path, {"role": "admin"})
    assert look(api, token).status == 200
    assert owner.client.delete(path).status == 204
    assert accept(bob, token).code == "invitation_not_found"
    assert listed(owner) == {}


def test_who_left_does_not_return_by_an_old_mail(services, owner, bob):
    invite(owner, bob.email)
    token = mailed(services, bob.email)
    assert accept(bob, token).status == 200
    assert bob.client.delete(f"/v1/teams/{owner.team}/members/{bob.id}").status == 204
    assert accept(bob, token).code == "invitation_not_found"
    assert invite(owner, bob.email).status == 201
    assert accept(bob, mailed(services, bob.email)).status == 200


def test_a_role_that_was_given_otherwise_is_kept(services, owner, bob):
    from chalicelib.teams.actions import Membership, add_member

    invite(owner, bob.email, "admin")
    add_member(Membership(owner.team, owner.id, "owner"), bob.id, "viewer")
    assert accept(bob, mailed(services, bob.email)).json()["role"] == "viewer"


def test_into_a_deleted_team(api, services, owner, bob):
    made = owner.client.post("/v1/teams", {"name": "Gone"}).json()
    wish = {"email": bob.email, "role": "admin"}
    assert owner.client.post(f"/v1/teams/{made['id']}/invitations", wish).status == 201
    token = mailed(services, bob.email)
    assert owner.client.delete(f"/v1/teams/{made['id']}").status == 204
    assert accept(bob, token).code == look(api, token).code == "invitation_not_found"


def test_fifty_and_no_more(services, owner):
    for number in range(50):
        assert invite(owner, f"p{number}@example.com").status == 201
    full = invite(owner, "one.more@example.com")
    assert (full.status, full.code) == (409, "too_many_invitations")
    assert services.mail.to("one.more@example.com") == []
    assert invite(owner, "p7@example.com").status == 201  # again is not one more
    found, cursor = set(), ""
    while cursor is not None:
        page = owner.client.get(f"/v1/teams/{owner.team}/invitations?limit=20{cursor}").json()
        found |= {i["email"] for i in page["items"]}
        cursor = page["next"] and f"&cursor={page['next']}"
    assert len(found) == 50


def test_when_no_mail_can_be_sent(services, owner, monkeypatch):
    def refuse(_message):
        raise OSError("the post office is closed")

    monkeypatch.setattr(services.mail, "send", refuse)
    answer = invite(owner, "bob@example.com")
    assert (answer.status, answer.code) == (503, "mail_unavailable")
    assert "post office" not in answer.text
    monkeypatch.undo()
    assert invite(owner, "bob@example.com").status == 201


def test_a_service_token_invites_as_long_as_it_lives(api, services, owner, bob):
    wish = {"name": "hr", "team": owner.team, "kind": "service", "role": "admin"}
    made = owner.client.post("/v1/keys", wish).json()
    machine = api.with_token(made["secret"])
    path = f"/v1/teams/{owner.team}/invitations"
    assert machine.post(path, {"email": bob.email, "role": "owner"}).code == "owner_only"
    assert machine.post(path, {"email": bob.email, "role": "viewer"}).status == 201
    token = mailed(services, bob.email)
    assert look(api, token).json()["invited_by"] == "A service token"
    assert owner.client.delete(f"/v1/keys/{made['id']}").status == 204
    assert accept(bob, token).code == "invitation_not_found"


def test_names_stay_on_one_line_of_the_mail(services, owner):
    from chalicelib.identity.rows import UserRow, user_of

    user_of(owner.id).update(actions=[UserRow.name.set("Ada\r\nBcc: all@example.com")])
    invite(owner, "bob@example.com")
    mail = services.mail.to("bob@example.com")[-1]
    assert "\n" not in mail.subject
    assert not [line for line in mail.text.splitlines() if line.startswith("Bcc")]


@pytest.mark.parametrize(
    "name",
    ["Click evil.example now", "https://x", "Win at evil\u3002example", "a@evil.example", "x/y"],
)
def test_no_name_brings_an_address_to_a_stranger(api, services, name):
    owner = person(api)
    assert owner.client.patch("/v1/me", {"name": name}).status == 200
    assert owner.client.patch(f"/v1/teams/{owner.team}", {"name": name}).status == 200
    assert invite(owner, "stranger@example.com").status == 201
    letter = services.mail.to("stranger@example.com")[-1]
    assert name not in letter.subject + letter.text
    assert owner.email in letter.text


def test_usual_names_stay(api, services):
    owner = person(api)
    owner.client.patch("/v1/me", {"name": "J. R. O'Neil-Łoś, Jr."})
    owner.client.patch(f"/v1/teams/{owner.team}", {"name": "Ünïcode & Söhne, Nr. 1"})
    invite(owner, "stranger@example.com")
    letter = services.mail.to("stranger@example.com")[-1]
    assert "Ünïcode & Söhne, Nr. 1" in letter.subject
    assert "J. R. O'Neil-Łoś, Jr." in letter.text


def test_nobody_is_flooded_with_invitations(api, owner, services):
    bob = "bob@example.com"
    assert [invite(owner, bob).status for _ in range(5)] == [201] * 5
    for somebody in (owner, person(api)):
        answer = invite(somebody, bob)
        assert (answer.status, answer.code) == (429, "too_many_letters")
        assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert len(services.mail.to(bob)) == 5
    assert look(api, mailed(services, bob)).status == 200
    assert invite(owner, "alice@example.com").status == 201
    # nobody is kept from a letter of their own by it
    person(api, bob)
    api.post("/v1/auth/reset", {"email": bob})
    assert last_to(services, bob).kind == "reset_password"
