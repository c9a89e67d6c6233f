"""The field `git` of a project: checked, shown with its defaults, and changed by those who may."""

from __future__ import annotations

import pytest

from chalicelib.core.errors import Conflict
from chalicelib.projects import actions as projects
from chalicelib.projects import rows
from tests.fakes.people import member

DEFAULT = {
    "branches": [],
    "tags": [],
    "pull_requests": True,
    "forks": "untrusted",
    "comments": True,
    "preview_days": 30,
    "auto_cancel": True,
    "signatures": "off",
}


@pytest.fixture
def project(owner):
    return owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()


@pytest.fixture
def at(project):
    return f"/v1/projects/{project['id']}"


def rule(match, environment):
    return {"match": match, "environment": environment}


def test_what_is_not_said_is_the_default(owner, project, at):
    assert project["git"] == DEFAULT
    sent = {"branches": [rule("live/*", "production")], "comments": False}
    changed = owner.client.patch(at, {"git": sent})
    assert changed.json()["git"] == DEFAULT | sent
    assert owner.client.get(at).json()["git"] == DEFAULT | sent
    assert projects.resolve(project["id"]).git == sent
    # replaced as a whole
    assert owner.client.patch(at, {"git": {"forks": "off"}}).json()["git"] == DEFAULT | {
        "forks": "off"
    }


def test_a_change_of_something_else_leaves_it(owner, at):
    owner.client.patch(at, {"git": {"preview_days": 3}})
    assert owner.client.patch(at, {"name": "Other"}).json()["git"]["preview_days"] == 3


@pytest.mark.parametrize(
    ("git", "pointer"),
    [
        ({"branches": [rule("a", "qa")]}, "/git/branches/0/environment"),
        ({"branches": [rule("a", "development")]}, "/git/branches/0/environment"),
        ({"tags": [rule("v*", "none"), rule("v*", "preview")]}, "/git/tags/1/match"),
        ({"branches": [rule("a//b", "none")]}, "/git/branches/0/match"),
        ({"branches": [rule("", "none")]}, "/git/branches/0/match"),
        ({"preview_days": 0}, "/git/preview_days"),
        ({"preview_days": 366}, "/git/preview_days"),
        ({"forks": "yes"}, "/git/forks"),
        ({"signatures": True}, "/git/signatures"),
        ({"branches": [{"match": "a"}]}, "/git/branches/0/environment"),
        ({"branch": []}, "/git/branch"),
    ],
)
def test_what_is_wrong_is_named(owner, at, git, pointer):
    refused = owner.client.patch(at, {"git": git})
    assert refused.status in {400, 422}, refused.text
    assert pointer in {e["pointer"] for e in refused.json()["errors"]}
    assert owner.client.get(at).json()["git"] == DEFAULT


def test_a_stale_change_is_refused(owner, at):
    owner.client.patch(at, {"name": "a"})
    headers = {"If-Match": '"1"'}
    stale = owner.client.patch(at, {"git": {"forks": "off"}}, headers=headers)
    assert (stale.status, stale.code) == (409, "conflict")


def test_an_environment_that_goes_meanwhile_takes_no_rule_along(owner, project, at):
    owner.client.post(f"{at}/environments", {"name": "qa"})
    row = projects.resolve(project["id"])
    gone = rows.environment(project["id"], "qa")
    real = rows.environments
    there = list(real(project["id"]))
    gone.delete()
    try:
        rows.environments = lambda _: iter(there)
        with pytest.raises(Conflict):
            projects.update(row, {"git": {"branches": [rule("a", "qa")]}}, None)
    finally:
        rows.environments = real
    assert projects.resolve(project["id"]).git == {}


@pytest.mark.parametrize(
    ("git", "allowed"),
    [
        ({"branches": [rule("x", "production")]}, False),
        ({"branches": [rule("main", "none")]}, False),
        ({"tags": [rule("*", "production")]}, False),
        ({"forks": "off"}, False),
        ({"signatures": "warn"}, False),
        ({"comments": False}, True),
        ({"preview_days": 5}, True),
        ({"auto_cancel": False}, True),
        ({}, True),
    ],
)
def test_who_may_not_deploy_to_production_redirects_nothing(api, owner, at, git, allowed):
    developer = member(api, owner, "developer")
    policy = {
        "effect": "deny",
        "roles": ["developer"],
        "actions": ["deployment.create"],
        "conditions": {"environment": ["production"]},
    }
    assert owner.client.put(f"/v1/teams/{owner.team}/policies/live", policy).status == 200
    answer = developer.client.patch(at, {"git": git})
    assert (answer.status == 200) is allowed, answer.text
    if not allowed:
        assert answer.code == "policy_denied"
        assert owner.client.get(at).json()["git"] == DEFAULT


def test_settings_of_builds(owner, at):
    settings = {
        "watch": ["apps/web/**", "package.json"],
        "node_version": "20.11",
        "python_version": "3.12",
        "size": "large",
        "gate": {"vulnerabilities": "block", "severity": "critical"},
    }
    shown = owner.client.patch(at, {"settings": settings}).json()["settings"]
    assert shown["gate"] == settings["gate"] | {"secrets": None}
    assert {k: shown[k] for k in settings if k != "gate"} == {
        k: v for k, v in settings.items() if k != "gate"
    }
    for bad in (
        {"node_version": "20; rm -rf /"},
        {"python_version": "latest"},
        {"watch": ["../x"]},
        {"watch": ["a"] * 51},
        {"size": "huge"},
        {"gate": {"secrets": "maybe"}},
    ):
        assert owner.client.patch(at, {"settings": bad}).status == 422, bad
