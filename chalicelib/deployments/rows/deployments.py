"""Rows of deployments, and the lists that some of them stand on."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core import clock, table
from chalicelib.deployments import rules
from chalicelib.projects.rows import key as project_key

if TYPE_CHECKING:
    from chalicelib.teams.actions import Membership

OPEN_SHARDS = 4
TRIES = 12
OPEN, EXPIRES, HELD = "OPEN#", "EXPIRES#", "HELD#"
"""The lists (gsi2): what somebody must look after, previews by the end of their time, and what is
ready and waits to go live."""


class Deployment(table.CoreRow):
    """A deployment. Until the world has been told how it ended, `OPEN#<shard>` lists it as well.

    `listing` is the SHA-256 of the file list that was checked: no other one is published.
    `target` says whether it is for the production pointer, `environment` whose variables it gets
    and which other address follows it. `trust` is `untrusted` for what strangers wrote and nobody
    approved. `restored` is the deployment whose files were taken instead of building. `looks` is
    what about a request its rules look at. `counted` says that its day
    knows how it ended. `held` says since when, and why, a deployment that is ready is not live:
    see `rules/holds.py`.

    `member` is no attribute of the row: who asked for it, if somebody did.
    """

    member: Membership | None = None

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
    pulls = JSONAttribute(default=list)
    aliases = JSONAttribute(default=list)
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
    hit = UnicodeAttribute(null=True)
    routing = UnicodeAttribute(null=True)
    looks = JSONAttribute(default=list)
    held = JSONAttribute(null=True)
    expires_at = UnicodeAttribute(null=True)
    removed_at = UnicodeAttribute(null=True)
    run = NumberAttribute(default=0)
    counted = BooleanAttribute(null=True)
    created_by = UnicodeAttribute()
    created_at = UnicodeAttribute()
    touched_ms = NumberAttribute()
    ready_at = UnicodeAttribute(null=True)
    finished_at = UnicodeAttribute(null=True)


def key(deployment: str) -> str:
    """Partition of a deployment."""
    return f"DEP#{deployment}"


def open_shard(deployment: str) -> str:
    """Index partition that lists a deployment while it is on its way."""
    return f"{OPEN}{_shard(deployment)}"


def _shard(deployment: str) -> int:
    return zlib.crc32(deployment.encode()) % OPEN_SHARDS


def get(deployment: str) -> Deployment | None:
    """A deployment by id, read consistently."""
    return table.find(Deployment, key(deployment))


def get_with(
    deployment: str, *beside: tuple[type[Any], str, str]
) -> tuple[Deployment | None, list[Any]]:
    """A deployment and other rows (kind, pk, sk), all in one consistent read."""
    found, *others = table.find_mixed([(Deployment, key(deployment), "META"), *beside])
    return (found if isinstance(found, Deployment) else None), others


def still_open() -> Iterator[str]:
    """Ids of deployments on their way or just over. A hint: readers read the row again."""
    for shard in range(OPEN_SHARDS):
        for row in Deployment.by2.query(f"{OPEN}{shard}"):
            yield row.id


def waiting() -> tuple[int, str | None]:
    """How many deployments are on their way or just over, and the id of the oldest: a hint."""
    shards = [f"{OPEN}{shard}" for shard in range(OPEN_SHARDS)]
    oldest = [row.id for shard in shards for row in Deployment.by2.query(shard, limit=1)]
    return sum(int(Deployment.by2.count(shard)) for shard in shards), min(oldest, default=None)


def page(  # noqa: PLR0917  # where, how many, and which
    project: str,
    limit: int,
    at: dict[str, Any] | None,
    branch: str | None,
    state: str | None,
    environment: str | None = None,
    created_by: str | None = None,
) -> tuple[list[Deployment], dict[str, Any] | None]:
    """A page of a project's deployments, newest first, and the place to go on from."""
    condition = None
    asked = {
        "branch": branch,
        "state": state,
        "environment": environment,
        "created_by": created_by,
    }
    for name, value in asked.items():
        if value is not None:
            wanted = getattr(Deployment, name) == value
            if name == "environment":  # which rows of an older make do not have
                wanted |= Deployment.environment.does_not_exist() & (Deployment.target == value)
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


