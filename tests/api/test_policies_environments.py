"""Policies know which environment a push or a promotion leads to."""

from __future__ import annotations

import pytest

from chalicelib.core import ids
from chalicelib.core.errors import Forbidden
from tests.api.policies import project, put
from tests.fakes.people import member

__all__ = ["project"]


def test_pushes_know_where_rules_lead_them(owner, project, api):
    from chalicelib.git.actions import open_repository

    rules = [{"match": "release/*", "environment": "staging"}]
    path = f"/v1/projects/{project['id']}"
    assert owner.client.post(f"{path}/environments", {"name": "staging"}).status == 201
    assert owner.client.patch(path, {"git": {"branches": rules}}).status == 200
    only = {"effect": "allow_only", "actions": ["deployment.create"]}
    put(owner, "previews", {**only, "conditions": {"environment": ["preview"]}})
    token = member(api, owner, "developer").tokens["access_token"]
    access = open_repository(token, project["slug"], write=True)
    assert list(access.refused) == ["production", "staging"]
    assert access.flow == {"branches": rules, "tags": []}


def test_nothing_is_promoted_out_of_an_environment_that_is_closed(owner, project, api):
    from chalicelib.deployments.actions.begin import Origin, begin
    from chalicelib.projects.actions import resolve

    origin = Origin("git", "next", "a" * 40, environment="staging")
    staged = begin(resolve(project["id"]), ids.new("dpl"), "preview", 1, origin, "usr_1")
    developer = member(api, owner, "developer")
    path = f"/v1/projects/{project['id']}"
    asked = (f"{path}/promote", {"deployment": staged.id}), (f"{path}/rollback", {"to": staged.id})
    before = [developer.client.post(*ask).code for ask in asked]
    assert "policy_denied" not in before
    put(owner, "staging", {"effect": "deny", "conditions": {"environment": ["staging"]}})
    assert [developer.client.post(*ask).code for ask in asked] == ["policy_denied"] * 2


def test_pushes_know_which_environments_are_closed(owner, project, api):
    from chalicelib.git.actions import open_repository

    developer = member(api, owner, "developer")
    token = developer.tokens["access_token"]
    assert open_repository(token, project["slug"], write=True).refused == {}
    put(
        owner,
        "no-production",
        {
            "effect": "allow_only",
            "actions": ["deployment.create"],
            "conditions": {"environment": ["preview"]},
        },
    )
    access = open_repository(token, project["slug"], write=True)
    assert list(access.refused) == ["production"]
    assert "'no-production'" in access.refused["production"]
    assert open_repository(token, project["slug"], write=False).refused == {}
    put(
        owner,
        "office",
        {"effect": "allow_only", "conditions": {"network": {"cidrs": ["192.0.2.0/24"]}}},
    )
    assert open_repository(token, project["slug"], write=False, address="::ffff:192.0.2.9")
    with pytest.raises(Forbidden, match="'office'"):
        open_repository(token, project["slug"], write=False, address="198.51.100.1")
