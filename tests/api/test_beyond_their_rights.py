"""What a team's people and keys try beyond what they may, and do not get."""

from __future__ import annotations

import json
import re

import pytest

from chalicelib.audit import actions as audit
from chalicelib.audit.actions import read
from chalicelib.core import clock, http
from chalicelib.core.limits import Limiter
from chalicelib.identity import rows as identity_rows
from chalicelib.identity.actions.users import make_admin
from tests.fakes.people import api_key, member, person


def _token(services, email):
    return re.search(r"inv_[\w-]{43}", services.mail.to(email)[-1].text)[0]


def _invite(client, team, email, role="viewer"):
    answer = client.post(f"/v1/teams/{team}/invitations", {"email": email, "role": role})
    assert answer.status == 201, answer.text


# --- invitations are worth what their sender may still do ---


@pytest.mark.parametrize("now", ["developer", "viewer", "billing"])
def test_an_invitation_of_somebody_who_invites_no_more(api, services, owner, now):
    """A developer has every permission of a viewer, and invites nobody all the same."""
    ada, bob = member(api, owner, "admin"), person(api)
    _invite(ada.client, owner.team, bob.email)
    token = _token(services, bob.email)
    path = f"/v1/teams/{owner.team}/members/{ada.id}"
    assert owner.client.patch(path, {"role": now}).status == 200
    assert api.post("/v1/invitations/look", {"token": token}).code == "invitation_not_found"
    accepted = bob.client.post("/v1/invitations/accept", {"token": token})
    assert (accepted.status, accepted.code) == (404, "invitation_not_found")


def test_an_invitation_of_a_service_token_that_has_expired(api, services, owner):
    bob = person(api)
    machine = api_key(owner, kind="service", role="admin", expires_in_days=1)
    _invite(machine, owner.team, bob.email)
    token = _token(services, bob.email)
    assert api.post("/v1/invitations/look", {"token": token}).status == 200
    (row,) = identity_rows.api_keys_of(owner.team)
    row.update(actions=[identity_rows.ApiKeyRow.expires_at.set(clock.epoch(-1))])
    assert api.post("/v1/invitations/look", {"token": token}).code == "invitation_not_found"
    accepted = bob.client.post("/v1/invitations/accept", {"token": token})
    assert accepted.code == "invitation_not_found"


# --- an owner who cannot sign in is no owner to be left with ---


@pytest.mark.parametrize("status", ["suspended", "pending"])
def test_the_last_owner_who_can_sign_in_stays(api, owner, status):
    other = member(api, owner, "owner")
    identity_rows.user_named(other.id).update(actions=[identity_rows.UserRow.status.set(status)])
    path = f"/v1/teams/{owner.team}/members/{owner.id}"
    refused = owner.client.patch(path, {"role": "admin"})
    assert (refused.status, refused.code) == (409, "last_owner")
    third = member(api, owner, "owner")
    assert owner.client.patch(path, {"role": "admin"}).status == 200
    assert third.client.get(f"/v1/teams/{owner.team}").json()["role"] == "owner"


@pytest.mark.parametrize("status", ["suspended", "pending"])
def test_a_team_is_not_handed_to_who_cannot_sign_in(api, owner, status):
    other = member(api, owner, "admin")
    identity_rows.user_named(other.id).update(actions=[identity_rows.UserRow.status.set(status)])
    refused = owner.client.post(f"/v1/teams/{owner.team}/transfer", {"to": other.id})
    assert (refused.status, refused.code) == (409, "account_not_active")
    assert owner.client.get(f"/v1/teams/{owner.team}").json()["role"] == "owner"


# --- a leaked key of an administrator must not outlive its own deletion ---


def test_a_key_makes_nobody_administrator(api, owner):
    make_admin(identity_rows.user_of(owner.id))
    key, mallory = api_key(owner, scopes=["admin.read", "admin.manage"]), person(api)
    path = f"/v1/admin/users/{mallory.id}/admin"
    refused = key.put(path, {"admin": True})
    assert (refused.status, refused.code) == (403, "session_required")
    assert not identity_rows.user_of(mallory.id).admin
    assert owner.client.put(path, {"admin": True}).status == 200
    assert key.put(path, {"admin": False}).code == "session_required"


def test_a_key_names_no_identity_provider(owner):
    make_admin(identity_rows.user_of(owner.id))
    key = api_key(owner, scopes=["admin.read", "admin.manage"])
    body = {"client_id": "c", "client_secret": "s"}
    refused = key.put("/v1/admin/providers/github", body)
    assert (refused.status, refused.code) == (403, "session_required")


