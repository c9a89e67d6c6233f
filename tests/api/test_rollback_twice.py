"""Two people who roll back at the same moment, neither of whom names where to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.core.errors import Problem
from chalicelib.deployments.actions import pointer
from chalicelib.projects import rows as project_rows
from tests.api.test_pin_races import actor, project, pushed

__all__ = ["actor", "project"]


def test_two_who_roll_back_do_not_bring_back_what_both_want_gone(
    services: Any, actor: Any, project: Any
) -> None:
    oldest, _, broken = [pushed(services, project) for _ in range(3)]

    def back(_: int) -> None:
        pointer.rollback(actor, project, None, "it is broken")

    with ThreadPoolExecutor(2) as people:
        list(people.map(back, range(2)))
    current = project_rows.pointer(project.id)
    assert current is not None
    assert (current.deployment, current.pinned) == (oldest, True)

    with pytest.raises(Problem) as refused:
        back(0)
    assert refused.value.code == "nothing_before"
    # who promotes chooses anew, and leaves what was live before behind
    pointer.promote(actor, project, broken, "")
    pointer.rollback(actor, project, None, "")
    found = project_rows.pointer(project.id)
    assert found is not None
    assert found.deployment == oldest


def test_the_log_says_where_a_rollback_led(services: Any, owner: Any) -> None:
    made = owner.client.post("/v1/projects", {"name": "Shop", "slug": "shop"}).json()
    shop = project_rows.get(made["id"])
    assert shop is not None
    first, _ = [pushed(services, shop) for _ in range(2)]
    path = f"/v1/projects/{made['id']}/rollback"
    assert owner.client.post(path, {"reason": "it is broken"}).status == 200
    entries = owner.client.get(f"/v1/teams/{made['team']}/audit").json()["items"]
    (entry,) = [one for one in entries if one["action"] == "deployments.rollback"]
    assert entry["after"] == {"reason": "it is broken", "deployment": first}
