"""Signing in, refreshing, signing out, API keys: through the whole API."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.counting import database_calls
from tests.fakes.people import PASSWORD, api_key, member, person


def test_me_shows_user_and_team(owner):
    answer = owner.client.get("/v1/me")
    assert answer.status == 200
    body = answer.json()
    assert body["user"] == {
        "id": owner.id,
        "email": owner.email,
        "name": "Ada",
        "avatar_url": None,
        "status": "active",
        "verified": True,
        "admin": False,
        "factors": 0,
        "version": 1,
    }
    assert [(t["id"], t["role"]) for t in body["teams"]] == [(owner.team, "owner")]
    assert body["via"] == "session"


def test_account_is_made_once(api):
    from chalicelib.teams.actions import create_owner_account

    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda _: create_owner_account("Ada@Example.com", "Ada", PASSWORD), range(4))
        )
    assert len({user.id for user in found}) == 1
    assert (
        api.post("/v1/auth/login", {"email": "ada@example.com", "password": PASSWORD}).status == 200
    )


def test_login_does_not_tell_accounts_apart(api, owner):
    wrong = api.post("/v1/auth/login", {"email": owner.email, "password": "not it, really"})
    nobody = api.post("/v1/auth/login", {"email": "no@example.com", "password": "not it, really"})
    assert wrong.status == nobody.status == 401
    a, b = wrong.json(), nobody.json()
    assert a.pop("request_id") != b.pop("request_id")
    assert a == b


def test_ten_failures_lock_for_a_while(api, owner):
    wrong = {"email": owner.email, "password": "not it, really"}
    assert [api.post("/v1/auth/login", wrong).status for _ in range(10)] == [401] * 10
    locked = api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD})
    assert (locked.status, locked.code) == (429, "too_many_attempts")
    assert 0 < int(locked.headers["Retry-After"]) <= 900


def test_success_clears_failures(api, owner):
    for _ in range(9):
        api.post("/v1/auth/login", {"email": owner.email, "password": "not it, really"})
    right = {"email": owner.email, "password": PASSWORD}
    assert [api.post("/v1/auth/login", right).status for _ in range(5)] == [200] * 5


def test_logout_ends_session_at_once(owner):
    assert owner.client.post("/v1/auth/logout").status == 204
    answer = owner.client.get("/v1/me")
    assert (answer.status, answer.code) == (401, "token_revoked")
    again = owner.client.post("/v1/auth/refresh", {"refresh_token": owner.tokens["refresh_token"]})
    assert again.code == "token_revoked"


def test_refresh_rotates(api, owner):
    first = owner.tokens["refresh_token"]
    answer = api.post("/v1/auth/refresh", {"refresh_token": first})
    assert answer.status == 200
    second = answer.json()
    assert second["refresh_token"] != first
    assert api.with_token(second["access_token"]).get("/v1/me").status == 200
    assert api.post("/v1/auth/refresh", {"refresh_token": second["refresh_token"]}).status == 200


def test_reuse_of_refresh_token_ends_the_family(api, owner):
    first = owner.tokens["refresh_token"]
    second = api.post("/v1/auth/refresh", {"refresh_token": first}).json()["refresh_token"]
    third = api.post("/v1/auth/refresh", {"refresh_token": second}).json()
    assert api.post("/v1/auth/refresh", {"refresh_token": first}).code == "token_revoked"
    assert api.post("/v1/auth/refresh", {"refresh_token": third["refresh_token"]}).status == 401
    assert api.with_token(third["access_token"]).get("/v1/me").code == "token_revoked"


def test_late_reuse_of_the_last_token_ends_the_family(api, owner, monkeypatch):
    from chalicelib.core import clock

    first = owner.tokens["refresh_token"]
    second = api.post("/v1/auth/refresh", {"refresh_token": first}).json()
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 60)
    assert api.post("/v1/auth/refresh", {"refresh_token": first}).code == "token_revoked"
    assert api.with_token(second["access_token"]).get("/v1/me").code == "token_revoked"


def test_fifty_parallel_refreshes_give_one_chain(api, owner):
    token = {"refresh_token": owner.tokens["refresh_token"]}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: api.post("/v1/auth/refresh", token), range(50)))
    won = [a for a in answers if a.status == 200]
    assert len(won) == 1
    assert {a.code for a in answers if a.status != 200} == {"refresh_superseded"}
    assert (
        api.post("/v1/auth/refresh", {"refresh_token": won[0].json()["refresh_token"]}).status
        == 200
    )


def test_a_guess_ends_nobodys_session(api, owner):
    session = owner.tokens["refresh_token"].split(".")[0]
    guess = f"{session}.{'A' * 22}.{'A' * 43}"
    assert api.post("/v1/auth/refresh", {"refresh_token": guess}).code == "token_invalid"
    assert owner.client.get("/v1/me").status == 200


def test_key_lifecycle(owner):
    made = owner.client.post("/v1/keys", {"name": "ci", "team": owner.team, "expires_in_days": 7})
    assert made.status == 201
    key = made.json()
    assert key["secret"].startswith(key["prefix"])
    client = owner.client.with_token(key["secret"])
    assert client.get("/v1/me").json()["via"] == "api_key"
    listed = owner.client.get("/v1/keys").json()["items"]
    assert [k["id"] for k in listed] == [key["id"]]
    assert "secret" not in listed[0]
    assert listed[0]["last_used_at"] is not None
    assert owner.client.delete(f"/v1/keys/{key['id']}").status == 204
    assert client.get("/v1/me").code == "token_revoked"
    assert owner.client.delete(f"/v1/keys/{key['id']}").code == "key_not_found"
    assert owner.client.get("/v1/keys").json()["items"] == []


def test_key_with_scopes_may_no_more(owner):
    client = api_key(owner, scopes=["team.read"])
    assert client.get("/v1/teams").status == 200
    answer = client.get("/v1/keys")
    assert (answer.status, answer.code) == (403, "missing_scope")
    assert "key.read" in answer.json()["detail"]


def test_key_makes_no_keys(owner):
    answer = api_key(owner).post("/v1/keys", {"name": "worm"})
    assert (answer.status, answer.code) == (403, "session_required")


def test_expired_key(owner, monkeypatch):
    from chalicelib.core import clock

    client = api_key(owner, expires_in_days=1)
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 2 * 86400)
    assert client.get("/v1/me").code == "token_expired"


def test_expired_access_token(api, monkeypatch):
    from chalicelib.core import clock

    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) - 2 * 86400)
    somebody = person(api)
    monkeypatch.undo()
    assert somebody.client.get("/v1/me").code == "token_expired"


def test_wrong_checksum_costs_no_read(owner):
    client = api_key(owner)
    broken = client.token[:-1] + ("0" if client.token[-1] != "0" else "1")
    with database_calls() as calls:
        answer = client.with_token(broken).get("/v1/me")
    assert (answer.status, answer.code) == (401, "token_malformed")
    assert calls == []


def test_last_use_is_written_once_a_minute(owner, monkeypatch):
    from chalicelib.core import clock

    client = api_key(owner)
    with database_calls() as calls:
        for _ in range(5):
            client.get("/v1/teams")
    assert calls.count("UpdateItem") == 1
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 61)
    with database_calls() as calls:
        client.get("/v1/teams")
    assert calls.count("UpdateItem") == 1


@pytest.mark.parametrize("path", ["/v1/me", "/v1/teams", "/v1/keys"])
def test_reads_stay_within_the_budget(owner, path):
    with database_calls() as calls:
        assert owner.client.get(path).status == 200
    assert len(calls) <= 3, calls


def test_no_secret_in_the_database(api, owner, database):
    key = owner.client.post(
        "/v1/keys", {"name": "ci"}, headers={"Idempotency-Key": "0123456789abcdef-key"}
    ).json()["secret"]
    refresh = owner.tokens["refresh_token"]
    dump = json.dumps(database.scan(TableName="test-core")["Items"], default=str)
    for secret in (key, key[3:-6], PASSWORD, refresh, *refresh.split(".")[1:]):
        assert secret not in dump
    assert owner.tokens["access_token"] not in dump


def test_developer_sees_and_deletes_own_keys_only(api, owner):
    developer = member(api, owner, "developer")
    mine = developer.client.post("/v1/keys", {"name": "mine", "team": owner.team}).json()
    theirs = owner.client.post("/v1/keys", {"name": "theirs", "team": owner.team}).json()
    listed = developer.client.get(f"/v1/keys?team={owner.team}").json()["items"]
    assert [k["id"] for k in listed] == [mine["id"]]
    assert developer.client.delete(f"/v1/keys/{theirs['id']}").status == 403
    assert owner.client.delete(f"/v1/keys/{mine['id']}").status == 204


def test_key_of_a_removed_member_is_worth_nothing(api, owner):
    from chalicelib.teams.actions import Membership, remove_member

    developer = member(api, owner, "developer")
    key = developer.client.post("/v1/keys", {"name": "x", "team": owner.team}).json()
    remove_member(Membership(owner.team, owner.id, "owner"), developer.id)
    answer = api.with_token(key["secret"]).get(f"/v1/keys?team={owner.team}")
    assert (answer.status, answer.code) == (401, "token_revoked")


def test_a_kept_answer_signs_nobody_else_out(api, owner):
    """`Idempotency-Key` is a person's; what a session does about itself is done each time."""
    again = {"Idempotency-Key": "the same key for both"}
    other = api.post("/v1/auth/login", {"email": owner.email, "password": PASSWORD}).json()
    second = api.with_token(other["access_token"])
    assert owner.client.post("/v1/auth/logout", headers=again).status == 204
    assert second.post("/v1/auth/logout", headers=again).status == 204
    assert second.get("/v1/me").status == 401
