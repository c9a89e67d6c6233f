"""A push service, and browsers of people that wait for its messages."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from chalicelib.core import outbound
from chalicelib.core.config import settings
from chalicelib.push.actions import sending
from functions.events import push_due
from tests.fakes.push_service import PushService


@pytest.fixture
def service(monkeypatch):
    private = replace(settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    monkeypatch.setattr(sending, "_PAUSES", (0.0, 0.0))
    made = PushService()
    yield made
    made.close()


@pytest.fixture
def project(owner):
    return owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()["id"]


@pytest.fixture
def key(api):
    return api.get("/v1/push/key").json()["key"]


def subscribe(who, service, name="a", **wishes):
    answer = who.client.post("/v1/me/push", {**service.browser(name).told(), **wishes})
    assert answer.status == 201, answer.text
    return answer.json()


def happens(owner, project, state="failed", identifier=None, **more):
    """A deployment of the project ended."""
    deployment = identifier or f"dpl_{secrets.token_hex(13)}"
    detail = {
        "version": 1,
        "deployment": deployment,
        "project": project,
        "team": owner.team,
        "state": state,
        "target": "production",
        "environment": "production",
        "branch": "main",
        "error": {"code": "build_failed", "message": "It ended with 1."},
        **more,
    }
    event = {"id": secrets.token_hex(4), "detail-type": "deployment.finished", "detail": detail}
    return push_due.handler(event, None)
