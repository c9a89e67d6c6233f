"""The queue of a project's builds."""

from __future__ import annotations

from typing import Literal

from chalicelib.builds.actions import lineup
from chalicelib.builds.actions.lineup import Entry
from chalicelib.builds.rules import sizes
from chalicelib.builds.rules.sizes import SizeName
from chalicelib.core import clock
from chalicelib.core.http import Call, Output, Routes

routes = Routes("queue")
State = Literal["waiting", "starting", "running"]


class QueuedBuild(Output):
    """A build that is not over. `starting` has a slot and no runner yet; `before` is how many
    start before one that waits."""

    build: str
    deployment: str
    environment: str
    state: State
    size: SizeName
    priority: int
    attempt: int
    before: int | None
    since: str


class QueueView(Output):
    """How many builds the team may run at a time and runs now, and the project's among them."""

    plan: str
    parallel_builds: int
    running: int
    items: list[QueuedBuild]


@routes.get(
    "/projects/{project}/queue", permission="deployment.read", scope="project", answer=QueueView
)
def get(call: Call) -> QueueView:
    """The project's builds that run or wait; without those that a policy keeps from the caller."""
    found = lineup.of_project(call.scope.id, call.scope.team)
    allows = call.scope.member.allows
    return QueueView(
        plan=found.room.allowance.plan,
        parallel_builds=found.room.count,
        running=len(found.room.held),
        items=[_view(e) for e in found.entries if allows(e.row.spec["environment"])],
    )


def _view(entry: Entry) -> QueuedBuild:
    row = entry.row
    waits = row.slot is None
    state: State = "waiting" if waits else "running" if row.state == "running" else "starting"
    since = clock.iso(int(row.since_ms)) if waits and row.since_ms else row.created_at
    return QueuedBuild(
        build=row.id,
        deployment=row.deployment,
        environment=row.spec["environment"],
        state=state,
        size=sizes.choose(row.size, "large", "").size.name,
        priority=int(row.priority),
        attempt=int(row.attempt),
        before=entry.before,
        since=row.started_at or since if not waits else since,
    )