# --- many keys are no more than one person ---


@pytest.fixture
def limited(api):
    http.limit_with(Limiter(1.0, lambda: 1_800_000_000_000_000))


def _detect(client):
    return client.post("/v1/frameworks/detect", {"root_files": [], "files": {}}).status


def test_what_is_expensive_is_counted_for_a_person_and_all_their_keys(owner, limited):
    keys = [api_key(owner), api_key(owner, rate_per_minute=6000), api_key(owner)]
    asked = [owner.client, *keys] * 5
    assert 429 not in {_detect(client) for client in asked}
    assert [_detect(client) for client in (owner.client, *keys)] == [429] * 4


def test_a_key_with_a_low_rate_of_its_own_uses_up_no_more_than_it_asks(owner, limited):
    slow = api_key(owner, rate_per_minute=1)
    assert _detect(slow) == 200
    assert _detect(slow) == 429
    assert [_detect(owner.client) for _ in range(19)] == [200] * 19
    assert _detect(owner.client) == 429


def test_mail_is_counted_for_all_service_tokens_of_a_team(owner, limited):
    machines = [api_key(owner, kind="service", role="admin") for _ in range(2)]
    path = f"/v1/teams/{owner.team}/invitations"
    body = {"email": "bob@example.com", "role": "viewer"}
    found = [machines[n % 2].post(path, body).status for n in range(6)]
    assert found == [201] * 5 + [429]


def test_whoever_has_an_account_is_not_found_out_in_bulk(owner, limited):
    """A role in a project goes to an account by its address, so asking costs as much as a mail."""
    project = owner.client.post("/v1/projects", {"name": "s", "slug": "s-red"}).json()["id"]
    found = [
        owner.client.put(f"/v1/projects/{project}/members/{n}@example.com", {"role": "viewer"})
        for n in range(6)
    ]
    assert [answer.status for answer in found] == [404] * 5 + [429]


def test_a_person_has_so_many_keys_in_a_team(owner, monkeypatch):
    from chalicelib.teams.actions import api_keys

    monkeypatch.setattr(api_keys, "MOST_KEYS", 3)
    project = owner.client.post("/v1/projects", {"name": "s"}).json()["id"]
    api_key(owner), api_key(owner, kind="service", role="viewer")
    path = f"/v1/projects/{project}/deploy-keys"
    assert owner.client.post(path, {"name": "ci"}).status == 201
    refused = owner.client.post("/v1/keys", {"name": "one more", "team": owner.team})
    assert (refused.status, refused.code) == (409, "too_many_keys")
    assert owner.client.post(path, {"name": "ci"}).code == "too_many_keys"


# --- nobody hides a log behind long entries ---


def test_an_export_of_long_entries_fits_into_an_answer(owner, monkeypatch):
    monkeypatch.setattr(read, "EXPORT_BYTES", 20_000)
    for n in range(12):
        audit.record(f"x-{n}", owner.team, "projects.update", "prj_x", after={"name": "é" * 1900})
    whole = f"/v1/teams/{owner.team}/audit/export"
    found, path = [], whole
    while path:
        answer = owner.client.get(path)
        assert len(answer.text.encode()) < 25_000
        found += [json.loads(line)["id"] for line in answer.text.splitlines()]
        cursor = answer.headers.get("X-Next-Cursor")
        path = f"{whole}?cursor={cursor}" if cursor else ""
    assert [i for i in found if i.startswith("x-")] == [f"x-{n}" for n in range(12)]


def test_one_entry_is_exported_however_long_it_is(owner, monkeypatch):
    monkeypatch.setattr(read, "EXPORT_BYTES", 1)
    audit.record("x", owner.team, "projects.update", "prj_x")
    answer = owner.client.get(f"/v1/teams/{owner.team}/audit/export")
    assert len(answer.text.splitlines()) == 1


def test_a_key_proves_no_domain(owner):
    """Domains say who may come in as whom; a key with every right of an owner is still a key."""
    for options in ({}, {"scopes": ["sso.manage"]}):
        key = api_key(owner, **options)
        for method, path, body in (
            ("POST", "", {"domain": "keys.example"}),
            ("POST", "/keys.example/verify", None),
            ("DELETE", "/keys.example", None),
        ):
            answer = key.call(method, f"/v1/teams/{owner.team}/sso/domains{path}", body)
            assert (answer.status, answer.code) == (403, "session_required"), (method, path)
