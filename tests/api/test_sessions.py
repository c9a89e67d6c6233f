"""Sessions: listed, ended one by one and all at once, and seen in use."""

from __future__ import annotations

from chalicelib.core import clock
from tests.api.test_second_factor import later  # noqa: F401  # a fixture
from tests.fakes.counting import database_calls
from tests.fakes.factors import log_in
from tests.fakes.people import person


def another(api, of):
    return api.with_token(log_in(api, of).json()["access_token"])


def listed(client):
    answer = client.get("/v1/me/sessions")
    assert answer.status == 200, answer.text
    return answer.json()["items"]


def test_sessions_are_listed_newest_first(api, owner):
    api.headers["User-Agent"] = "Mozilla/5.0 (somewhere)"
    another(api, owner)
    first, second = listed(owner.client)
    assert first["id"] > second["id"]
    assert (first["current"], second["current"]) == (False, True)
    assert first["agent"] == "Mozilla/5.0 (somewhere)"
    assert (first["ip"], first["via"]) == ("192.0.2.1", "password")
    assert set(first) == {
        "id", "created_at", "seen_at", "expires_at", "ip", "agent", "via", "current",
    }  # fmt: skip


def test_pages_of_sessions_hold_all_of_them(api, owner):
    for _ in range(4):
        another(api, owner)
    found, cursor = [], ""
    while cursor is not None:
        at = f"&cursor={cursor}" if cursor else ""
        page = owner.client.get(f"/v1/me/sessions?limit=2{at}").json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(found) == len(set(found)) == 5


def test_one_session_is_ended_at_once(api, owner):
    other = another(api, owner)
    theirs = next(s["id"] for s in listed(owner.client) if not s["current"])
    assert owner.client.delete(f"/v1/me/sessions/{theirs}").status == 204
    assert other.get("/v1/me").code == "token_revoked"
    assert owner.client.get("/v1/me").status == 200
    again = owner.client.delete(f"/v1/me/sessions/{theirs}")
    assert (again.status, again.code) == (404, "session_not_found")


def test_another_persons_session_looks_absent(api, owner):
    stranger = person(api)
    mine = listed(owner.client)[0]["id"]
    for name in (mine, "ses_" + "0" * 26, "nonsense"):
        answer = stranger.client.delete(f"/v1/me/sessions/{name}")
        assert (answer.status, answer.code) == (404, "session_not_found")
    assert owner.client.get("/v1/me").status == 200


def test_all_others_end_at_once_and_this_one_goes_on(api, owner):
    others = [another(api, owner) for _ in range(3)]
    stranger = person(api)
    assert owner.client.delete("/v1/me/sessions").status == 204
    assert [other.get("/v1/me").code for other in others] == ["token_revoked"] * 3
    assert owner.client.get("/v1/me").status == 200
    assert stranger.client.get("/v1/me").status == 200
    assert [s["current"] for s in listed(owner.client)] == [True]
    renewed = api.post("/v1/auth/refresh", {"refresh_token": owner.tokens["refresh_token"]})
    assert renewed.status == 200
    assert another(api, owner).get("/v1/me").status == 200


def test_use_is_noted_once_a_minute(owner, later):  # noqa: F811
    before = listed(owner.client)[0]["seen_at"]
    with database_calls() as calls:
        for _ in range(5):
            owner.client.get("/v1/me/factors")
    assert not [call for call in calls if "Update" in str(call)]
    later(61)
    with database_calls() as calls:
        for _ in range(5):
            owner.client.get("/v1/me/factors")
    assert len([call for call in calls if "Update" in str(call)]) == 1
    assert listed(owner.client)[0]["seen_at"] > before


def test_a_use_that_cannot_be_noted_costs_no_request(owner, later, monkeypatch):  # noqa: F811
    from pynamodb.exceptions import UpdateError

    from chalicelib.identity import rows

    def fail(*_args, **_options):
        raise UpdateError("no")

    later(61)
    monkeypatch.setattr(rows.SessionRow, "update", fail)
    assert owner.client.get("/v1/me").status == 200


def test_keys_are_shown_to_everybody(api, services):
    from chalicelib.identity.actions import tokens

    services.keys.rotate()
    answer = api.get("/v1/auth/jwks.json")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    keys = answer.json()["keys"]
    assert {key["kid"] for key in keys} == {"k1", "k2"}
    for key in keys:
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
        assert set(key) == {"kty", "crv", "alg", "use", "kid", "x", "y"}  # and no "d"
    import jwt

    token = tokens.issue("usr_" + "0" * 26, "ses_" + "0" * 26)
    signer = jwt.PyJWK(next(k for k in keys if k["kid"] == "k2"))
    assert jwt.decode(token, signer.key, algorithms=["ES256"], audience="clouddeck-api")


def test_a_key_that_was_dropped_opens_nothing(api, owner, services):
    services.keys.rotate()
    assert owner.client.get("/v1/me").status == 200
    del services.keys.signing["k1"]
    assert owner.client.get("/v1/me").code == "token_invalid"
    renewed = api.post("/v1/auth/refresh", {"refresh_token": owner.tokens["refresh_token"]})
    assert api.with_token(renewed.json()["access_token"]).get("/v1/me").status == 200


def test_a_session_ends_after_thirty_days_without_use(api, owner, later):  # noqa: F811
    later(30 * 24 * 3600 + 1)
    answer = api.post("/v1/auth/refresh", {"refresh_token": owner.tokens["refresh_token"]})
    assert answer.code == "token_revoked"
    assert clock.epoch() > 0
