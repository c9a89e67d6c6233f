"""Single sign-on by SAML: the round trip, who may come, replays and races."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import xmlsec
from lxml import etree

import app  # noqa: F401  # registers every route
from tests.fakes.people import person
from tests.fakes.saml_idp import (
    SAML,
    new_pair,
    sign,
)
from tests.fakes.sso import begin, came_back, exchange, new_domain, post_answer, prove

ASSERTION = f"{{{SAML}}}Assertion"


def test_whoever_comes_for_the_first_time_becomes_a_member(team):
    code = team.send(team.answer())["code"]
    signed_in = exchange(team.api, team.attempt, code)
    assert signed_in.status == 200, signed_in.text
    me = team.api.with_token(signed_in.json()["access_token"]).get("/v1/me").json()
    assert (me["user"]["email"], me["user"]["name"]) == (team.says.email, "Eve")
    roles = {t["id"]: t["role"] for t in me["teams"]}
    assert roles.pop(team.owner.team) == "developer"
    assert list(roles.values()) == ["owner"]  # of their own team, as everybody


def test_an_answer_signed_as_a_whole_too_is_believed(team):
    assert "code" in team.send(team.answer(says={"sign_response": True}))


def test_a_code_is_no_good_without_the_clients_secret(team):
    code = team.send(team.answer())["code"]
    other = begin(team.api, team=team.owner.team)
    assert exchange(team.api, other, code).code == "arrival_invalid"


def test_an_account_that_was_there_is_that_account(team, names):
    known = person(team.api, team.says.email)
    code = team.send(team.answer())["code"]
    signed_in = exchange(team.api, team.attempt, code).json()
    me = team.api.with_token(signed_in["access_token"]).get("/v1/me").json()
    assert me["user"]["id"] == known.id
    assert {t["id"] for t in me["teams"]} == {known.team, team.owner.team}


def test_a_role_that_somebody_has_stays(team):
    from chalicelib.teams.rows import new_member

    known = person(team.api, team.says.email)
    new_member(team.owner.team, known.id, "viewer").save()
    code = team.send(team.answer())["code"]
    token = exchange(team.api, team.attempt, code).json()["access_token"]
    me = team.api.with_token(token).get("/v1/me").json()
    assert {t["role"] for t in me["teams"] if t["id"] == team.owner.team} == {"viewer"}


def test_an_address_elsewhere_is_refused(team):
    code = team.send(team.answer(says={"email": "eve@elsewhere.com"}))["code"]
    refused = exchange(team.api, team.attempt, code)
    assert (refused.status, refused.code) == (403, "sso_domain_mismatch")


def test_another_teams_proven_domain_is_elsewhere(team, names):
    other, domain = person(team.api), new_domain()
    prove(other, names, domain)
    code = team.send(team.answer(says={"email": f"boss@{domain}"}))["code"]
    assert exchange(team.api, team.attempt, code).code == "sso_domain_mismatch"


def test_a_claimed_domain_that_is_not_proven_is_elsewhere(team):
    domain = new_domain()
    team.owner.client.post(f"{team.path}/domains", {"domain": domain})
    code = team.send(team.answer(says={"email": f"boss@{domain}"}))["code"]
    assert exchange(team.api, team.attempt, code).code == "sso_domain_mismatch"


# --- signatures ---


def test_replay_of_an_answer(team):
    answer = team.answer()
    assert "code" in team.send(answer)
    again = post_answer(team.api, answer, team.attempt.query["RelayState"])
    assert (again.status, again.code) == (400, "state_invalid")


def test_replay_of_an_assertion_id(team):
    """Another question, another answer, the same id: as a provider that forgets would send."""
    same = "_" + secrets.token_hex(16)
    assert "code" in team.send(team.answer(says={"assertion_id": same}))
    team.attempt = begin(team.api, team=team.owner.team)
    assert team.error(team.answer(says={"assertion_id": same})) == "saml_replayed"


def test_of_many_who_bring_the_same_answer_one_comes_in(team):
    answer, state = team.answer(), team.attempt.query["RelayState"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: post_answer(team.api, answer, state), range(6)))
    came = [a for a in answers if a.status == 302]
    assert len(came) == 1
    assert "code" in came_back(came[0])
    assert {a.code for a in answers if a.status != 302} == {"state_invalid"}


def test_of_many_with_the_same_assertion_id_one_comes_in(team):
    same = "_" + secrets.token_hex(16)
    attempts = [begin(team.api, team=team.owner.team) for _ in range(4)]
    says = replace(team.says, assertion_id=same)

    def come(attempt):
        answer = team.idp.answer(attempt.question, says)
        return came_back(post_answer(team.api, answer, attempt.query["RelayState"]))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(come, attempts))
    assert sorted(f.get("error", "code") for f in found) == ["code", *["saml_replayed"] * 3]


def test_somebody_who_comes_twice_at_once_has_one_account(team):
    attempts = [begin(team.api, team=team.owner.team) for _ in range(4)]
    codes = [
        came_back(
            post_answer(
                team.api,
                team.idp.answer(attempt.question, team.says),
                attempt.query["RelayState"],
            )
        )["code"]
        for attempt in attempts
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda pair: exchange(team.api, *pair), zip(attempts, codes, strict=True))
        )
    assert {a.status for a in answers} == {200}, [a.text for a in answers]
    tokens = [a.json()["access_token"] for a in answers]
    people = {team.api.with_token(t).get("/v1/me").json()["user"]["id"] for t in tokens}
    assert len(people) == 1


def test_begun_at_the_identity_provider(team):
    answer = post_answer(team.api, team.answer(says={"in_response_to": ""}), "")
    assert (answer.status, answer.code) == (403, "saml_unsolicited")


def test_a_state_that_nobody_has(team):
    answer = post_answer(team.api, team.answer(), "x" * 43)
    assert (answer.status, answer.code) == (400, "state_invalid")


def test_a_state_of_saml_is_no_good_at_the_callback_of_openid_connect(team):
    state = team.attempt.query["RelayState"]
    back = came_back(team.api.get(f"/v1/auth/callback?state={state}&code=stolen"))
    assert "code" not in back
    assert back["error"]


def test_a_provider_that_was_removed_meanwhile(own_team):
    answer = own_team.answer()
    assert own_team.owner.client.delete(own_team.path).status == 204
    assert own_team.error(answer) == "sso_changed"


# --- XML ---


def test_an_address_that_is_none(team):
    code = team.send(team.answer(says={"email": "eve", "attributes": {}}))["code"]
    assert exchange(team.api, team.attempt, code).code == "sso_domain_mismatch"


# --- setting it up ---


def test_metadata_says_who_we_are(team):
    from onelogin.saml2.settings import OneLogin_Saml2_Settings

    answer = team.owner.client.get(f"{team.path}/metadata")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/samlmetadata+xml"
    root = etree.fromstring(answer.text.encode())
    assert root.get("entityID") == team.attempt.question.issuer
    assert root.find(".//{*}AssertionConsumerService").get("Location") == team.attempt.question.acs
    assert root.find("{*}SPSSODescriptor").get("WantAssertionsSigned") == "true"
    checker = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {"entityId": "x", "assertionConsumerService": {"url": "https://a.test/acs"}},
        },
        sp_validation_only=True,
    )
    assert checker.validate_metadata(answer.text.encode()) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: "not xml",
        lambda xml: "<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml,
        lambda xml: xml.replace("IDPSSODescriptor", "SPSSODescriptor"),
        lambda xml: xml.replace("HTTP-Redirect", "HTTP-Artifact"),
        lambda xml: xml.replace("https://idp.test/sso", "http://idp.test/sso"),
        lambda xml: xml.replace("https://idp.test/sso", "javascript:alert(1)"),
        lambda xml: xml.replace("https://idp.test/sso", "https://127.0.0.1/sso"),
        lambda xml: xml.replace("MII", "AAA"),
        lambda xml: xml.replace('use="signing"', 'use="encryption"'),
        lambda xml: xml.replace("entityID=", "other="),
    ],
)
def test_metadata_that_describes_no_provider(team, change):
    answer = team.owner.client.put(team.path, {"metadata_xml": change(team.idp.metadata())})
    assert (answer.status, answer.code) == (422, "saml_metadata_invalid")


def test_a_weak_key_is_refused(team):
    answer = team.owner.client.put(
        team.path, {"metadata_xml": team.idp.metadata(new_pair(bits=1024))}
    )
    assert (answer.status, answer.code) == (422, "saml_metadata_invalid")


def test_a_provider_may_have_two_certificates(own_team):
    other = new_pair()
    metadata = own_team.idp.metadata(new_pair(), other)
    assert own_team.owner.client.put(own_team.path, {"metadata_xml": metadata}).status == 200
    assert "code" in own_team.send(own_team.answer(pair=other))


def test_without_the_library_it_says_what_to_do(team, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "xmlsec", None)
    refused = team.owner.client.put(team.path, {"metadata_xml": team.idp.metadata()})
    assert (refused.status, refused.code) == (409, "saml_not_installed")
    assert "requirements-saml.txt" in refused.json()["hint"]
    at_acs = post_answer(team.api, team.answer(), team.attempt.query["RelayState"])
    assert (at_acs.status, at_acs.code) == (409, "saml_not_installed")


def test_curves_are_good_too(own_team):
    pair = new_pair(curve=True)
    metadata = own_team.idp.metadata(pair)
    assert own_team.owner.client.put(own_team.path, {"metadata_xml": metadata}).status == 200
    says = {"signature": xmlsec.Transform.ECDSA_SHA256}
    assert "code" in own_team.send(own_team.answer(pair=pair, says=says))


def test_metadata_among_others(own_team):
    """As federations hand it out: in an envelope, with comments."""
    metadata = (
        '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><!-- ours -->'
        f"{own_team.idp.metadata()}</md:EntitiesDescriptor>"
    )
    assert own_team.owner.client.put(own_team.path, {"metadata_xml": metadata}).status == 200
    both = metadata.replace("<!-- ours -->", own_team.idp.metadata())
    refused = own_team.owner.client.put(own_team.path, {"metadata_xml": both})
    assert (refused.status, refused.code) == (422, "saml_metadata_invalid")


@pytest.mark.parametrize(
    ("context", "strong"),
    [
        ("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", False),
        ("https://refeds.org/profile/mfa", True),
        ("http://schemas.microsoft.com/claims/multipleauthn", True),
    ],
)
def test_a_second_factor_at_the_provider_counts(team, context, strong):
    import jwt

    from chalicelib.identity.rows import session_of

    code = team.send(team.answer(says={"context": context}))["code"]
    token = exchange(team.api, team.attempt, code).json()["access_token"]
    session = session_of(jwt.decode(token, options={"verify_signature": False})["sid"])
    assert (session.sso, session.via) == (team.owner.team, "sso")
    assert bool(session.mfa_at) == strong


def test_a_signature_made_twice(team):
    def again(document):
        sign(document.find(ASSERTION), team.idp.pair, team.says)

    assert team.error(team.answer(after=again)) == "saml_wrapped"
