"""Who may call what: every route of the table against every kind of caller.

A route without a row in EXPECTED fails, and so does a row without a route: write down who may
call it before it ships. A row says what the four roles of the team get, then somebody of another
team, then an API key whose scopes are for something else:

    viewer developer admin owner | stranger | key

`ok` is any answer that is not a refusal. Callers who are not signed in properly (no token, a
malformed, an expired, a revoked one) get their own 401 on every route that is not public.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

import app  # noqa: F401  # registers every route
from chalicelib import wiring
from chalicelib.core.http import INSTALLATION, PUBLIC, SIGNED_IN, TABLE, Route
from chalicelib.teams.rules import SCOPES
from chalicelib.teams.rules.roles import INSTALLATION as OF_INSTALLATION
from tests.fakes import fake_services, world
from tests.fakes.client import Client
from tests.fakes.people import PASSWORD

PRINCIPALS = ("viewer", "developer", "admin", "owner", "stranger", "key")
NOT_SIGNED_IN = {
    "anonymous": "not_signed_in",
    "malformed": "token_malformed",
    "expired": "token_expired",
    "revoked": "token_revoked",
}
PUBLIC_ROUTE = "public"
RUNNER_ROUTE = "runner"  # a build token only: every token of a person is refused

READ = "ok ok ok ok 404 403"
WRITE = "403 ok ok ok 404 403"
ADMIN = "403 403 ok ok 404 403"
OWNER = "403 403 403 ok 404 403"
ANYBODY = "ok ok ok ok ok ok"
NOBODY = "403 403 403 403 403 403"  # whoever runs the installation, alone
PERSON = "ok ok ok ok ok 403"  # whoever is signed in, and no key

EXPECTED: dict[str, str] = {
    # meta
    "GET /v1/meta": PUBLIC_ROUTE,
    "GET /v1/health": PUBLIC_ROUTE,
    "GET /v1/openapi.json": PUBLIC_ROUTE,
    # whoever is signed in; each field asks what its route asks, see test_graphql
    "POST /v1/graphql": ANYBODY,
    # identity
    "POST /v1/auth/login": PUBLIC_ROUTE,
    "POST /v1/auth/refresh": PUBLIC_ROUTE,
    "POST /v1/auth/mfa": PUBLIC_ROUTE,
    "POST /v1/auth/passkey/options": PUBLIC_ROUTE,
    "POST /v1/auth/passkey": PUBLIC_ROUTE,
    "GET /v1/auth/jwks.json": PUBLIC_ROUTE,
    "GET /v1/attestation-keys": PUBLIC_ROUTE,
    "POST /v1/auth/logout": ANYBODY,
    "POST /v1/auth/step-up/options": PERSON,
    "POST /v1/auth/step-up": PERSON,
    "GET /v1/me/factors": PERSON,
    "POST /v1/me/factors/totp": PERSON,
    "POST /v1/me/factors/totp/confirm": PERSON,
    "POST /v1/me/factors/passkeys/options": PERSON,
    "POST /v1/me/factors/passkeys": PERSON,
    "DELETE /v1/me/factors/{factor}": PERSON,  # one's own: another's is absent
    "POST /v1/me/factors/recovery-codes": PERSON,
    "GET /v1/me/sessions": PERSON,
    "DELETE /v1/me/sessions/{session}": PERSON,  # one's own: another's is absent
    "DELETE /v1/me/sessions": PERSON,
    "GET /v1/push/key": PUBLIC_ROUTE,
    "GET /v1/me/push": PERSON,
    "POST /v1/me/push": PERSON,
    "DELETE /v1/me/push/{browser}": PERSON,  # one's own: another's is absent
    "POST /v1/me/push/test": PERSON,
    # accounts: who has one, and who may
    "POST /v1/auth/sign-up": PUBLIC_ROUTE,
    "POST /v1/auth/verify": PUBLIC_ROUTE,
    "POST /v1/auth/verify/resend": PUBLIC_ROUTE,
    "POST /v1/auth/reset": PUBLIC_ROUTE,
    "POST /v1/auth/reset/confirm": PUBLIC_ROUTE,
    "POST /v1/access-requests": PUBLIC_ROUTE,
    "PUT /v1/me/password": PERSON,
    "PATCH /v1/me": PERSON,
    "POST /v1/me/email": PERSON,
    "GET /v1/admin/advisories": NOBODY,
    "POST /v1/admin/advisories": NOBODY,
    "POST /v1/admin/advisories/import": NOBODY,
    "GET /v1/admin/users": NOBODY,
    "GET /v1/admin/users/{user}": NOBODY,
    "POST /v1/admin/users/{user}/suspend": NOBODY,
    "POST /v1/admin/users/{user}/restore": NOBODY,
    "POST /v1/admin/users/{user}/clear-factors": NOBODY,
    "PUT /v1/admin/users/{user}/admin": NOBODY,
    "GET /v1/admin/teams": NOBODY,
    "POST /v1/admin/teams/{team}/suspend": NOBODY,
    "POST /v1/admin/teams/{team}/restore": NOBODY,
    "PATCH /v1/admin/teams/{team}": NOBODY,
    "GET /v1/admin/access-requests": NOBODY,
    "POST /v1/admin/access-requests/{request}/approve": NOBODY,
    "POST /v1/admin/access-requests/{request}/reject": NOBODY,
    "GET /v1/admin/settings": NOBODY,
    "PATCH /v1/admin/settings": NOBODY,
    # accounts: signing in elsewhere
    "GET /v1/auth/providers": PUBLIC_ROUTE,
    "POST /v1/auth/providers/{provider}/start": PUBLIC_ROUTE,
    "GET /v1/auth/callback": PUBLIC_ROUTE,
    "GET /v1/auth/callback/{team}": PUBLIC_ROUTE,
    "POST /v1/auth/exchange": PUBLIC_ROUTE,
    "GET /v1/me/identities": PERSON,
    "POST /v1/me/identities/{provider}/start": PERSON,
    "POST /v1/me/identities/{provider}": PERSON,
    "DELETE /v1/me/identities/{provider}": PERSON,
    "POST /v1/auth/device": PUBLIC_ROUTE,
    "POST /v1/auth/device/token": PUBLIC_ROUTE,
    "GET /v1/me/device/{user_code}": PERSON,
    "POST /v1/me/device/{user_code}/approve": PERSON,
    "POST /v1/me/device/{user_code}/deny": PERSON,
    "GET /v1/admin/providers/{provider}": NOBODY,
    "PUT /v1/admin/providers/{provider}": NOBODY,
    "DELETE /v1/admin/providers/{provider}": NOBODY,
    # accounts: single sign-on
    "GET /v1/teams/{team}/sso": ADMIN,
    "PUT /v1/teams/{team}/sso": OWNER,
    "DELETE /v1/teams/{team}/sso": OWNER,
    "GET /v1/teams/{team}/sso/metadata": ADMIN,
    "POST /v1/teams/{team}/sso/domains": OWNER,
    "GET /v1/teams/{team}/sso/domains": ADMIN,
    "POST /v1/teams/{team}/sso/domains/{domain}/verify": OWNER,
    "DELETE /v1/teams/{team}/sso/domains/{domain}": OWNER,
    "PUT /v1/admin/teams/{team}/sso": NOBODY,
    "DELETE /v1/admin/domains/{domain}": NOBODY,
    "POST /v1/auth/sso/start": PUBLIC_ROUTE,
    "POST /v1/auth/saml/acs": PUBLIC_ROUTE,
    # teams
    "GET /v1/me": ANYBODY,
    "GET /v1/teams": "ok ok ok ok ok 403",
    "POST /v1/teams": "ok ok ok ok ok 403",
    "GET /v1/teams/{team}": READ,
    "PATCH /v1/teams/{team}": ADMIN,
    "DELETE /v1/teams/{team}": "403 403 403 ok 404 ok",
    "POST /v1/teams/{team}/transfer": OWNER,
    "GET /v1/teams/{team}/overview": READ,
    "GET /v1/teams/{team}/sites": READ,
    "GET /v1/teams/{team}/deployments": READ,
    "GET /v1/projects/{project}/traffic": READ,
    "GET /v1/admin/health": NOBODY,
    "GET /v1/teams/{team}/members": READ,
    "PATCH /v1/teams/{team}/members/{user}": ADMIN,
    "DELETE /v1/teams/{team}/members/{user}": ADMIN,
    "POST /v1/teams/{team}/invitations": ADMIN,
    "GET /v1/teams/{team}/invitations": ADMIN,
    "DELETE /v1/teams/{team}/invitations/{invitation}": ADMIN,
    "POST /v1/invitations/look": PUBLIC_ROUTE,
    "POST /v1/invitations/accept": "ok ok ok ok ok 403",
    "POST /v1/keys": WRITE,
    "GET /v1/keys": WRITE,
    "DELETE /v1/keys/{key_id}": ADMIN,  # the owner's key: a developer deletes only their own
    # audit
    "GET /v1/teams/{team}/audit": ADMIN,
    "GET /v1/teams/{team}/activity": ADMIN,
    "GET /v1/teams/{team}/audit/verify": ADMIN,
    "GET /v1/teams/{team}/audit/export": ADMIN,
    "GET /v1/teams/{team}/audit/retention": ADMIN,
    "PUT /v1/teams/{team}/audit/retention": ADMIN,
    "GET /v1/teams/{team}/audit/streams": ADMIN,
    "GET /v1/teams/{team}/audit/streams/{stream}": ADMIN,
    "PUT /v1/teams/{team}/audit/streams/{stream}": ADMIN,
    "DELETE /v1/teams/{team}/audit/streams/{stream}": ADMIN,
    "POST /v1/teams/{team}/audit/streams/{stream}/test": ADMIN,
    "GET /v1/admin/audit": NOBODY,
    "GET /v1/admin/audit/verify": NOBODY,
    # policies
    "GET /v1/teams/{team}/policies": WRITE,
    "PUT /v1/teams/{team}/policies/{policy}": ADMIN,
    "DELETE /v1/teams/{team}/policies/{policy}": ADMIN,
    "POST /v1/policies/simulate": WRITE,
    # projects
    "POST /v1/projects": WRITE,
    "GET /v1/projects": READ,
    "GET /v1/projects/{project}": READ,
    "PATCH /v1/projects/{project}": WRITE,
    "DELETE /v1/projects/{project}": ADMIN,
    "GET /v1/me/projects": ANYBODY,
    "GET /v1/projects/{project}/members": READ,
    "PUT /v1/projects/{project}/members/{user}": ADMIN,
    "DELETE /v1/projects/{project}/members/{user}": ADMIN,
    "POST /v1/projects/{project}/deploy-keys": ADMIN,
    "GET /v1/projects/{project}/deploy-keys": WRITE,
    "DELETE /v1/projects/{project}/deploy-keys/{deploy_key}": ADMIN,
    "GET /v1/projects/{project}/env": WRITE,
    "PUT /v1/projects/{project}/env/{name}": WRITE,
    "DELETE /v1/projects/{project}/env/{name}": WRITE,
    "POST /v1/projects/{project}/env/import": WRITE,
    "GET /v1/projects/{project}/env/effective": WRITE,
    "GET /v1/projects/{project}/env/{name}/history": WRITE,
    "GET /v1/projects/{project}/environments": READ,
    "POST /v1/projects/{project}/environments": ADMIN,
    "GET /v1/projects/{project}/environments/{environment}": READ,
    "PATCH /v1/projects/{project}/environments/{environment}": ADMIN,
    "DELETE /v1/projects/{project}/environments/{environment}": ADMIN,
    "GET /v1/projects/{project}/hooks": READ,
    "POST /v1/projects/{project}/hooks": WRITE,
    "DELETE /v1/projects/{project}/hooks/{hook}": WRITE,
    "POST /v1/hooks/deploy/{hook}": PUBLIC_ROUTE,
    "GET /v1/projects/{project}/access": READ,
    "PUT /v1/projects/{project}/access": ADMIN,
    "DELETE /v1/projects/{project}/access": ADMIN,
    "GET /v1/projects/{project}/shares": WRITE,
    "POST /v1/projects/{project}/shares": WRITE,
    "DELETE /v1/projects/{project}/shares/{share}": WRITE,
    "POST /v1/me/access": ANYBODY,
    "POST /v1/access/{site}": PUBLIC_ROUTE,
    "GET /v1/projects/{project}/guard": READ,
    "PUT /v1/projects/{project}/guard": ADMIN,
    "POST /v1/projects/{project}/purge": WRITE,
    "GET /v1/projects/{project}/backends": READ,
    "POST /v1/projects/{project}/domains": ADMIN,
    "GET /v1/projects/{project}/domains": READ,
    "GET /v1/projects/{project}/domains/{domain}": READ,
    "PATCH /v1/projects/{project}/domains/{domain}": ADMIN,
    "DELETE /v1/projects/{project}/domains/{domain}": ADMIN,
    "POST /v1/projects/{project}/domains/{domain}/check": ADMIN,
    "POST /v1/projects/{project}/domains/{domain}/apply": ADMIN,
    "GET /v1/projects/{project}/domains/{domain}/certificate": READ,
    "PUT /v1/projects/{project}/domains/{domain}/certificate": ADMIN,
    "DELETE /v1/projects/{project}/domains/{domain}/certificate": ADMIN,
    "GET /v1/teams/{team}/domains": READ,
    "POST /v1/teams/{team}/zones": ADMIN,
    "GET /v1/teams/{team}/zones": READ,
    "GET /v1/teams/{team}/zones/{zone}": READ,
    "DELETE /v1/teams/{team}/zones/{zone}": ADMIN,
    "GET /v1/teams/{team}/zones/{zone}/records": READ,
    "PUT /v1/teams/{team}/zones/{zone}/records": ADMIN,
    "DELETE /v1/teams/{team}/zones/{zone}/records/{type}/{record}": ADMIN,
    "GET /v1/projects/{project}/schedules": READ,
    "POST /v1/projects/{project}/schedules": WRITE,
    "GET /v1/projects/{project}/schedules/{schedule}": READ,
    "PATCH /v1/projects/{project}/schedules/{schedule}": WRITE,
    "DELETE /v1/projects/{project}/schedules/{schedule}": WRITE,
    # git
    "POST /v1/hooks/git": PUBLIC_ROUTE,
    "POST /v1/hooks/git/{provider}/{project}": PUBLIC_ROUTE,
    "POST /v1/hooks/github": PUBLIC_ROUTE,
    "GET /v1/git/github/callback": PUBLIC_ROUTE,
    "POST /v1/projects/{project}/repository": ADMIN,
    "GET /v1/projects/{project}/repository": READ,
    "DELETE /v1/projects/{project}/repository": ADMIN,
    "POST /v1/projects/{project}/repository/check": ADMIN,
    "POST /v1/projects/{project}/repository/secret": ADMIN,
    "POST /v1/teams/{team}/git/github/start": ADMIN,
    "POST /v1/teams/{team}/git/github": ADMIN,
    "GET /v1/teams/{team}/git": READ,
    "GET /v1/teams/{team}/git/{installation}/repositories": ADMIN,
    "DELETE /v1/teams/{team}/git/{installation}": ADMIN,
    "GET /v1/admin/git/github": NOBODY,
    "PUT /v1/admin/git/github": NOBODY,
    "DELETE /v1/admin/git/github": NOBODY,
    # artifacts
    "POST /v1/projects/{project}/uploads": WRITE,
    "POST /v1/uploads/{upload}/missing": WRITE,
    # builds
    "POST /v1/rules/check": ANYBODY,
    "POST /v1/frameworks/detect": ANYBODY,
    "POST /v1/runner/claim": RUNNER_ROUTE,
    "POST /v1/runner/logs": RUNNER_ROUTE,
    "POST /v1/runner/cache_saved": RUNNER_ROUTE,
    "POST /v1/runner/source": RUNNER_ROUTE,
    "POST /v1/runner/plan": RUNNER_ROUTE,
    "POST /v1/runner/missing": RUNNER_ROUTE,
    "POST /v1/runner/cache": RUNNER_ROUTE,
    "POST /v1/runner/complete": RUNNER_ROUTE,
    "POST /v1/runner/fail": RUNNER_ROUTE,
    # deployments
    "POST /v1/projects/{project}/deployments": WRITE,
    "GET /v1/projects/{project}/deployments": READ,
    "GET /v1/projects/{project}/queue": READ,
    "GET /v1/projects/{project}/pulls": READ,
    "POST /v1/projects/{project}/pulls/{pull}/approve": WRITE,
    "GET /v1/projects/{project}/aliases": READ,
    "GET /v1/deployments/{deployment}": READ,
    "POST /v1/deployments/{deployment}/cancel": WRITE,
    "GET /v1/deployments/{deployment}/logs": READ,
    "GET /v1/deployments/{deployment}/build": READ,
    "GET /v1/deployments/{deployment}/files": READ,
    "GET /v1/deployments/{deployment}/rules": READ,
    "POST /v1/deployments/{deployment}/rules/test": READ,
    "GET /v1/deployments/{deployment}/sbom": READ,
    "GET /v1/deployments/{deployment}/vulnerabilities": READ,
    "GET /v1/deployments/{deployment}/attestation": READ,
    "GET /v1/deployments/{deployment}/advice": READ,
    "PUT /v1/projects/{project}/lock": ADMIN,
    "DELETE /v1/projects/{project}/lock": ADMIN,
    "POST /v1/projects/{project}/unpin": WRITE,
    "POST /v1/deployments/{deployment}/approve": WRITE,
    "GET /v1/deployments/{deployment}/approvals": READ,
    "GET /v1/deployments/{deployment}/release": READ,
    "GET /v1/deployments/{deployment}/diff/{other}": READ,
    "POST /v1/projects/{project}/promote": WRITE,
    "POST /v1/projects/{project}/rollback": WRITE,
    "GET /v1/projects/{project}/pointer": READ,
    # rollouts
    "GET /v1/projects/{project}/rollouts": READ,
    "GET /v1/projects/{project}/rollouts/{rollout}": READ,
    "POST /v1/projects/{project}/rollouts/{rollout}/pause": WRITE,
    "POST /v1/projects/{project}/rollouts/{rollout}/resume": WRITE,
    "POST /v1/projects/{project}/rollouts/{rollout}/advance": WRITE,
    "POST /v1/projects/{project}/rollouts/{rollout}/abort": WRITE,
}

BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/me/push": {
        "endpoint": "https://push.example.com/a",
        # the example of RFC 8291
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6S"
            "RpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    },
    # nobody's browser: a message of the test goes nowhere
    "POST /v1/me/push/test": {"browser": "psh_" + "0" * 26},
    "POST /v1/me/identities/{provider}/start": {
        "return_to": "http://127.0.0.1:53211/",
        "challenge": "A" * 43,
    },
    "POST /v1/me/identities/{provider}": {"code": "c", "verifier": "v"},
    "PUT /v1/admin/providers/{provider}": {"client_id": "c", "client_secret": "s"},
    "POST /v1/teams/{team}/sso/domains": {"domain": "nobodys-domain.com"},
    "POST /v1/projects/{project}/domains": {"domain": "nobodys-domain.com"},
    "PATCH /v1/projects/{project}/domains/{domain}": {"https": "both"},
    "PUT /v1/projects/{project}/domains/{domain}/certificate": {
        "certificate": "c",
        "private_key": "k",
    },
    "POST /v1/teams/{team}/zones": {"name": "nobodys-domain.com"},
    "PUT /v1/teams/{team}/zones/{zone}/records": {
        "name": "www",
        "type": "A",
        "values": ["192.0.2.1"],
    },
    "PUT /v1/admin/teams/{team}/sso": {"enforced": False},
    "PUT /v1/teams/{team}/policies/{policy}": {
        "effect": "deny",
        "roles": ["guest"],
        "actions": ["project.update"],
    },
    "POST /v1/graphql": {"query": "{ __typename }"},
    "POST /v1/policies/simulate": {"team": "{team}", "who": "me", "action": "team.read"},
    "PUT /v1/me/password": {"current": "not this one", "password": "correct horse staple"},
    "PATCH /v1/me": {"name": "Ada"},
    "POST /v1/me/email": {"email": "elsewhere@example.com"},
    "POST /v1/auth/step-up": {"password": PASSWORD},
    "POST /v1/me/factors/totp/confirm": {"code": "000000"},
    "POST /v1/me/factors/passkeys": {"name": "k", "credential": {}},
    "PATCH /v1/teams/{team}": {"name": "New name"},
    "POST /v1/teams": {"name": "Rockets"},
    "POST /v1/teams/{team}/transfer": {"to": "nobody"},
    "PATCH /v1/teams/{team}/members/{user}": {"role": "viewer"},
    "POST /v1/teams/{team}/invitations": {"email": "new@example.com", "role": "viewer"},
    "POST /v1/invitations/accept": {"token": "inv_" + "0" * 43},
    "PUT /v1/projects/{project}/members/{user}": {"role": "viewer"},
    "POST /v1/projects/{project}/deploy-keys": {"name": "ci"},
    "PUT /v1/teams/{team}/audit/retention": {"days": 400},
    "PUT /v1/teams/{team}/audit/streams/{stream}": {
        "kind": "https",
        "url": "https://logs.example.com/in",
        "token": "0123456789",
    },
    "POST /v1/keys": {"name": "k", "team": "{team}"},
    "POST /v1/projects": {"name": "p", "team": "{team}"},
    "PATCH /v1/projects/{project}": {"name": "New name"},
    "PUT /v1/projects/{project}/env/{name}": {"value": "v"},
    "POST /v1/projects/{project}/env/import": {"text": "A=1"},
    "POST /v1/projects/{project}/environments": {"name": "qa"},
    "PATCH /v1/projects/{project}/environments/{environment}": {"description": "d"},
    "POST /v1/projects/{project}/hooks": {"name": "h", "branch": "main"},
    "PUT /v1/projects/{project}/access": {"scope": "all", "mode": "team"},
    "POST /v1/projects/{project}/shares": {"note": "for the review"},
    "PUT /v1/projects/{project}/guard": {"under_attack": True},
    "POST /v1/projects/{project}/purge": {"everything": True},
    "POST /v1/me/access": {"host": "nobodys.localhost"},
    "POST /v1/projects/{project}/schedules": {"name": "s", "branch": "main", "cron": "0 3 * * *"},
    "PATCH /v1/projects/{project}/schedules/{schedule}": {"name": "s"},
    "POST /v1/projects/{project}/uploads": {"kind": "output"},
    # refused before any host is asked
    "POST /v1/projects/{project}/repository": {"provider": "git", "url": "file:///x"},
    "POST /v1/teams/{team}/git/github/start": {"return_to": "http://127.0.0.1:53211/"},
    "POST /v1/teams/{team}/git/github": {"state": "s", "code": "c", "installation": "1"},
    "PUT /v1/admin/git/github": {
        "app_id": "1",
        "client_id": "c",
        "private_key": "k",
        "client_secret": "s",
        "webhook_secret": "w" * 16,
    },
    "POST /v1/projects/{project}/deployments": {"branch": "main"},
    "POST /v1/projects/{project}/pulls/{pull}/approve": {"commit": "a" * 40},
    "PUT /v1/projects/{project}/lock": {"reason": "x"},
    "POST /v1/deployments/{deployment}/approve": {"commit": "b" * 40},
    "POST /v1/projects/{project}/promote": {"deployment": world.ABSENT["deployment"]},
}
"""Bodies that pass validation, where the route has one with required fields."""

QUERIES = {"GET /v1/keys": "?team={team}", "GET /v1/projects": "?team={team}"}

_worlds: list[world.World] = []


@pytest.fixture
def here(_database: Any) -> world.World:
    """A world, kept from test to test as long as nobody empties the database."""
    if _worlds:
        wiring.install(lambda: _worlds[0].services)
        if world.alive(_worlds[0]):
            return _worlds[0]
    services = fake_services()
    wiring.install(lambda: services)
    _worlds[:] = [world.build(Client(), services)]
    return _worlds[0]


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def filled(template: Any, names: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {key: filled(value, names) for key, value in template.items()}
    if not isinstance(template, str):
        return template
    return re.sub(r"{(\w+)}", lambda found: names[found[1]], template)


def call(client: Client, route: Route, names: dict[str, str]) -> Any:
    name = named(route)
    path = filled(route.path + QUERIES.get(name, ""), names)
    body = filled(BODIES.get(name, {}), names) if route.body is not None else None
    return client.call(route.method, path, body)


def verdict(route: Route, answer: Any) -> str:
    """What a caller learns: `ok`, or the refusal; something absent further in is no refusal.

    Nor is a challenge that nobody asked for: that is about the proof, not about who brings it.
    """
    assert answer.status < 500, answer.text
    if answer.status in {401, 403} and answer.code != "challenge_over":
        return str(answer.status)
    refusals = {f"{route.scope}_not_found", "team_not_found", "key_not_found"}
    return "404" if answer.code in refusals else "ok"


def names_for(here: world.World, route: Route) -> dict[str, str]:
    wanted = {*re.findall(r"{(\w+)}", route.path), "team"}
    return {name: world.MAKERS[name](here) for name in wanted}


def signed_in_routes() -> list[Route]:
    return [r for r in TABLE if EXPECTED.get(named(r)) not in {PUBLIC_ROUTE, RUNNER_ROUTE}]


def test_every_route_has_a_row_and_every_row_a_route():
    assert {named(route) for route in TABLE} == set(EXPECTED)


def test_permissions_exist():
    used = {r.permission for r in TABLE if r.bearer == "user"} - {PUBLIC, SIGNED_IN}
    assert used <= SCOPES | OF_INSTALLATION


def test_public_routes_are_those_we_know():
    assert {named(r) for r in TABLE if r.permission == PUBLIC} == {
        name for name, row in EXPECTED.items() if row == PUBLIC_ROUTE
    }


@pytest.mark.parametrize("route", [r for r in TABLE if r.permission != PUBLIC], ids=named)
def test_not_signed_in(here, route):
    names = dict(world.ABSENT)
    found = {}
    for principal, code in NOT_SIGNED_IN.items():
        answer = call(here.clients[principal], route, names)
        assert answer.status == 401, f"{principal}: {answer.status} {answer.text}"
        found[principal] = answer.code
        if route.bearer == "user":
            assert answer.code == code


@pytest.mark.parametrize("route", signed_in_routes(), ids=named)
def test_roles(here, route):
    expected = dict(zip(PRINCIPALS, EXPECTED[named(route)].split(), strict=True))
    if named(route) == "POST /v1/auth/logout":
        pytest.skip("ends the sessions of the others; see test_identity")
    found = {}
    # refusals first: whoever may, may destroy what the path names
    for principal in sorted(PRINCIPALS, key=lambda p: expected[p] == "ok"):
        names = names_for(here, route)
        found[principal] = verdict(route, call(here.clients[principal], route, names))
    assert found == expected


@pytest.mark.parametrize("route", [r for r in TABLE if r.bearer == "build"], ids=named)
def test_runner_routes_refuse_people(here, route):
    for principal in PRINCIPALS:
        answer = call(here.clients[principal], route, {})
        assert answer.status == 401, f"{principal}: {answer.status} {answer.text}"


@pytest.mark.parametrize(
    "route",
    [r for r in signed_in_routes() if "{" in r.path and r.scope not in {None, INSTALLATION}],
    ids=named,
)
def test_another_teams_things_look_absent(here, route):
    """The same status, code and words, whether it is another team's or was never there."""
    scope = str(route.scope)
    answers = []
    for names in (names_for(here, route), world.ABSENT):
        answer = call(here.clients["stranger"], route, dict(names))
        assert answer.status == 404, answer.text
        document = answer.json()
        document.pop("request_id")
        answers.append(str(document).replace(names[scope], "*"))
    assert answers[0] == answers[1]