def of_commit(project: str, commit: str) -> Iterator[Deployment]:
    """Every deployment of a commit in a project, whatever became of it."""
    yield from Deployment.by1.query(
        project_key(project),
        Deployment.gsi1sk.startswith("DEP#"),
        filter_condition=(Deployment.commit == commit) & (Deployment.source == "git"),
    )


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


def note(row: Deployment, name: str, value: Any) -> None:
    """Add to the list `aliases` or `pulls` of a deployment what is not on it yet.

    Two who add at the same moment both do: what is not on the list is never taken away again.
    """
    attribute = getattr(Deployment, name)
    for _ in range(TRIES):
        known = list(getattr(row, name) or ())
        if value in known:
            return
        actions: list[Action] = [attribute.set([*known, value])]
        if name == "pulls" and not row.pull:
            actions.append(Deployment.pull.set(value))
        unchanged = attribute == known
        try:
            row.update(actions=actions, condition=unchanged | attribute.does_not_exist())
        except UpdateError as error:
            if not table.lost_condition(error):
                raise
            row.refresh(consistent_read=True)
        else:
            return
    raise RuntimeError(f"{name} of {row.id} change faster than they can be written down")


def closing(row: Deployment) -> tuple[list[Action], Condition] | None:
    """What takes a deployment that is over off the list of those that somebody must look after.

    A preview that can be seen goes on the list of those whose time will be over, what waits to go
    live on that of those that wait. None when it is not on the list.
    """
    if not is_open(row):
        return None
    listed: list[Action] = [Deployment.gsi2pk.remove(), Deployment.gsi2sk.remove()]
    if row.published and row.expires_at:
        listed = expiry(row.id, row.expires_at)
    if row.held:
        listed = [
            Deployment.gsi2pk.set(f"{HELD}{_shard(row.id)}"),
            Deployment.gsi2sk.set(row.id),
        ]
    as_seen = Deployment.held.exists() if row.held else Deployment.held.does_not_exist()
    return listed, Deployment.state.is_in(*rules.TERMINAL) & as_seen


def held_back() -> Iterator[str]:
    """Ids of deployments that wait to go live. A hint: readers read the row again."""
    for shard in range(OPEN_SHARDS):
        for row in Deployment.by2.query(f"{HELD}{shard}"):
            yield row.id


def still_held(row: Deployment, held: dict[str, Any] | None) -> None:
    """Write down why a deployment waits now; None when it waits no more and stays as it is."""
    actions: list[Action] = [Deployment.held.set(held)] if held else [Deployment.held.remove()]
    if held is None and (row.gsi2pk or "").startswith(HELD):
        actions += [Deployment.gsi2pk.remove(), Deployment.gsi2sk.remove()]
    relist(row, actions, Deployment.held == row.held)


def is_open(row: Deployment) -> bool:
    """Whether somebody must still look after it."""
    return row.gsi2pk is not None and row.gsi2pk.startswith(OPEN)


def removed(row: Deployment) -> None:
    """Nothing is left to be removed of a deployment: take it off the list."""
    relist(
        row,
        [Deployment.gsi2pk.remove(), Deployment.gsi2sk.remove()],
        Deployment.removed_at.exists(),
    )


def put_off(row: Deployment, until: str) -> None:
    """Let a deployment that is still needed stay until then."""
    relist(
        row,
        [Deployment.expires_at.set(until), *expiry(row.id, until)],
        Deployment.removed_at.does_not_exist() & Deployment.gsi2pk.startswith(EXPIRES),
    )


def expired(now: str, limit: int) -> Iterator[str]:
    """Ids of previews whose time is over, and of those that were not removed to the end.

    A hint: readers read the row again.
    """
    for shard in range(OPEN_SHARDS):
        found = Deployment.by2.query(f"{EXPIRES}{shard}", Deployment.gsi2sk < now, limit=limit)
        for row in found:
            yield row.id


def expiry(deployment: str, at: str) -> list[Action]:
    """What puts a row on the list of those that expire; an empty moment is the first to come."""
    return [
        Deployment.gsi2pk.set(f"{EXPIRES}{_shard(deployment)}"),
        Deployment.gsi2sk.set(f"{at}#{deployment}"),
    ]


def relist(row: Deployment, actions: list[Action], condition: Condition) -> None:
    """Change on which list a deployment stands, if it is as expected; `row` is as it is then."""
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        row.refresh(consistent_read=True)
