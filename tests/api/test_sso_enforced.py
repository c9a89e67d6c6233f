"""Single sign-on by OpenID Connect: set up, tried, enforced, and the way out when it breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from adapters.local.idp.people import Person as Someone
from adapters.local.idp.server import Idp
from chalicelib.core import config, outbound
from tests.fakes.nameserver import Nameserver
from tests.fakes.people import PASSWORD, api_key, person
from tests.fakes.sso import new_domain, prove
from tests.fakes.wanderer import Wanderer


@pytest.fixture
def names(monkeypatch):
    from chalicelib.accounts.actions import domains

    server = Nameserver()
    monkeypatch.setattr(domains, "resolver", server.resolver)
    yield server
    server.stop()


@pytest.fixture
def idp(monkeypatch):
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    with Idp() as running:
        yield running


@dataclass
class Team:
    """A team whose owner has an address at its proven domain, with OpenID Connect set up."""

    api: object
    owner: object
    idp: Idp
    domain: str

    @property
    def path(self):
        return f"/v1/teams/{self.owner.team}/sso"

    def setup(self, **more):
        return {
            "kind": "oidc",
            "issuer": self.idp.url,
            "client_id": "clouddeck",
            "client_secret": self.idp.clients["clouddeck"],
            **more,
        }

    def enter(self, address, **whose):
        """Sign in by the team's provider; the answer of the exchange."""
        if self.idp.person(address) is None:
            self.idp.people.append(Someone(address))
        browser = Wanderer.new(self.api)
        url = browser.leave("/v1/auth/sso/start", **(whose or {"team": self.owner.team}))
        back = browser.come_back(browser.choose(url, address))
        assert "code" in back, back
        return browser.exchange(back["code"])

    def enforce(self):
        signed_in = self.enter(self.owner.email)
        assert signed_in.status == 200, signed_in.text
        client = self.api.with_token(signed_in.json()["access_token"])
        done = client.put(self.path, {"enforced": True})
        assert done.status == 200, done.text
        assert done.json()["enforced"] is True
        return client


@pytest.fixture
def team(api, idp, names):
    domain = new_domain()
    owner = person(api, f"boss@{domain}")
    prove(owner, names, domain)
    found = Team(api, owner, idp, domain)
    idp.redirects = (f"{config.settings().api_url}/v1/auth/callback/{owner.team}",)
    made = owner.client.put(found.path, found.setup())
    assert made.status == 200, made.text
    return found


def test_the_round_trip_makes_a_member(team):
    email = f"eve@{team.domain}"
    signed_in = team.enter(email, email=email)
    assert signed_in.status == 200, signed_in.text
    me = team.api.with_token(signed_in.json()["access_token"]).get("/v1/me").json()
    assert me["user"]["email"] == email
    assert {t["id"]: t["role"] for t in me["teams"]}[team.owner.team] == "viewer"


def test_a_team_may_be_named_by_its_slug(team):
    slug = team.owner.client.get("/v1/me").json()["teams"][0]["slug"]
    assert team.enter(team.owner.email, team=slug).status == 200


def test_the_secret_is_never_shown(team):
    shown = team.owner.client.get(team.path)
    assert shown.status == 200
    assert team.idp.clients["clouddeck"] not in shown.text
    assert shown.json()["redirect_uri"].endswith(f"/v1/auth/callback/{team.owner.team}")


def test_an_address_elsewhere_is_refused(team):
    refused = team.enter("grace@example.com")
    assert (refused.status, refused.code) == (403, "sso_domain_mismatch")


def test_an_address_that_the_provider_does_not_vouch_for(team):
    email = f"mallory@{team.domain}"
    team.idp.people.append(Someone(email, verified=False))
    refused = team.enter(email)
    assert (refused.status, refused.code) == (403, "sso_email_unverified")


