"""Grants are enough for people as well: for every route of the API, and for every way in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.local.idp.server import Idp
from chalicelib import wiring
from chalicelib.accounts.actions import domains
from chalicelib.core import config, outbound
from chalicelib.core.http import PUBLIC, TABLE
from chalicelib.identity.rows import UserRow, user_named
from tests.api.bodies import QUERIES, filled, named
from tests.api.driving import ELSEWHERE, Here, names_for, prepare
from tests.fakes import world as worlds
from tests.fakes.authenticator import Authenticator
from tests.fakes.client import Client
from tests.fakes.factors import answer_code, enrol_app, enrol_passkey, log_in
from tests.fakes.nameserver import Nameserver
from tests.fakes.people import PASSWORD, Person, person
from tests.fakes.post import last_to, token_in
from tests.fakes.saml_idp import SamlIdp
from tests.fakes.saml_team import Team
from tests.fakes.sso import begin, exchange
from tests.fakes.wanderer import Wanderer
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture

ABSENT = {
    "GET /v1/admin/providers/{provider}",
    "GET /v1/teams/{team}/sso",
    "GET /v1/teams/{team}/sso/metadata",
    "GET /v1/auth/callback",
    "GET /v1/auth/callback/{team}",
    "GET /v1/admin/git/github",
    "GET /v1/git/github/callback",
    "GET /v1/projects/{project}/repository",
    "GET /v1/teams/{team}/git/{installation}/repositories",
    "POST /v1/teams/{team}/git/github/start",
    "GET /v1/deployments/{deployment}/sbom",
    "GET /v1/deployments/{deployment}/vulnerabilities",
    "GET /v1/deployments/{deployment}/attestation",
    "GET /v1/deployments/{deployment}/release",
    "GET /v1/deployments/{deployment}/diff/{other}",
    "GET /v1/projects/{project}/domains/{domain}/certificate",
    "POST /v1/me/access",
    "POST /v1/deployments/{deployment}/rules/test",
}
"""Asked for what is not there; when it is, `Ways` asks, or another of these tests: of git, supply,
releases, domains and doors."""

TOLD_ELSEWHERE = {
    "POST /v1/access-requests",
    "POST /v1/auth/device",
    "POST /v1/auth/providers/{provider}/start",
    "POST /v1/auth/refresh",
    "POST /v1/auth/reset",
    "POST /v1/auth/sso/start",
    "POST /v1/me/identities/{provider}/start",
    "POST /v1/auth/verify/resend",
    "POST /v1/invitations/look",
    "POST /v1/uploads/{upload}/missing",
    "POST /v1/hooks/git/{provider}/{project}",
    "POST /v1/hooks/deploy/{hook}",
    "POST /v1/hooks/github",
    "POST /v1/hooks/git",
    "POST /v1/me/push/test",
    "POST /v1/access/{site}",
}
"""`Ways`, and the other stories, ask these; the last one signs its questions."""

SAYING: dict[str, dict[str, Any]] = {
    "POST /v1/admin/users/{user}/clear-factors": {"reason": "lost"},
    "POST /v1/frameworks/detect": {"root_files": ["index.html"], "files": {}},
    "POST /v1/rules/check": {"files": {"_redirects": "/a /b 301"}},
}
"""What a request has to say beyond `prepare`."""

hobby = pytest.mark.parametrize("made", ["hobby"], indirect=True)


def boss(api: Client) -> Person:
    """Somebody who runs the installation."""
    somebody = person(api)
    user_named(somebody.id).update(actions=[UserRow.admin.set(True)])
    return somebody


def refused(cloud: Cloud, made: Stacks) -> list[tuple[str, str, str]]:  # noqa: F811
    """The calls that were made and that a role would not allow."""
    there = roles(made)
    return sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))


@hobby
def test_every_route_does_what_it_does_under_the_role_of_the_api(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
    api: Client,
    services: Any,
) -> None:
    # `everything` of the other story reads sources out of the store
    with_git = replace(cloud.watched, repositories=services.repositories)
    wiring.install(lambda: with_git)
    driven, failed = 0, {}
    for route in TABLE:
        name = named(route)
        if route.bearer != "user" or name in {*ELSEWHERE, *TOLD_ELSEWHERE}:
            continue
        owner = boss(api)
        here = Here(owner, worlds.World(services, owner, {}), services)
        names = names_for(here, route)
        body = {**prepare(here, route, names), **SAYING.get(name, {})}
        client = Client() if route.permission == PUBLIC else here.client
        path = filled(route.path + QUERIES.get(name, ""), names)
        with cloud.calls.by("api"):
            answer = client.call(route.method, path, body if route.body is not None else None)
        if answer.status >= (500 if name in ABSENT else 300):
            failed[name] = answer.text
        driven += 1
    assert not failed, "\n".join(f"{name}: {text[:200]}" for name, text in failed.items())
    assert driven > 80
    assert refused(cloud, made) == []


class Ways:
    """What people do to get in; every request of theirs is answered by the API."""

    def __init__(self, cloud: Cloud, api: Client, services: Any) -> None:  # noqa: F811
        self.cloud, self.api, self.services = cloud, api, services

    def mail(self, address: str) -> str:
        """The token of the last letter to an address, as the function of errands wrote it."""
        with self.cloud.calls.by("on-errand"):
            return token_in(last_to(self.services, address))

    def sign_up(self, admin: Person) -> None:
        """Up, out of the mailbox, in, to another password and another address."""
        good(admin.client.patch("/v1/admin/settings", {"sign_up": "open"}))
        ada = {"email": "ada@example.com", "password": PASSWORD}
        good(self.api.post("/v1/auth/sign-up", {**ada, "name": "Ada"}))
        good(self.api.post("/v1/auth/verify/resend", {"email": ada["email"]}))
        good(self.api.post("/v1/auth/verify", {"token": self.mail(ada["email"])}))
        good(self.api.post("/v1/auth/reset", {"email": ada["email"]}))
        ada["password"] = "another long secret"
        told = {"token": self.mail(ada["email"]), "password": ada["password"]}
        good(self.api.post("/v1/auth/reset/confirm", told))
        tokens = good(self.api.post("/v1/auth/login", ada))
        here = self.api.with_token(tokens["access_token"])
        good(here.post("/v1/me/email", {"email": "countess@example.com"}))
        good(self.api.post("/v1/auth/verify", {"token": self.mail("countess@example.com")}))
        again = good(self.api.post("/v1/auth/refresh", {"refresh_token": tokens["refresh_token"]}))
        assert again["access_token"]

    def ask_for_access(self, admin: Person) -> None:
        """By a request that somebody grants."""
        good(admin.client.patch("/v1/admin/settings", {"sign_up": "request"}))
        asked = {"email": "grace@example.com", "name": "Grace", "organisation": "Navy"}
        good(self.api.post("/v1/access-requests", {**asked, "reason": "compilers"}))
        path = "/v1/admin/access-requests"
        (request,) = good(admin.client.get(f"{path}?state=pending"))["items"]
        good(admin.client.post(f"{path}/{request['id']}/approve", {"note": "welcome"}))
        with self.cloud.calls.by("on-errand"):
            last_to(self.services, asked["email"])

    def factors(self) -> None:
        """With codes of an app, a recovery code, and a passkey."""
        somebody = person(self.api)
        app, recovery = enrol_app(somebody)
        for code, method in ((app.fresh(), "totp"), (recovery[0], "recovery")):
            challenge = good(log_in(self.api, somebody))["challenge"]["id"]
            good(answer_code(self.api, challenge, code, method))
        device, _ = enrol_passkey(somebody, Authenticator())
        asked = good(self.api.post("/v1/auth/passkey/options"))
        body = {"challenge": asked["challenge"], "credential": device.get(asked["options"])}
        tokens = good(self.api.post("/v1/auth/passkey", body))
        here = self.api.with_token(tokens["access_token"])
        good(here.post("/v1/auth/step-up/options"))
        for factor in good(here.get("/v1/me/factors"))["items"]:
            assert here.delete(f"/v1/me/factors/{factor['id']}").status == 204

    def device(self) -> None:
        """A machine without a browser."""
        waiting = good(self.api.post("/v1/auth/device", {"name": "server"}))
        somebody = person(self.api)
        path = f"/v1/me/device/{waiting['user_code']}"
        good(somebody.client.get(path))
        good(somebody.client.post(f"{path}/approve"))
        asked = {"device_code": waiting["device_code"]}
        assert good(self.api.post("/v1/auth/device/token", asked))["access_token"]

    def providers(self, admin: Person, idp: Idp) -> None:
        """By an identity that somebody has elsewhere, and linked to an account."""
        good(admin.client.patch("/v1/admin/settings", {"sign_up": "open"}))
        secret = {"client_id": "clouddeck", "client_secret": idp.clients["clouddeck"]}
        for name in ("github", "google"):
            path = f"/v1/admin/providers/{name}"
            good(admin.client.put(path, {**secret, "issuer": idp.url}))
            good(admin.client.get(path))
        good(Wanderer.new(self.api).sign_in("github", "ada@example.com"))
        browser = Wanderer.new(admin.client)
        back = browser.travel("/v1/me/identities/google/start", "grace@example.com")
        body = {"code": back["code"], "verifier": browser.verifier}
        good(admin.client.post("/v1/me/identities/google", body))
        assert admin.client.delete("/v1/me/identities/google").status == 204
        assert admin.client.delete("/v1/admin/providers/google").status == 204

    def single_sign_on(self, admin: Person, names: Nameserver, oidc: Idp) -> None:
        """By a team's own provider."""
        owner = person(self.api)
        team = Team(self.api, owner, SamlIdp(), names)
        code = team.send(team.answer())["code"]
        good(exchange(self.api, team.attempt, code))
        good(owner.client.get(team.path))
        assert owner.client.get(f"{team.path}/metadata").status == 200
        good(owner.client.put(team.path, {"default_role": "viewer"}))
        path = f"/v1/admin/teams/{owner.team}/sso"
        good(admin.client.put(path, {"enforced": False}))
        wanted = {"kind": "oidc", "issuer": oidc.url, "client_id": "clouddeck"}
        wanted["client_secret"] = oidc.clients["clouddeck"]
        good(owner.client.put(team.path, wanted))
        assert begin(self.api, team=owner.team).url.startswith(oidc.url)
        assert owner.client.delete(team.path).status == 204

    def machines(self) -> None:
        """Programs, by keys of a team and of a project."""
        owner = person(self.api)
        project = good(owner.client.post("/v1/projects", {"name": "Robots"}))["id"]
        wish = {"name": "robot", "team": owner.team, "kind": "service", "role": "developer"}
        robot = self.api.with_token(good(owner.client.post("/v1/keys", wish))["secret"])
        good(robot.get("/v1/projects"))
        path = f"/v1/projects/{project}"
        key = good(owner.client.post(f"{path}/deploy-keys", {"name": "ci"}))
        good(self.api.with_token(key["secret"]).get(f"{path}/deployments"))

    def invited(self) -> None:
        """By an invitation of a team, looked at and accepted."""
        owner, guest = person(self.api), person(self.api)
        path = f"/v1/teams/{owner.team}/invitations"
        good(owner.client.post(path, {"email": guest.email, "role": "viewer"}))
        token = {"token": token_in(self.services.mail.to(guest.email)[-1])}
        good(self.api.post("/v1/invitations/look", token))
        good(guest.client.post("/v1/invitations/accept", token))


