"""Grants of the API are enough for the doors of protected sites, and for trying rules out."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.fakes.client import Client
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture

PASSWORD = "as the moon pulls"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_doors_open_under_the_role_of_the_api(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
) -> None:
    client, slug = cloud.client, cloud.project["slug"]
    path = f"/v1/projects/{cloud.project['id']}"
    host = f"{slug}.localhost"
    deployment = cloud.deploy()
    with cloud.calls.by("api"):
        wish = {"scope": "all", "mode": "password", "password": PASSWORD}
        assert client.put(f"{path}/access", wish).status == 200
        knock = urlencode({"host": host, "to": "/", "password": PASSWORD}).encode()
        opened = Client().call("POST", f"/v1/access/{slug}", raw=knock, headers=FORM)
        assert (opened.status, "token=" in opened.headers["Location"]) == (302, True)
        share = client.post(f"{path}/shares", {"host": host})
        assert share.status == 201
        assert client.delete(f"{path}/shares/{share.json()['id']}").status == 204
        assert client.put(f"{path}/access", {"scope": "all", "mode": "team"}).status == 200
        assert client.post("/v1/me/access", {"host": host}).status == 200
        assert client.delete(f"{path}/access").status == 204
        assert client.get(f"/v1/deployments/{deployment}/rules").status == 200
        tried = client.post(f"/v1/deployments/{deployment}/rules/test", {"url": "/"})
        assert tried.status == 200
    there = roles(made)
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
