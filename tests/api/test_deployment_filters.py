"""The list of a project's deployments: what is asked for is what comes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.test_overview import deploy, project
from tests.fakes.people import Person, member

pytestmark = pytest.mark.usefixtures("database")


def test_deployments_are_found_by_who_began_them(owner: Person, api: Any, services: Any) -> None:
    eve = member(api, owner, "developer")
    site = project(owner, "one")
    mine, hers = deploy(owner, services, site, "a"), deploy(eve, services, site, "b")

    def found(who: str) -> list[str]:
        answer = owner.client.get(f"/v1/projects/{site['id']}/deployments?created_by={who}")
        assert answer.status == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    assert found(owner.id) == [mine]
    assert found(eve.id) == [hers]
    assert found("usr_nobody") == []
