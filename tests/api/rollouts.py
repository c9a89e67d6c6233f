"""Sites whose pushes go out in steps."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.projects import actions as projects
from chalicelib.teams import actions as teams
from tests.api.rolling import Hands, Site
from tests.unit.rollouts.visits import Version

BAD = Version(errors=0.2)


@pytest.fixture
def site(database: Any, services: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    actor = Actor(kind="user", id=user.id, user=user.id)
    return Site(services, Hands(monkeypatch), actor, projects.create(actor, "My Site"))


@pytest.fixture
def canary(site: Site) -> Site:
    """A live site whose next push goes out in steps."""
    site.deploy()
    site.delivers(strategy="canary")
    return site


def weights(site: Site) -> list[int]:
    """The weights that visitors were shown, in their order."""
    return [one["weight"] for one in site.rollout().history if one["outcome"] == "shift"]
