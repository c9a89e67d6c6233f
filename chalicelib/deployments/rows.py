"""Rows of deployments, branch heads and the pointer's history."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.core import clock, table
from chalicelib.deployments import rules
from chalicelib.git.rules import Push
from chalicelib.projects.rows import key as project_key

OPEN_SHARDS = 4


class Deployment(table.CoreRow):
    """A deployment. Until the world has been told how it ended, `OPEN#<shard>` lists it as well.

    `listing` is the SHA-256 of the file list that was checked: no other one is published.
    `target` says whether it is for the production pointer, `environment` whose variables it gets
    and which other address follows it. `trust` is `untrusted` for what strangers wrote and nobody
    approved. `restored` is the deployment whose files were taken instead of building.
    """

    id = UnicodeAttribute()
    project = UnicodeAttribute()
    team = UnicodeAttribute()
    slug = UnicodeAttribute()
    state = UnicodeAttribute()
    target = UnicodeAttribute()  # production | preview
    environment = UnicodeAttribute(null=True)  # None in rows of an older make: the target
    source = UnicodeAttribute()  # git | upload | prebuilt
    provider = UnicodeAttribute(default="builtin")
    trigger = UnicodeAttribute(default="push")
    trust = UnicodeAttribute(default="trusted")  # trusted | approved | untrusted
    branch = UnicodeAttribute(default="")
    tag = UnicodeAttribute(default="")
    pull = NumberAttribute(default=0)
    commit = UnicodeAttribute(default="")
    message = UnicodeAttribute(default="")
    sequence = NumberAttribute()
    upload = UnicodeAttribute(null=True)
    build = UnicodeAttribute(null=True)
    base = UnicodeAttribute(null=True)
    listing = UnicodeAttribute(null=True)
    framework = UnicodeAttribute(null=True)
    settings = JSONAttribute(default=dict)
    published = BooleanAttribute(default=False)
    error = JSONAttribute(null=True)
    stages = JSONAttribute(default=dict)
    files = NumberAttribute(default=0)
    bytes = NumberAttribute(default=0)
    cache_hit = BooleanAttribute(default=False)
    restored = UnicodeAttribute(null=True)
    expires_at = UnicodeAttribute(null=True)
    removed_at = UnicodeAttribute(null=True)
    run = NumberAttribute(default=0)
    created_by = UnicodeAttribute()
    created_at = UnicodeAttribute()
    touched_ms = NumberAttribute()
    ready_at = UnicodeAttribute(null=True)
    finished_at = UnicodeAttribute(null=True)


class Head(table.CoreRow):
    """The newest push of a branch that led to a deployment.

    `skipped` is the newest one that asked for none: known, so that nobody catches up on it, but
    no reason to end what was on its way.
    """

    branch = UnicodeAttribute()
    commit = UnicodeAttribute(default="")
    sequence = NumberAttribute(default=0)
    deployment = UnicodeAttribute(default="")
    skipped = NumberAttribute(default=0)


class PointerMove(table.CoreRow):
    """One move of the production pointer."""

    generation = NumberAttribute()
    deployment = UnicodeAttribute()
    moved_at = UnicodeAttribute()
    moved_by = UnicodeAttribute()
    reason = UnicodeAttribute(default="")


def key(deployment: str) -> str:
    """Partition of a deployment."""
    return f"DEP#{deployment}"


def open_shard(deployment: str) -> str:
    """Index partition that lists a deployment while it is on its way."""
    return f"OPEN#{zlib.crc32(deployment.encode()) % OPEN_SHARDS}"


def get(deployment: str) -> Deployment | None:
    """A deployment by id, read consistently."""
    return table.find(Deployment, key(deployment))


def get_with(
    deployment: str, *beside: tuple[type[Any], str, str]
) -> tuple[Deployment | None, list[Any]]:
    """A deployment and other rows (kind, pk, sk), all in one consistent read."""
    found, *others = table.find_mixed([(Deployment, key(deployment), "META"), *beside])
    return (found if isinstance(found, Deployment) else None), others


def head(project: str, branch: str) -> Head | None:
    """The newest push of a branch, read consistently."""
    return table.find(Head, project_key(project), f"HEAD#{branch}")


def heads(project: str) -> list[Head]:
    """The newest push of every branch."""
    return list(table.below(Head, project_key(project), "HEAD#"))


def head_row(deployment: Deployment) -> Head:
    """The branch head that a deployment makes, not yet saved."""
    return Head(
        pk=project_key(deployment.project),
        sk=f"HEAD#{deployment.branch}",
        branch=deployment.branch,
        commit=deployment.commit,
        sequence=deployment.sequence,
        deployment=deployment.id,
    )


def note_head(project: str, push: Push) -> None:
    """Remember a push that leads to no deployment, unless a newer one is known."""
    row = Head(pk=project_key(project), sk=f"HEAD#{push.branch}")
    try:
        row.update(
            actions=[
                Head.branch.set(push.branch),
                Head.commit.set(Head.commit | ""),
                Head.sequence.set(Head.sequence | 0),
                Head.deployment.set(Head.deployment | ""),
                Head.skipped.set(push.sequence),
            ],
            condition=Head.skipped.does_not_exist() | (Head.skipped < push.sequence),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise


def moves(project: str, limit: int = 20) -> list[PointerMove]:
    """The last moves of the pointer, newest first."""
    found = PointerMove.query(
        project_key(project),
        PointerMove.sk.startswith("PTRLOG#"),
        consistent_read=True,
        scan_index_forward=False,
        limit=limit,
    )
    return list(found)


def move_row(
    project: str, generation: int, deployment: str, *, at: str, by: str, why: str
) -> PointerMove:
    """A move, not yet saved."""
    return PointerMove(
        pk=project_key(project),
        sk=f"PTRLOG#{generation:010d}",
        generation=generation,
        deployment=deployment,
        moved_at=at,
        moved_by=by,
        reason=why,
    )


def still_open() -> Iterator[str]:
    """Ids of deployments on their way or just over. A hint: readers read the row again."""
    for shard in range(OPEN_SHARDS):
        for row in Deployment.by2.query(f"OPEN#{shard}"):
            yield row.id


def page(
    project: str, limit: int, at: dict[str, Any] | None, branch: str | None, state: str | None
) -> tuple[list[Deployment], dict[str, Any] | None]:
    """A page of a project's deployments, newest first, and the place to go on from."""
    condition = None
    if branch is not None:
        condition = Deployment.branch == branch
    if state is not None:
        wanted = Deployment.state == state
        condition = wanted if condition is None else condition & wanted
    found = Deployment.by1.query(
        project_key(project),
        Deployment.gsi1sk.startswith("DEP#"),
        filter_condition=condition,
        scan_index_forward=False,
        last_evaluated_key=at,
        limit=limit,
    )
    return list(found), found.last_evaluated_key


def advance(row: Deployment, new: str, **values: Any) -> bool:
    """Change the state along the table of rules; False when the row's state does not allow it.

    Afterwards `row` holds what the table holds.
    """
    before = rules.states_before(new)
    values.setdefault("touched_ms", clock.now_ms())
    updates: list[Action] = [Deployment.state.set(new)]
    for name, value in values.items():
        attribute = getattr(Deployment, name)
        updates.append(attribute.remove() if value is None else attribute.set(value))
    try:
        row.update(actions=updates, condition=Deployment.state.is_in(*before))
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        row.refresh(consistent_read=True)
        return False
    return True


def close(row: Deployment) -> None:
    """Take a deployment that is over off the list of those that somebody must look after."""
    if row.gsi2pk is None:
        return
    try:
        row.update(
            actions=[Deployment.gsi2pk.remove(), Deployment.gsi2sk.remove()],
            condition=Deployment.state.is_in(*rules.TERMINAL),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        row.refresh(consistent_read=True)
