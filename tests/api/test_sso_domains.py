"""Domains of a team: claimed, proven over DNS, withdrawn, given back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.nameserver import Nameserver
from tests.fakes.people import api_key, member, person
from tests.fakes.sso import new_domain, prove


@pytest.fixture
def names(monkeypatch):
    from chalicelib.accounts.actions import domains

    server = Nameserver()
    monkeypatch.setattr(domains, "resolver", server.resolver)
    yield server
    server.stop()


@pytest.fixture
def path(owner):
    return f"/v1/teams/{owner.team}/sso/domains"


def test_a_domain_is_proven_by_its_record(owner, names, path):
    claimed = owner.client.post(path, {"domain": "Corp-One.com."})
    assert claimed.status == 201
    found = claimed.json()
    assert (found["domain"], found["state"]) == ("corp-one.com", "pending")
    assert (found["record_type"], found["record_name"]) == ("TXT", "_clouddeck.corp-one.com")
    assert found["record_value"].startswith("clouddeck-verify=")
    names.texts["_clouddeck.corp-one.com"] = ["v=spf1 -all", found["record_value"]]
    proven = owner.client.post(f"{path}/corp-one.com/verify")
    assert (proven.status, proven.json()["state"]) == (200, "proven")
    assert names.asked == ["_clouddeck.corp-one.com"]
    listed = owner.client.get(path).json()["items"]
    assert [(d["domain"], d["state"]) for d in listed] == [("corp-one.com", "proven")]
    assert listed[0]["checked_at"]


def test_claimed_again_it_wants_the_same_record(owner, path):
    first = owner.client.post(path, {"domain": "corp-two.com"}).json()
    assert owner.client.post(path, {"domain": "CORP-TWO.com"}).json() == first


def test_a_record_in_parts_is_one_text(owner, names, path):
    value = owner.client.post(path, {"domain": "corp-x.com"}).json()["record_value"]
    names.texts["_clouddeck.corp-x.com"] = [f"{value[:20]}|{value[20:]}"]
    assert owner.client.post(f"{path}/corp-x.com/verify").status == 200


@pytest.mark.parametrize("texts", [None, [], ["clouddeck-verify=another"], ["v=spf1 -all"]])
def test_no_record_or_another(owner, names, path, texts):
    owner.client.post(path, {"domain": "corp-x.com"})
    if texts is not None:
        names.texts["_clouddeck.corp-x.com"] = texts
    refused = owner.client.post(f"{path}/corp-x.com/verify")
    assert (refused.status, refused.code) == (409, "domain_not_proven")
    assert "clouddeck-verify=" in refused.json()["detail"]


def test_dns_out_of_order_changes_nothing(owner, names, path):
    prove(owner, names, "corp-x.com")
    names.broken = True
    refused = owner.client.post(f"{path}/corp-x.com/verify")
    assert (refused.status, refused.code) == (503, "dns_unavailable")
    assert owner.client.get(path).json()["items"][0]["state"] == "proven"


def test_a_proof_that_is_gone_is_withdrawn(api, owner, names, path):
    prove(owner, names, "corp-x.com")
    names.texts.clear()
    assert owner.client.post(f"{path}/corp-x.com/verify").code == "domain_not_proven"
    assert owner.client.get(path).json()["items"][0]["state"] == "pending"
    prove(person(api), names, "corp-x.com")  # whoever has the domain now


def test_a_domain_is_one_teams(api, owner, names, path):
    prove(owner, names, "corp-x.com")
    other = person(api)
    refused = other.client.post(f"/v1/teams/{other.team}/sso/domains", {"domain": "corp-x.com"})
    assert (refused.status, refused.code) == (409, "domain_taken")
    owner.client.delete(f"{path}/corp-x.com")
    prove(other, names, "corp-x.com")


def test_of_two_who_claim_the_first_to_prove_has_it(api, owner, names, path):
    """A domain that somebody merely names is nobody's."""
    other = person(api)
    mine = owner.client.post(path, {"domain": "corp-x.com"}).json()
    prove(other, names, "corp-x.com")
    names.texts["_clouddeck.corp-x.com"].append(mine["record_value"])
    refused = owner.client.post(f"{path}/corp-x.com/verify")
    assert (refused.status, refused.code) == (409, "domain_taken")