def good(answer: Any) -> Any:
    """The content of an answer that has to be one."""
    assert answer.status < 300, answer.text
    return answer.json() if answer.text else None


@pytest.fixture
def ways(
    cloud: Cloud,  # noqa: F811
    api: Client,
    services: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Ways:
    real = Client.call

    def by_the_api(client: Client, *given: Any, **named: Any) -> Any:
        with cloud.calls.by("api"):
            return real(client, *given, **named)

    monkeypatch.setattr(Client, "call", by_the_api)
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    return Ways(cloud, api, services)


@pytest.fixture
def idp() -> Iterator[Idp]:
    with Idp(redirects=(f"{config.settings().api_url}/v1/auth/callback",)) as running:
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nameserver]:
    server = Nameserver()
    monkeypatch.setattr(domains, "resolver", server.resolver)
    yield server
    server.stop()


@hobby
def test_every_way_in_is_open_under_the_roles(
    made: Stacks, ways: Ways, api: Client, idp: Idp, names: Nameserver
) -> None:
    admin = boss(api)
    ways.sign_up(admin)
    ways.ask_for_access(admin)
    ways.factors()
    ways.device()
    ways.providers(admin, idp)
    ways.single_sign_on(admin, names, idp)
    ways.machines()
    ways.invited()
    asked = {call[:2] for call in ways.cloud.calls.made}
    assert {"api", "on-errand"} == {function for function, _ in asked}
    for wanted in (
        *(("api", f"kms:{action}") for action in ("Encrypt", "Decrypt", "Sign")),
        *(("api", wanted) for wanted in ("events:PutEvents", "ses:SendEmail")),
        ("on-errand", "ses:SendEmail"),
        ("api", "dynamodb:UpdateItem"),
    ):
        assert wanted in asked
    assert refused(ways.cloud, made) == []
