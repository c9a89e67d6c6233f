"""What to send to a route so that nothing about it is wrong but, perhaps, who sends it."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.core.http import Route
from tests.fakes import world
from tests.fakes.people import PASSWORD

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


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def filled(template: Any, names: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {key: filled(value, names) for key, value in template.items()}
    if not isinstance(template, str):
        return template
    return re.sub(r"{(\w+)}", lambda found: names[found[1]], template)