def test_of_two_who_prove_at_once_one_has_it(api, owner, names):
    others = [owner, person(api), person(api)]
    paths = [f"/v1/teams/{o.team}/sso/domains" for o in others]
    names.texts["_clouddeck.corp-x.com"] = [
        o.client.post(path, {"domain": "corp-x.com"}).json()["record_value"]
        for o, path in zip(others, paths, strict=True)
    ]
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].client.post(f"{pair[1]}/corp-x.com/verify"),
                zip(others, paths, strict=True),
            )
        )
    assert sorted(a.status for a in answers) == [200, 409, 409]
    assert {a.code for a in answers} == {"", "domain_taken"}


def test_what_a_deleted_team_had_proven_is_free(api, owner, names):
    team = owner.client.post("/v1/teams", {"name": "Brief"}).json()["id"]
    claimed = owner.client.post(f"/v1/teams/{team}/sso/domains", {"domain": "corp-x.com"}).json()
    names.texts[claimed["record_name"]] = [claimed["record_value"]]
    verify = f"/v1/teams/{team}/sso/domains/corp-x.com/verify"
    assert owner.client.post(verify).status == 200
    assert owner.client.delete(f"/v1/teams/{team}").status == 204
    prove(person(api), names, "corp-x.com")


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("gmail.com", "domain_public"),
        ("GMAIL.com.", "domain_public"),
        ("\uff47mail.com", "domain_public"),
        ("outlook.com", "domain_public"),
        ("co.uk", "domain_public"),
        ("github.io", "domain_public"),
        ("com", "domain_invalid"),
        ("192.0.2.1", "domain_invalid"),
        ("localhost", "domain_invalid"),
        ("a.localhost", "domain_invalid"),
        ("not a domain", "domain_invalid"),
        ("stra\u00dfe.de", "domain_invalid"),
        ("a#b.com", "domain_invalid"),
    ],
)
def test_what_nobody_can_own(owner, path, domain, code):
    refused = owner.client.post(path, {"domain": domain})
    assert (refused.status, refused.code) == (422, code)
    assert refused.json()["errors"][0]["pointer"] == "/domain"


def test_what_is_the_installations_own(owner, path, monkeypatch):
    from dataclasses import replace

    from chalicelib.accounts.actions import domains

    real = domains.settings()
    monkeypatch.setattr(
        domains,
        "settings",
        lambda: replace(real, sites_domain="apps.corp.com", api_url="https://api.corp.com"),
    )
    for name in ("apps.corp.com", "tea.apps.corp.com", "api.corp.com"):
        assert owner.client.post(path, {"domain": name}).code == "domain_invalid"
    assert owner.client.post(path, {"domain": "corp.com"}).status == 201


def test_a_look_alike_is_another_domain(owner, path):
    found = owner.client.post(path, {"domain": "gm\u0430il.com"}).json()
    assert found["record_name"] == "_clouddeck.xn--gmil-63d.com"


def test_at_most_twenty(owner, path):
    for _ in range(20):
        assert owner.client.post(path, {"domain": new_domain()}).status == 201
    refused = owner.client.post(path, {"domain": new_domain()})
    assert (refused.status, refused.code) == (409, "too_many_domains")


@pytest.mark.parametrize("name", ["corp-x.com", "no domain", "a..b"])
def test_absent(owner, path, name):
    from urllib.parse import quote

    for answer in (
        owner.client.post(f"{path}/{quote(name)}/verify"),
        owner.client.delete(f"{path}/{quote(name)}"),
    ):
        assert (answer.status, answer.code) == (404, "domain_not_found")


def test_only_owners_decide(api, owner, path):
    admin = member(api, owner, "admin").client
    assert admin.get(path).status == 200
    assert admin.post(path, {"domain": "corp-x.com"}).code == "missing_permission"
    assert member(api, owner, "developer").client.get(path).code == "missing_permission"
    assert person(api).client.get(path).status == 404


def test_a_key_does_not_change_how_people_sign_in(owner):
    key = api_key(owner)
    refused = key.put(f"/v1/teams/{owner.team}/sso", {"default_role": "viewer"})
    assert (refused.status, refused.code) == (403, "session_required")
