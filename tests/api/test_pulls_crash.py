"""Death at every write of a pull request: opened, approved, closed; and the event comes again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import pulls
from tests.api.pulls import actor, at, gone, host, project, ready
from tests.fakes.crash import Crash, Death
from tests.fakes.pull_host import PullHost

__all__ = ["actor", "host", "project"]

WRITES = 40
"""More than any of these has."""

FACTS: list[dict[str, Any]] = [
    {"fork": True, "repository": "eve/site", "member": False},
    {"bot": True},
    {},
]


def repeated(crash: Crash, work: Callable[[], Any]) -> Any:
    """Do it, die, and do it again, as whoever sent it would."""
    crash.armed, crash.count = True, 0
    try:
        return work()
    except Death:
        return work()
    finally:
        crash.armed = False


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("facts", FACTS, ids=["fork", "bot", "member"])
def test_a_pull_request_ends_well_wherever_somebody_dies(
    services: Any, project: Any, host: PullHost, actor: Actor, monkeypatch: Any, facts: Any,
    applied: bool,
) -> None:  # fmt: skip
    crash = Crash(0, applied, Death, armed=False)
    crash.install(monkeypatch, services)
    deepest = 0
    for number in range(1, WRITES):
        crash.at, crash.where = number, ""
        own = {"branch": f"b{number}", **facts}
        commit = f"{number:040x}"
        event = host.open(project.id, number, commit, at(), **own)
        first = repeated(crash, lambda event=event: pulls.receive(event))
        deepest = max(deepest, number if crash.where else 0)
        pull = rows.pull(project.id, number)
        assert pull is not None
        assert first is not None
        assert (pull.deployment, pull.preview) == (first.id, "built")
        if pull.trust != "trusted":
            crash.where = ""
            repeated(crash, lambda n=number, c=commit: pulls.approve(actor, project, n, c))
            deepest = max(deepest, number if crash.where else 0)
            pull = pulls.named(project, number)
            assert pull.trust == "approved"
        row = ready(services, rows.get(pull.deployment))
        assert (row.trust, number in row.pulls) == (pull.trust, True)
        assert services.edge.routes[f"pr-{number}--shop"].production == row.id
        crash.where = ""
        closed = host.close(event, at())
        repeated(crash, lambda closed=closed: pulls.receive(closed))
        deepest = max(deepest, number if crash.where else 0)
        assert gone(services, row)
        assert services.edge.routes[f"pr-{number}--shop"].gone
        if number > deepest + 1:
            break
    assert 5 < deepest < WRITES - 1
