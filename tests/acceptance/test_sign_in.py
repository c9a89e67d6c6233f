"""Signing in, who one is, and signing out."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from tests.acceptance.client import Api, Json
from tests.acceptance.hosts import Host


def test_whoami(host: Host, api: Api) -> None:
    me = api.get("/me")
    assert me["user"]["email"] == host.email
    assert me["via"] == "session"
    assert me["teams"][0]["role"] == "owner"


def test_strangers_stay_outside(anonymous: Api) -> None:
    who = {"email": f"{secrets.token_hex(8)}@example.com", "password": "wrong"}
    refused = anonymous.call("POST", "/auth/login", who)
    assert (refused.status_code, refused.json()["code"]) == (401, "login_failed")
    nobody = anonymous.call("GET", "/me")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_signed_in")
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    forged = anonymous.signed_in("eyJhbGciOiJub25lIn0.e30.").call("GET", "/me")
    assert forged.status_code == 401


def test_a_key_works_until_it_is_deleted(api: Api, anonymous: Api) -> None:
    key = api.post("/keys", {"name": "acceptance", "scopes": ["project.read"]})
    holder = anonymous.signed_in(key["secret"])
    assert holder.get("/me")["via"] == "api_key"
    assert api.call("DELETE", f"/keys/{key['id']}").status_code == 204
    assert holder.call("GET", "/me").status_code == 401


def test_tokens_are_renewed(anonymous: Api, login: Callable[[], Json]) -> None:
    first = login()
    second = anonymous.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert second["access_token"] != first["access_token"]
    assert anonymous.signed_in(second["access_token"]).get("/me")


def test_signing_out_ends_the_session_at_once(anonymous: Api, login: Callable[[], Json]) -> None:
    here = anonymous.signed_in(login()["access_token"])
    assert here.get("/me")
    assert here.call("POST", "/auth/logout", {}).status_code == 204
    after = here.call("GET", "/me")
    assert (after.status_code, after.json()["code"]) == (401, "token_revoked")
