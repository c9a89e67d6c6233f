"""What notifications say, and that what strangers write into them stays small."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from chalicelib.push import rules
from chalicelib.push.actions.encryption import LONGEST
from chalicelib.push.routes import Event

DEPLOYMENT: dict[str, Any] = {
    "version": 1,
    "deployment": "dpl_1",
    "project": "prj_1",
    "team": "team_1",
    "state": "ready",
    "target": "production",
    "environment": "production",
    "branch": "main",
    "tag": None,
    "commit": "abcdef0123",
    "url": "http://x--site.localhost",
    "error": None,
}
ROLLOUT = {"rollout": "rol_1", "project": "prj_1", "team": "team_1", "step": 1, "reason": "5xx"}
DOMAIN = {"project": "prj_1", "team": "team_1", "domain": "example.com", "detail": "no record"}


def notice(kind, detail, identifier="evt"):
    return rules.notice_of(kind, detail, identifier, "site")


def test_a_deployment_that_is_ready():
    made = notice("deployment.finished", DEPLOYMENT)
    assert (made.title, made.body) == ("site: ready", "main (abcdef0) is ready in production.")
    assert (made.path, made.site) == ("/deployments/dpl_1", "http://x--site.localhost")
    assert (made.permission, made.urgent) == ("deployment.read", False)


def test_a_deployment_that_failed():
    error = {"code": "build_failed", "message": "npm run build ended with 1."}
    made = notice("deployment.finished", {**DEPLOYMENT, "state": "failed", "error": error})
    assert made.body == "main (abcdef0): npm run build ended with 1."
    assert (made.event, made.site, made.urgent) == ("deployment.failed", "", True)


@pytest.mark.parametrize("state", ["cancelled", "superseded"])
def test_what_somebody_ended_is_no_news(state):
    assert notice("deployment.finished", {**DEPLOYMENT, "state": state}) is None


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("completed", "site: rolled out"),
        ("aborted", "site: rollout aborted"),
        ("paused", "site: rollout paused"),
        ("overtaken", None),
    ],
)
def test_rollouts(state, title):
    kind = "rollout.paused" if state == "paused" else "rollout.finished"
    made = notice(kind, {**ROLLOUT, "state": state})
    assert (made.title if made else None) == title


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ("active", "domain.active"),
        ("misconfigured", "domain.failed"),
        ("conflict", "domain.failed"),
        ("failed", "domain.failed"),
        ("removed", None),
    ],
)
def test_domains(state, event):
    made = notice("domain.changed", {**DOMAIN, "state": state})
    assert (made.event if made else None) == event


def test_certificates():
    made = notice("domain.expiring", {**DOMAIN, "expires_at": "2026-01-01", "days_left": 1})
    assert made.body == "1 day left."


def test_the_same_thing_has_the_same_key():
    assert notice("deployment.finished", DEPLOYMENT, "a").key == (
        notice("deployment.finished", DEPLOYMENT, "b").key
    )
    changed = {**DOMAIN, "state": "active"}
    assert notice("domain.changed", changed, "a").key != notice("domain.changed", changed, "b").key


def test_whatever_a_commit_is_called_the_message_fits():
    error = {"message": "\u2028\x07 💥\n" * 5000}
    long = {**DEPLOYMENT, "state": "failed", "branch": "é" * 5000, "error": error}
    made = notice("deployment.finished", long)
    assert "\n" not in made.body
    assert len(json.dumps(made.payload("2026-01-01T00:00:00.000Z")).encode()) < LONGEST


def test_the_routes_name_every_event():
    assert get_args(Event) == rules.EVENTS


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/2010 Firefox/130.0", "Firefox on Linux"),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5"
                " Safari/605.1.15"
            ),
            "Safari on macOS",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
                " Edg/140.0"
            ),
            "Edge on Windows",
        ),
        ("", "A browser"),
    ],
)
def test_what_people_call_a_browser(agent, name):
    assert rules.browser_name(agent) == name
