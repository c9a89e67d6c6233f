"""Who somebody is elsewhere, and which of their addresses is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules import externals
from chalicelib.accounts.rules.providers import (
    PROVIDERS,
    Connection,
    api_of,
    is_discovered,
    issuer_of_token,
    normal_issuer,
    redirect_uri,
)

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"


def connection(provider: str, issuer: str = "") -> Connection:
    known = PROVIDERS[provider]
    return Connection(provider, known, issuer or known.issuer, "id", "secret", "https://api/cb")


def test_google():
    found = externals.from_claims(
        connection("google"),
        {"sub": "1", "email": "Ada@Example.com", "email_verified": True, "name": " Ada\x00 "},
    )
    assert found == externals.External(
        "google", "https://accounts.google.com|1", "ada@example.com", True, "Ada"
    )


@pytest.mark.parametrize("claim", [None, False, "false", "yes", 0, 2, [True], {"a": 1}])
def test_only_a_plain_yes_verifies_an_address(claim):
    claims = {"sub": "1", "email": "ada@example.com", "email_verified": claim}
    assert not externals.from_claims(connection("google"), claims).email_verified


def test_microsoft_is_known_by_tenant_and_object_and_proves_an_address_by_xms_edov():
    claims = {"sub": "pairwise", "tid": TENANT, "oid": "o-1", "email": "ada@example.com"}
    # `email_verified` is a claim that any tenant can add
    found = externals.from_claims(connection("microsoft"), {**claims, "email_verified": True})
    assert (found.subject, found.email_verified) == (f"microsoft|{TENANT}:o-1", False)
    for yes in (True, 1, "1", "true"):
        proven = externals.from_claims(connection("microsoft"), {**claims, "xms_edov": yes})
        assert proven.email_verified
    for missing in ("tid", "oid"):
        with pytest.raises(externals.Nobody):
            externals.from_claims(connection("microsoft"), {**claims, missing: None})


def test_github_takes_the_primary_address_and_only_if_it_is_verified():
    emails = [
        {"email": "other@example.com", "primary": False, "verified": True},
        {"email": "ada@example.com", "primary": True, "verified": False},
    ]
    found = externals.from_github(connection("github"), {"id": 7, "login": "ada"}, emails)
    assert found == externals.External(
        "github", "https://github.com|7", "ada@example.com", False, "ada"
    )
    emails[1]["verified"] = True
    assert externals.from_github(connection("github"), {"id": 7}, emails).email_verified


def test_bitbucket_takes_the_primary_address_and_only_if_it_is_confirmed():
    user = {"uuid": "{1}", "display_name": "Ada"}
    emails = {"values": [{"email": "ada@example.com", "is_primary": True, "is_confirmed": True}]}
    found = externals.from_bitbucket(connection("bitbucket"), user, emails)
    assert (found.subject, found.email_verified) == ("https://bitbucket.org|{1}", True)
    emails["values"][0]["is_confirmed"] = "true"
    assert not externals.from_bitbucket(connection("bitbucket"), user, emails).email_verified


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(anything, anything)
def test_nonsense_is_nobody_or_somebody_without_a_proven_address(user, emails):
    for read, name in (
        (externals.from_github, "github"),
        (externals.from_bitbucket, "bitbucket"),
    ):
        try:
            found = read(connection(name), user, emails)
        except externals.Nobody:
            continue
        assert found.email or not found.email_verified
        assert found.subject.startswith(connection(name).issuer + "|")


def test_another_issuer_under_the_same_name_names_other_people():
    one, other = (connection("oidc", f"https://{host}.example") for host in ("a", "b"))
    subjects = {externals.from_claims(c, {"sub": "1"}).subject for c in (one, other)}
    assert len(subjects) == 2


@pytest.mark.parametrize("subject", ["", None, 5, "x" * 256, "a\nb"])
def test_what_names_nobody(subject):
    with pytest.raises(externals.Nobody):
        externals.from_claims(connection("google"), {"sub": subject})


@pytest.mark.parametrize(
    ("methods", "strong"),
    [(["pwd", "mfa"], True), (["pwd"], False), (None, False), ("mfa", False), ([{}], False)],
)
def test_a_second_factor_elsewhere(methods, strong):
    claims = {"sub": "1", "amr": methods}
    assert externals.from_claims(connection("google"), claims).strong is strong


def test_discovery_must_name_the_issuer_that_was_asked():
    google, microsoft = connection("google"), connection("microsoft")
    assert is_discovered(google, "https://accounts.google.com")
    assert not is_discovered(google, "https://accounts.google.com.evil.example")
    assert not is_discovered(google, None)
    host = "https://login.microsoftonline.com"
    assert is_discovered(microsoft, f"{host}/{{tenantid}}/v2.0")
    assert is_discovered(microsoft, f"{host}/{TENANT}/v2.0")
    assert not is_discovered(microsoft, "https://evil.example/{tenantid}/v2.0")
    # a provider without tenants cannot choose its issuer afterwards
    assert not is_discovered(connection("oidc", host), f"{host}/{{tenantid}}/v2.0")


def test_the_issuer_of_a_tenants_token():
    template = "https://login.microsoftonline.com/{tenantid}/v2.0"
    microsoft = connection("microsoft")
    wanted = f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert issuer_of_token(microsoft, template, {"tid": TENANT}) == wanted
    for tenant in ("common", "../x", None, 5, TENANT + "/x"):
        assert issuer_of_token(microsoft, template, {"tid": tenant}) is None
    assert issuer_of_token(connection("google"), template, {"tid": TENANT}) is None


def test_addresses():
    assert api_of(connection("github")) == "https://api.github.com"
    assert api_of(connection("github", "https://git.example")) == "https://git.example/api/v3"
    assert api_of(connection("bitbucket")) == "https://api.bitbucket.org/2.0"
    assert normal_issuer(" https://a.example/.well-known/openid-configuration ") == (
        "https://a.example"
    )
    assert redirect_uri("https://api") == "https://api/v1/auth/callback"
    assert redirect_uri("https://api", "team_1") == "https://api/v1/auth/callback/team_1"
