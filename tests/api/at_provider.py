"""An identity provider on this machine, and people who come back from it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.local.idp.server import Idp
from chalicelib.core import clock, config, outbound
from tests.fakes.people import person

ISSUERS = {
    "github": "{idp}",
    "google": "{idp}",
    "gitlab": "{idp}",
    "bitbucket": "{idp}",
    "microsoft": "{idp}/common/v2.0",
    "oidc": "{idp}",
}
ADA = "ada@example.com"


@pytest.fixture
def idp(monkeypatch):
    """A provider on this machine, which the API may ask."""
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    api = config.settings().api_url
    with Idp(redirects=(f"{api}/v1/auth/callback",)) as running:
        yield running


@pytest.fixture
def configured(api, idp, monkeypatch):
    """All providers are set up, by the API, and everybody may sign up."""
    from chalicelib.accounts.actions.settings import change_settings

    boss = administrator(api)
    for provider, issuer in ISSUERS.items():
        body = {
            "client_id": "clouddeck",
            "client_secret": idp.clients["clouddeck"],
            "issuer": issuer.format(idp=idp.url),
        }
        answer = boss.client.put(f"/v1/admin/providers/{provider}", body)
        assert answer.status == 200, answer.text
    change_settings("open", None)
    return idp


def administrator(api):
    from chalicelib.identity.rows import UserRow, user_named

    boss = person(api)
    user_named(boss.id).update(actions=[UserRow.admin.set(True)])
    return boss


def me(api, answer):
    assert answer.status == 200, answer.text
    return api.with_token(answer.json()["access_token"]).get("/v1/me").json()


def _state(url):
    return parse_qs(urlsplit(url).query)["state"][0]


def _later(monkeypatch, seconds):
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + seconds)
