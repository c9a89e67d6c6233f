"""What of a project can be emptied, and how its keys name it."""

from __future__ import annotations

import pytest


@pytest.fixture
def project(owner):
    wish = {"name": "Shop", "slug": "shop", "framework": "astro"}
    return owner.client.post("/v1/projects", wish).json()


def test_a_framework_is_emptied_by_null_and_kept_by_silence(owner, project):
    path = f"/v1/projects/{project['id']}"
    assert owner.client.patch(path, {"name": "Store"}).json()["framework"] == "astro"
    answer = owner.client.patch(path, {"framework": None})
    assert (answer.status, answer.json()["framework"]) == (200, None)
    assert owner.client.get(path).json()["framework"] is None
    assert owner.client.patch(path, {"framework": "hugo"}).json()["framework"] == "hugo"


@pytest.mark.parametrize("name", ["name", "production_branch", "settings", "git", "delivery"])
def test_what_cannot_be_empty_stays(owner, project, name):
    path = f"/v1/projects/{project['id']}"
    before = owner.client.get(path).json()
    answer = owner.client.patch(path, {name: None})
    assert (answer.status, answer.json()[name]) == (200, before[name])


def test_a_deploy_key_names_its_project_as_people_do(owner, project):
    made = owner.client.post("/v1/projects/shop/deploy-keys", {"name": "ci"}).json()
    listed = owner.client.get("/v1/projects/shop/deploy-keys").json()["items"]
    of_team = owner.client.get(f"/v1/keys?team={owner.team}").json()["items"]
    for key in (made, *listed, *(k for k in of_team if k["id"] == made["id"])):
        assert (key["project"], key["project_slug"]) == (project["id"], "shop")
    assert len(listed) == 1
    own = owner.client.post("/v1/keys", {"name": "mine", "team": owner.team}).json()
    assert own["project_slug"] is None
