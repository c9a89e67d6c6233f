"""What a wrong request is told: exact status and code, and always the one error shape."""

from __future__ import annotations

import json
import time

import pytest

from tests.fakes.people import PASSWORD, api_key, person

LOGIN = "/v1/auth/login"


def raw(api, body: bytes, **headers: str):
    answer = api.call("POST", LOGIN, raw=body, headers=headers)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert problem["detail"]
    return answer


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b"[1]", 400, "invalid_json"),
        (b"\xff\xfe", 400, "invalid_json"),
        (b'{"email":"a","email":"b"}', 400, "duplicate_key"),
        (b'{"email":NaN}', 400, "invalid_number"),
        (b'{"email":1e999}', 400, "invalid_number"),
        (b'{"email":9223372036854775808}', 400, "invalid_number"),
        (b"[" * 10_000 + b"]" * 10_000, 400, "too_deep"),
        (b'{"email":"a@b.c","password":"x","admin":true}', 400, "unknown_field"),
        (b'{"email":5}', 422, "invalid_request"),
        (b"", 422, "invalid_request"),
        (b'{"email":"\\ud800","password":"x"}', 422, "invalid_characters"),
        (b'{"email":"a\\u0000","password":"x"}', 422, "invalid_characters"),
        (b'{"email":"a\\u202e","password":"x"}', 422, "invalid_characters"),
    ],
)
def test_rows_1_to_9(api, body, status, code):
    started = time.process_time()
    answer = raw(api, body)
    assert (answer.status, answer.code) == (status, code)
    assert time.process_time() - started < 2


def test_row_1_names_line_and_column(api):
    detail = raw(api, b'{"email":\n  oops}').json()["detail"]
    assert "line 2" in detail
    assert "column 3" in detail


def test_row_2_names_the_key(api):
    assert "'email'" in raw(api, b'{"email":1,"email":2}').json()["detail"]


def test_row_5_names_the_limit(api):
    from chalicelib.core.http import MAX_BODY

    answer = raw(api, b" " * (MAX_BODY + 1))
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert str(MAX_BODY) in answer.json()["detail"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
def test_row_6_media_type(api, kind):
    answer = raw(api, b"{}", **{"Content-Type": kind})
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_row_7_names_the_nearest_field(api):
    answer = raw(api, b'{"emial":"a@b.c","email":"a@b.c","password":"x"}')
    assert answer.code == "unknown_field"
    assert answer.json()["errors"][0]["pointer"] == "/emial"
    assert "'email'" in answer.json()["detail"]


def test_row_8_lists_every_problem(owner):
    answer = owner.client.post("/v1/keys", {"name": 5, "expires_in_days": 0})
    assert answer.status == 422
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/name", "/expires_in_days"}


@pytest.mark.parametrize("name", ["", "   ", "a" * 81, "line\x07bell"])
def test_row_10_names(owner, name):
    answer = owner.client.patch(f"/v1/teams/{owner.team}", {"name": name})
    assert answer.status == 422
    assert "1 to 80" in answer.json()["detail"]


def test_row_11_unknown_route_and_method(api):
    answer = api.get("/v1/nothing/here")
    assert (answer.status, answer.code) == (404, "route_not_found")
    answer = api.delete("/v1/teams")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, POST"


def test_row_12_four_ways_not_to_be_signed_in(api, owner, monkeypatch):
    from chalicelib.core import clock

    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) - 2 * 86400)
    expired = person(api).client
    monkeypatch.undo()
    revoked = person(api).client
    revoked.post("/v1/auth/logout")
    answers = {
        "not_signed_in": api.get("/v1/me"),
        "token_malformed": api.with_token("abc").get("/v1/me"),
        "token_expired": expired.get("/v1/me"),
        "token_revoked": revoked.get("/v1/me"),
    }
    for code, answer in answers.items():
        assert (answer.status, answer.code) == (401, code)
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="clouddeck"')
    basic = api.get("/v1/me", headers={"Authorization": "Basic YTpi"})
    assert (basic.status, basic.code) == (401, "token_malformed")


def test_row_13_names_the_scope(owner):
    answer = api_key(owner, scopes=["project.read"]).get("/v1/teams")
    assert (answer.status, answer.code) == (403, "missing_scope")
    assert "'team.read'" in answer.json()["detail"]


def test_row_14_another_team_is_like_none(api, owner):
    stranger = person(api)
    absent = "team_" + "0" * 26
    answers = []
    for team in (owner.team, absent):
        answer = stranger.client.patch(f"/v1/teams/{team}", {"name": "mine now"})
        assert answer.status == 404
        body = answer.json()
        body.pop("request_id")
        answers.append(json.dumps(body).replace(team, "T"))
    assert answers[0] == answers[1]


