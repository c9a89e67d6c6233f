"""Setting policies and asking what they allow."""

from __future__ import annotations

import secrets

import pytest

from chalicelib.teams import rows

COMMIT = "a" * 40
DENY_ALL = {"effect": "deny"}


def put(owner, name, policy):
    answer = owner.client.put(f"/v1/teams/{owner.team}/policies/{name}", policy)
    assert answer.status == 200, answer.text
    return answer.json()


def clear(owner):
    rows.TeamRow(f"TEAM#{owner.team}", "META").update(actions=[rows.TeamRow.policies.set({})])


def can(asking, who, action, resource=None, team=None, **context):
    body = {"team": team or asking.team, "who": who, "action": action, "context": context}
    if resource:
        body["resource"] = resource
    answer = asking.client.post("/v1/policies/simulate", body)
    assert answer.status == 200, answer.text
    return answer.json()


def project_of(owner):
    slug = f"site-{secrets.token_hex(4)}"
    answer = owner.client.post("/v1/projects", {"name": "site", "slug": slug})
    assert answer.status == 201, answer.text
    return answer.json()


@pytest.fixture
def project(owner):
    return project_of(owner)
