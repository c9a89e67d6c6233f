"""What the installer tells of the console reaches everything that leads there."""

from __future__ import annotations

import pytest

from chalicelib.accounts.actions import arrivals
from chalicelib.core import console
from chalicelib.core.errors import Invalid
from functions.install import owner as install_owner
from tests.fakes.factors import enrol_app

TOLD = "https://d111.cloudfront.net"


@pytest.fixture(autouse=True)
def told(api):
    """An installation whose console CloudFront made up after the API."""
    console._known.clear()
    install_owner.handler({"console": f"{TOLD}/"}, None)
    yield
    console._known.clear()


def test_an_invitation_leads_there(services, owner):
    guest = {"email": "grace@example.com", "role": "viewer"}
    assert owner.client.post(f"/v1/teams/{owner.team}/invitations", guest).status == 201
    (mail,) = services.mail.to("grace@example.com")
    assert f"{TOLD}/#/" in mail.text


def test_an_app_shows_its_host(owner):
    made = owner.client.post("/v1/me/factors/totp").json()
    assert "CloudDeck%20d111.cloudfront.net" in made["uri"]


def test_a_notice_names_it(services, owner):
    enrol_app(owner)
    assert any(f"at {TOLD}." in mail.text for mail in services.mail.to(owner.email))


def test_passkeys_belong_to_its_host(owner):
    options = owner.client.post("/v1/me/factors/passkeys/options").json()["options"]
    assert options["rp"]["id"] == "d111.cloudfront.net"


def test_a_browser_may_return_to_it_alone(database):
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # of RFC 7636, appendix B
    assert arrivals.depart("github", f"{TOLD}/back", challenge).state
    with pytest.raises(Invalid, match="belongs to the console"):
        arrivals.depart("github", "https://d222.cloudfront.net/back", challenge)


def test_a_waiting_device_is_let_in_there(api):
    made = api.post("/v1/auth/device", {"name": "laptop"}).json()
    assert made["verification_uri"].startswith(TOLD)