def test_row_15_stale_edit(owner):
    path = f"/v1/teams/{owner.team}"
    first = owner.client.patch(path, {"name": "One"}, headers={"If-Match": '"1"'})
    assert first.status == 200
    assert first.headers["ETag"] == '"2"'
    stale = owner.client.patch(path, {"name": "Two"}, headers={"If-Match": '"1"'})
    assert (stale.status, stale.code) == (409, "conflict")
    assert "version is 2" in stale.json()["detail"]
    assert stale.headers["ETag"] == '"2"'
    odd = owner.client.patch(path, {"name": "Two"}, headers={"If-Match": "abc"})
    assert (odd.status, odd.code) == (400, "invalid_if_match")


def test_row_16_idempotency(owner):
    key = {"Idempotency-Key": "b3f6c1de-7d1a-4a43-9d6b-000000000001"}
    first = owner.client.post("/v1/keys", {"name": "one"}, headers=key)
    again = owner.client.call("POST", "/v1/keys", raw=b'{ "name" : "one" }', headers=key)
    assert (first.status, again.status) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(owner.client.get("/v1/keys").json()["items"]) == 1
    other = owner.client.post("/v1/keys", {"name": "two"}, headers=key)
    assert (other.status, other.code) == (422, "idempotency_mismatch")
    short = owner.client.post("/v1/keys", {"name": "two"}, headers={"Idempotency-Key": "1"})
    assert (short.status, short.code) == (422, "idempotency_key_invalid")


def test_row_16_a_failed_request_frees_its_key(owner):
    key = {"Idempotency-Key": "b3f6c1de-7d1a-4a43-9d6b-000000000002"}
    bad = owner.client.post("/v1/keys", {"name": "x", "scopes": ["no.such"]}, headers=key)
    assert (bad.status, bad.code) == (422, "unknown_scope")
    assert owner.client.post("/v1/keys", {"name": "x"}, headers=key).status == 201


def test_row_18_cursors(api, owner):
    for name in "abc":
        owner.client.post("/v1/keys", {"name": name})
    first = owner.client.get("/v1/keys?limit=2").json()
    assert [k["name"] for k in first["items"]] == ["c", "b"]
    rest = owner.client.get(f"/v1/keys?limit=2&cursor={first['next']}").json()
    assert ([k["name"] for k in rest["items"]], rest["next"]) == (["a"], None)
    stranger = person(api)
    cursor = first["next"]
    for client, path in (
        (stranger.client, f"/v1/keys?cursor={cursor}"),
        (owner.client, f"/v1/teams?cursor={cursor}"),
        (owner.client, f"/v1/keys?team={owner.team}&cursor={cursor}"),
        (owner.client, f"/v1/keys?cursor={cursor[:-2]}AA"),
        (owner.client, "/v1/keys?cursor=abc"),
        (owner.client, "/v1/keys?cursor=%C3%A4"),
    ):
        answer = client.get(path)
        assert (answer.status, answer.code) == (400, "invalid_cursor")


@pytest.mark.parametrize("limit", ["0", "-1", "1000000000", "many", ""])
def test_row_19_page_size(owner, limit):
    answer = owner.client.get(f"/v1/teams?limit={limit}")
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/limit"
    if limit.lstrip("-").isdigit():
        assert "1 to 100" in answer.json()["detail"]


def test_unknown_query_is_named(owner):
    answer = owner.client.get("/v1/teams?limt=5")
    assert (answer.status, answer.code) == (400, "unknown_field")
    assert owner.client.get("/v1/me?x=1").code == "unknown_field"


PRIVILEGED = """
roles owner user team_id tenant tenant_id plan price is_admin admin scope permissions id secret
prefix created_at last_used_at expires_at revoked_at pk sk gsi1pk gsi1sk ttl version email type
home session password_hash
"""


@pytest.mark.parametrize("name", PRIVILEGED.split())
def test_privileged_fields_are_refused(owner, name):
    answer = owner.client.post("/v1/keys", {"name": "x", name: "owner"})
    assert (answer.status, answer.code) == (400, "unknown_field")


def test_a_key_of_ones_own_has_no_role(owner):
    answer = owner.client.post("/v1/keys", {"name": "x", "role": "owner"})
    assert answer.status == 422
    answer = owner.client.post("/v1/keys", {"name": "x", "kind": "owner"})
    assert answer.status == 422


def test_database_out_of_reach_is_our_fault(owner, monkeypatch):
    from botocore.exceptions import EndpointConnectionError
    from pynamodb.exceptions import GetError

    from chalicelib.identity import rows

    def broken(*_, **__):
        raise GetError("no", EndpointConnectionError(endpoint_url="http://x"))

    monkeypatch.setattr(rows, "session_and_user", broken)
    answer = owner.client.get("/v1/me")
    assert (answer.status, answer.code) == (503, "database_unavailable")
    assert answer.headers["Retry-After"]


def test_a_fault_of_ours_tells_nothing(owner, monkeypatch):
    from chalicelib.identity import rows

    def broken(*_, **__):
        raise RuntimeError(PASSWORD)

    monkeypatch.setattr(rows, "session_and_user", broken)
    answer = owner.client.get("/v1/me")
    assert (answer.status, answer.code) == (500, "internal")
    assert PASSWORD not in answer.text
