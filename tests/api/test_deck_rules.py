"""`deck rules check`, `list` and `test`, on the real API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.test_deck_projects import linked  # noqa: F401
from tests.api.test_deck_teams import deck  # noqa: F401
from tests.api.test_restored import tree
from tests.fakes import line

OUTPUT = {
    "index.html": b"x",
    "_redirects": b"/old/* /:splat 302\n/x /y 301 Role=admin\n",
    "_headers": b"/*\n  X-A: 1\n",
}


@pytest.fixture
def deployed(linked: Any, owner: Any, services: Any) -> Any:  # noqa: F811
    project = owner.client.get("/v1/projects").json()["items"][0]["id"]
    commit = "c" * 40
    services.repositories.push(project, "main", commit, archive=tree({"package.json": "{}"}))
    made = owner.client.post(f"/v1/projects/{project}/deployments", {"branch": "main"}).json()
    line.carry(services, made["id"], OUTPUT)
    return linked


def test_a_folder_is_checked(linked: Any, tmp_path: Path) -> None:  # noqa: F811
    site = tmp_path / "site"
    (site / "dist").mkdir(parents=True)
    (site / "clouddeck.toml").write_text('redirects = [{from = "/a", to = "/b"}]')
    (site / "dist" / "_redirects").write_text("/x /y 301 Role=admin\n")
    done = linked("rules", "check", str(site), "--output", "dist")
    assert "1 rules in _redirects, clouddeck.toml" in done.stdout
    assert "nobody has a role here" in done.stdout
    assert linked("rules", "check", str(site), "--output", "dist", "--strict", code=2)
    (site / "dist" / "_redirects").write_text("/x\n")
    failed = linked("rules", "check", str(site), "--output", "dist", code=2)
    assert "_redirects:1" in failed.stdout
    assert "there is no target" in failed.stdout
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no file with rules" in linked("rules", "check", str(empty), code=2).stderr


def test_rules_are_listed(deployed: Any) -> None:
    told = deployed("rules", "list").stdout
    assert "_redirects:1" in told
    assert "/:splat" in told
    assert "_headers:1" in told
    assert deployed("rules", "list", "--json").json["total"] == 1


def test_a_request_is_tried(deployed: Any) -> None:
    told = deployed("rules", "test", "/old/page?a=1").stdout
    assert "redirect 302" in told
    assert "/page?a=1" in told
    assert "_redirects:1" in told
    told = deployed("rules", "test", "/", "-H", "X-B: 1").stdout
    assert "index.html" in told
    assert "X-A: 1" in told
    assert "no header" in deployed("rules", "test", "/", "-H", "nonsense", code=2).stderr
