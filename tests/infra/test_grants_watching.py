"""Grants are enough, and no more than that, for whoever tells people what happens at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core import config, outbound
from chalicelib.live import feed
from chalicelib.push.actions import vapid
from functions.events import push_due, team_changed
from functions.live import connect, disconnect, message
from tests.fakes.push_service import PushService
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture
from tests.infra.used import unused

OPEN = {"requestContext": {"connectionId": "c-team"}}
TELLING = {"on-team-changed", "on-push-due"}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A push service on this machine."""
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    made = PushService()
    yield made
    made.close()


def watch(cloud: Cloud) -> None:  # noqa: F811
    """Somebody has the console open."""
    token = {"queryStringParameters": {"token": cloud.client.token}}
    with cloud.calls.by("live-connect"):
        assert connect.handler({**OPEN, **token}, None)["statusCode"] == 200
    for words in ({"action": "subscribe", "team": cloud.project["team"]}, {"action": "ping"}):
        with cloud.calls.by("live-message"):
            message.handler({**OPEN, "body": json.dumps(words)}, None)
    said = [one["type"] for one in cloud.services.live.sent["c-team"]]
    assert said == ["subscribed", "pong"]


def told(cloud: Cloud) -> list[str]:  # noqa: F811
    """What the function tells of everything that the bus has of teams."""
    before = len(cloud.services.live.sent["c-team"])
    for detail in cloud.services.bus.of(feed.KIND):
        with cloud.calls.by("on-team-changed"):
            team_changed.handler({"detail": detail}, None)
    return [one["type"] for one in cloud.services.live.sent["c-team"][before:]]


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_who_tells_people_may_do_that_and_nothing_else(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
    service: PushService,
) -> None:
    watch(cloud)
    with cloud.calls.by("api"):
        key = cloud.client.get("/v1/push/key").json()["key"]
        browser = cloud.client.post("/v1/me/push", service.browser().told()).json()
        assert cloud.client.get("/v1/me/push").json()["items"] == [browser]
        tried = cloud.client.post("/v1/me/push/test", {"browser": browser["id"]}).json()
        assert tried["items"] == [{"id": browser["id"], "outcome": "taken"}]
    deployment = cloud.deploy()
    assert {"deployment", "changed"} <= set(told(cloud))
    vapid._known.clear()  # another process opens the key anew
    (finished,) = cloud.services.bus.of("deployment.finished")
    event = {"id": "e1", "detail-type": "deployment.finished", "detail": finished}
    with cloud.calls.by("on-push-due"):
        assert push_due.handler(event, None) == {"taken": 1}
    assert deployment in json.dumps(service.messages(key))
    with cloud.calls.by("api"):
        assert cloud.client.delete(f"/v1/me/push/{browser['id']}").status == 204
    with cloud.calls.by("live-disconnect"):
        disconnect.handler(OPEN, None)
    there = roles(made)
    assert {function for function, _, _ in cloud.calls.made} >= TELLING
    assert [call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:])] == []
    assert unused(cloud.calls, *TELLING) == set()


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_neither_can_do_what_the_other_does(made: Stacks) -> None:
    there = roles(made)
    send = made.names.arn("execute-api", "<live-id>/live/POST/@connections/c")
    assert allowed(there["on-team-changed"], "execute-api:ManageConnections", send)
    assert not allowed(there["on-push-due"], "execute-api:ManageConnections", send)
    assert allowed(there["on-push-due"], "kms:Decrypt", "<data-key>")
    assert not allowed(there["on-team-changed"], "kms:Decrypt", "<data-key>")
    for name in TELLING:
        assert not allowed(there[name], "kms:Encrypt", "<data-key>")
        assert not allowed(there[name], "events:PutEvents", made.names.bus_arn())


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_whose_a_project_is_can_be_read_without_writing(made: Stacks) -> None:
    there, core = roles(made), made.names.table_arn("core")
    assert allowed(there["on-edge-traffic"], "dynamodb:BatchGetItem", core)
    for action in ("PutItem", "UpdateItem", "DeleteItem"):
        assert not allowed(there["on-edge-traffic"], f"dynamodb:{action}", core)
