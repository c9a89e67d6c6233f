"""Whoever runs the installation takes factors away from somebody who lost theirs."""

from __future__ import annotations

import pytest

from tests.api.test_admin import WHY, administrator
from tests.fakes.factors import enrol_app, enrol_passkey, log_in


@pytest.fixture
def root(api):
    return administrator(api, "root@example.com")


def cleared(root, who):
    return root.client.post(f"/v1/admin/users/{who}/clear-factors", WHY)


def test_the_password_is_enough_again_and_a_mail_tells_it(api, root, owner, services):
    device, _ = enrol_passkey(owner)
    enrol_app(owner)
    answer = cleared(root, owner.email)
    assert (answer.status, answer.json()["factors"]) == (200, 0)
    assert owner.client.get("/v1/me").code == "token_revoked"
    assert log_in(api, owner).json()["challenge"] is None
    assert services.mail.to(owner.email)[-1].kind == "factors_cleared"
    asked = api.post("/v1/auth/passkey/options").json()
    body = {"challenge": asked["challenge"], "credential": device.get(asked["options"])}
    assert api.post("/v1/auth/passkey", body).code == "factor_failed"


def test_who_has_none_is_left_alone(api, root, owner, services):
    assert cleared(root, owner.id).status == 200
    assert owner.client.get("/v1/me").status == 200
    assert services.mail.to(owner.email) == []


def test_nobody_does_it_to_themselves_or_without_the_right(root, owner):
    enrol_app(root)
    own = cleared(root, root.id)
    assert (own.status, own.code) == (409, "own_account")
    assert owner.client.post(f"/v1/admin/users/{root.id}/clear-factors", WHY).status in {403, 404}
    assert len(root.client.get("/v1/me/factors").json()["items"]) == 1