def test_what_a_team_has_no_provider_for(api, team):
    from chalicelib.accounts.rules import pkce

    body = {
        "return_to": "http://127.0.0.1:1/x",
        "challenge": pkce.challenge_of(pkce.new_verifier()),
    }
    other = person(api)
    for whose in ({"team": other.team}, {"team": "nobody"}, {"email": "a@nowhere.com"}):
        answer = api.post("/v1/auth/sso/start", {**body, **whose})
        assert (answer.status, answer.code) == (404, "sso_not_found")
    for whose in ({}, {"team": "x", "email": "a@b.com"}):
        assert api.post("/v1/auth/sso/start", {**body, **whose}).status == 422


# --- setting up ---


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"issuer": "http://169.254.169.254/latest"}, "/issuer"),
        ({"issuer": "ftp://idp.test"}, "/issuer"),
        ({"client_id": "another", "client_secret": None}, "/client_secret"),
        ({"metadata_xml": "<x/>"}, "/metadata_xml"),
    ],
)
def test_what_cannot_be_a_provider(team, change, pointer, monkeypatch):
    monkeypatch.setattr(outbound, "settings", config.settings)
    body = {k: v for k, v in team.setup(**change).items() if v is not None}
    refused = team.owner.client.put(team.path, body)
    assert (refused.status, refused.code) == (422, "invalid_request")
    assert refused.json()["errors"][0]["pointer"] in {pointer, "/issuer"}


def test_a_secret_never_goes_to_another_issuer(team):
    """Whoever may write but not read must not learn the secret by naming a provider of theirs."""
    refused = team.owner.client.put(team.path, {"issuer": "https://evil.example.com"})
    assert refused.json()["errors"][0]["pointer"] == "/client_secret"


def test_an_issuer_that_is_no_provider(team):
    refused = team.owner.client.put(team.path, team.setup(issuer=f"{team.idp.url}/nothing"))
    assert (refused.status, refused.code) == (422, "invalid_request")
    assert refused.json()["errors"][0]["pointer"] == "/issuer"


def test_nobody_becomes_owner_by_signing_in(team):
    assert team.owner.client.put(team.path, {"default_role": "owner"}).status == 422


def test_saml_and_openid_connect_do_not_mix(team):
    refused = team.owner.client.put(team.path, {"kind": "saml"})
    assert refused.json()["errors"][0]["pointer"] == "/metadata_xml"


# --- enforcing ---


def test_only_who_came_by_it_can_enforce_it(team):
    refused = team.owner.client.put(team.path, {"enforced": True})
    assert (refused.status, refused.code) == (409, "sso_untried")
    team.enforce()


def test_a_changed_provider_is_untried(team):
    client = team.api.with_token(team.enter(team.owner.email).json()["access_token"])
    refused = client.put(team.path, team.setup(client_secret="another", enforced=True))
    assert (refused.status, refused.code) == (409, "sso_untried")
    assert client.put(team.path, team.setup(client_secret="another")).status == 200
    refused = client.put(team.path, {"enforced": True})
    assert (refused.status, refused.code) == (409, "sso_untried")


def test_what_is_enforced_is_not_replaced(team):
    client = team.enforce()
    refused = client.put(team.path, team.setup(client_secret="another"))
    assert (refused.status, refused.code) == (409, "sso_enforced")
    assert client.put(team.path, {"default_role": "developer"}).status == 200
    assert client.put(team.path, team.setup(client_secret="x", enforced=False)).status == 200


def test_no_password_opens_what_single_sign_on_guards(api, team):
    team.enforce()
    refusals = [
        api.post("/v1/auth/login", {"email": team.owner.email, "password": password})
        for password in (PASSWORD, "not it, really")
    ]
    refusals.append(
        api.post("/v1/auth/login", {"email": f"nobody@{team.domain}", "password": PASSWORD})
    )
    assert {(r.status, r.code) for r in refusals} == {(403, "sso_required")}
    assert "deck login --sso" in refusals[0].json()["hint"]


def test_no_reset_and_no_sign_up_either(api, team):
    from chalicelib.accounts.actions.settings import change_settings

    change_settings("open", None)
    team.enforce()
    for email in (team.owner.email, f"nobody@{team.domain}"):
        reset = api.post("/v1/auth/reset", {"email": email})
        assert (reset.status, reset.code) == (403, "sso_required")
        wanted = {"email": email, "name": "Eve", "password": PASSWORD}
        signed_up = api.post("/v1/auth/sign-up", wanted)
        assert (signed_up.status, signed_up.code) == (403, "sso_required")


