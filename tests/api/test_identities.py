"""Identities that belong to an account: linked by their owner alone, and never the last way in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from adapters.local.idp.server import Idp
from chalicelib.accounts.actions.providers import configure
from chalicelib.core import clock, config, outbound
from tests.fakes.factors import enrol_app, enrol_passkey
from tests.fakes.people import Person, api_key, person
from tests.fakes.wanderer import Wanderer

ADA, GRACE = "ada@example.com", "grace@example.com"
LINK = "/v1/me/identities/{}/start"


@pytest.fixture
def idp(api, monkeypatch):
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    with Idp(redirects=(f"{config.settings().api_url}/v1/auth/callback",)) as running:
        for name in ("github", "google", "oidc"):
            configure(name, "clouddeck", running.clients["clouddeck"], running.url)
        from chalicelib.accounts.actions.settings import change_settings

        change_settings("open", None)
        yield running


def link(owner, provider, somebody):
    """Link as the console does; the answer of the last step."""
    browser = Wanderer.new(owner.client)
    back = browser.travel(LINK.format(provider), somebody)
    body = {"code": back["code"], "verifier": browser.verifier}
    return owner.client.post(f"/v1/me/identities/{provider}", body)


def names(client):
    return [one["provider"] for one in client.get("/v1/me/identities").json()["items"]]


def newcomer(api, provider, email):
    """Somebody without a password."""
    answer = Wanderer.new(api).sign_in(provider, email)
    assert answer.status == 200, answer.text
    return api.with_token(answer.json()["access_token"])


def test_link_sign_in_unlink(api, idp):
    owner = person(api)
    # also one whose address is not proven: the owner says so, not the address
    answer = link(owner, "github", "mallory@example.com")
    assert answer.status == 200, answer.text
    assert [one["provider"] for one in answer.json()["items"]] == ["github"]
    signed_in = Wanderer.new(api).sign_in("github", "mallory@example.com")
    me = api.with_token(signed_in.json()["access_token"]).get("/v1/me").json()
    assert me["user"]["id"] == owner.id
    assert owner.client.delete("/v1/me/identities/github").status == 204
    assert names(owner.client) == []
    refused = Wanderer.new(api).sign_in("github", "mallory@example.com")
    assert refused.code == "email_unverified"


def test_the_same_again_changes_nothing(api, idp):
    owner = person(api)
    assert link(owner, "google", GRACE).status == 200
    assert link(owner, "google", GRACE).status == 200
    assert names(owner.client) == ["google"]


def test_an_identity_has_one_owner(api, idp):
    first, second = person(api), person(api)
    assert link(first, "google", GRACE).status == 200
    answer = link(second, "google", GRACE)
    assert (answer.status, answer.code) == (409, "identity_taken")
    assert names(second.client) == []


def test_an_account_has_one_identity_of_a_provider(api, idp):
    owner = person(api)
    assert link(owner, "google", GRACE).status == 200
    answer = link(owner, "google", ADA)
    assert (answer.status, answer.code) == (409, "provider_linked")


def test_two_people_at_once_and_one_identity(api, idp):
    people = [person(api) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: link(one, "google", GRACE), people))
    assert sorted(a.status for a in answers) == [200, 409, 409, 409]


def test_nobody_finishes_what_another_person_began(api, idp):
    """Somebody sends the address of their own link to a victim, who follows it."""
    mallory, victim = person(api), person(api)
    lure = Wanderer.new(mallory.client)
    back = lure.travel(LINK.format("github"), GRACE)
    # the code stays in the victim's browser; neither it nor mallory's verifier is enough
    for client, verifier in (
        (victim.client, Wanderer.new(api).verifier),
        (victim.client, lure.verifier),
        (mallory.client, Wanderer.new(api).verifier),
    ):
        body = {"code": back["code"], "verifier": verifier}
        assert client.post("/v1/me/identities/github", body).code == "arrival_invalid"
    assert names(mallory.client) == names(victim.client) == []


def test_a_code_of_a_link_signs_nobody_in_and_the_reverse(api, idp):
    owner = person(api)
    browser = Wanderer.new(owner.client)
    back = browser.travel(LINK.format("github"), ADA)
    assert browser.exchange(back["code"]).code == "arrival_invalid"
    other = Wanderer.new(api)
    back = other.travel("/v1/auth/providers/github/start", ADA)
    body = {"code": back["code"], "verifier": other.verifier}
    assert owner.client.post("/v1/me/identities/github", body).code == "arrival_invalid"


def test_the_code_of_one_provider_links_no_other(api, idp):
    owner = person(api)
    browser = Wanderer.new(owner.client)
    back = browser.travel(LINK.format("github"), ADA)
    body = {"code": back["code"], "verifier": browser.verifier}
    answer = owner.client.post("/v1/me/identities/google", body)
    assert (answer.status, answer.code) == (409, "provider_mismatch")


def test_the_last_way_in_stays(api, idp):
    client = newcomer(api, "google", ADA)
    answer = client.delete("/v1/me/identities/google")
    assert (answer.status, answer.code) == (409, "last_sign_in_method")
    newcomer(api, "github", ADA)  # links itself
    assert names(client) == ["github", "google"]
    assert client.delete("/v1/me/identities/google").status == 204
    assert client.delete("/v1/me/identities/github").code == "last_sign_in_method"


def test_two_removals_at_once_leave_one(api, idp):
    client = newcomer(api, "google", ADA)
    newcomer(api, "github", ADA)
    newcomer(api, "oidc", ADA)
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(
                lambda name: client.delete(f"/v1/me/identities/{name}"),
                ("google", "github", "oidc"),
            )
        )
    assert sorted(a.status for a in answers) == [204, 204, 409], [a.text for a in answers]
    assert len(names(client)) == 1


def without_password(api, provider, email):
    """Somebody who came by a provider, as the helpers of factors want them."""
    client = newcomer(api, provider, email)
    me = client.get("/v1/me").json()
    return Person(me["user"]["id"], email, me["teams"][0]["id"], client, {})


def test_a_passkey_is_a_way_in_and_an_app_is_none(api, idp):
    somebody = without_password(api, "google", ADA)
    enrol_app(somebody)
    assert somebody.client.delete("/v1/me/identities/google").code == "last_sign_in_method"
    enrol_passkey(somebody)
    assert somebody.client.delete("/v1/me/identities/google").status == 204
    factors = somebody.client.get("/v1/me/factors").json()["items"]
    found = {f["kind"]: f["id"] for f in factors}
    answer = somebody.client.delete(f"/v1/me/factors/{found['passkey']}")
    assert (answer.status, answer.code) == (409, "last_sign_in_method")
    assert somebody.client.delete(f"/v1/me/factors/{found['totp']}").status == 204


def test_passkey_and_identity_do_not_go_at_the_same_moment(api, idp):
    somebody = without_password(api, "google", ADA)
    enrol_passkey(somebody)
    (passkey,) = somebody.client.get("/v1/me/factors").json()["items"]
    paths = [f"/v1/me/factors/{passkey['id']}", "/v1/me/identities/google"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(somebody.client.delete, paths))
    assert sorted(a.status for a in answers) == [204, 409], [a.text for a in answers]


def test_what_is_not_linked(api, owner):
    answer = owner.client.delete("/v1/me/identities/github")
    assert (answer.status, answer.code) == (404, "identity_not_found")


def test_keys_touch_no_identities(api, owner):
    key = api_key(owner)
    body = {"return_to": "http://127.0.0.1:1/", "challenge": "A" * 43}
    for answer in (
        key.get("/v1/me/identities"),
        key.post(LINK.format("github"), body),
        key.post("/v1/me/identities/github", {"code": "x", "verifier": "y"}),
        key.delete("/v1/me/identities/github"),
    ):
        assert (answer.status, answer.code) == (403, "session_required")


def test_linking_and_unlinking_ask_for_a_fresh_proof(api, idp, monkeypatch):
    owner = person(api)
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 3600)
    assert Wanderer.new(owner.client).start(LINK.format("github")).code == "step_up_required"
    assert owner.client.delete("/v1/me/identities/github").code == "step_up_required"