def test_the_teams_log_has_who_came_by_it(team):
    email = f"eve@{team.domain}"
    assert team.enter(email).status == 200
    log = team.owner.client.get(f"/v1/teams/{team.owner.team}/audit").json()["items"]
    came = next(e for e in log if e["action"] == "accounts.exchange_code")
    assert came["actor"]["user"] not in {"", team.owner.id}
    setup = next(e for e in log if e["action"] == "accounts.configure_sso")
    assert (setup["before"], setup["after"]["issuer"]) == ({}, team.idp.url)
    assert [e["resource"] for e in log if e["action"].endswith("_domain")] == [team.domain] * 2
    assert team.idp.clients["clouddeck"] not in str(log)


def test_sessions_from_before_lose_the_team_and_nothing_else(team):
    team.enforce()
    refused = team.owner.client.get(f"/v1/projects?team={team.owner.team}")
    assert (refused.status, refused.code) == (403, "sso_required")
    assert team.owner.client.get("/v1/me").status == 200


def test_an_owner_without_it_cannot_switch_it_off(team):
    team.enforce()
    for answer in (
        team.owner.client.put(team.path, {"enforced": False}),
        team.owner.client.delete(team.path),
    ):
        assert (answer.status, answer.code) == (403, "sso_required")


def test_keys_made_before_go_on(team):
    key = api_key(team.owner)
    team.enforce()
    assert key.get(f"/v1/projects?team={team.owner.team}").status == 200


def test_members_who_came_by_it_go_on(team):
    client = team.enforce()
    assert client.get(f"/v1/projects?team={team.owner.team}").status == 200


def test_another_way_in_is_no_way_in(team):
    """A session that another team's provider signed in is not this team's."""
    from chalicelib.identity.actions import gates

    gates.check(team.owner.email, "")
    team.enforce()
    gates.check(team.owner.email, team.owner.team)
    for other in ("", "team_" + "0" * 26):
        with pytest.raises(Exception, match="identity provider") as refused:
            gates.check(team.owner.email, other)
        assert refused.value.code == "sso_required"


def test_the_last_domain_stays_while_it_is_needed(team, names):
    client = team.enforce()
    refused = client.delete(f"{team.path}/domains/{team.domain}")
    assert (refused.status, refused.code) == (409, "sso_enforced")
    team.owner.client = client
    prove(team.owner, names, new_domain())
    assert client.delete(f"{team.path}/domains/{team.domain}").status == 204


def test_removing_it_ends_the_duty(api, team):
    assert team.enforce().delete(team.path).status == 204
    login = {"email": team.owner.email, "password": PASSWORD}
    assert api.post("/v1/auth/login", login).status == 200
    assert team.owner.client.get(f"/v1/projects?team={team.owner.team}").status == 200
    assert team.owner.client.get(team.path).code == "sso_not_found"


# --- the way out ---


def _admin(api):
    from chalicelib.identity.actions.users import make_admin
    from chalicelib.identity.rows import user_of

    found = person(api)
    make_admin(user_of(found.id))
    return found.client


def test_an_administrator_lets_a_team_out(api, team):
    team.enforce()
    path = f"/v1/admin/teams/{team.owner.team}/sso"
    assert person(api).client.put(path, {"enforced": False}).status in {403, 404}
    done = _admin(api).put(path, {"enforced": False})
    assert (done.status, done.json()["enforced"]) == (200, False)
    login = {"email": team.owner.email, "password": PASSWORD}
    assert api.post("/v1/auth/login", login).status == 200
    assert team.enter(team.owner.email).status == 200


def test_an_administrator_enforces_nothing(api, team):
    path = f"/v1/admin/teams/{team.owner.team}/sso"
    assert _admin(api).put(path, {"enforced": True}).status == 422
    assert _admin(api).put("/v1/admin/teams/nobody/sso", {"enforced": False}).status == 404
