"""Deploy hooks: addresses that start a deployment for whoever knows them.

What is kept is the SHA-256 of a token of 256 random bits: who reads the table can call no hook, and
nobody finds a token by how long an answer takes.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError, UpdateError

from chalicelib.core import clock, ids, table
from chalicelib.core.actor import Actor
from chalicelib.core.buckets import Buckets
from chalicelib.core.errors import Conflict, NotFound, TooMany, Unavailable, not_found
from chalicelib.projects import rows
from chalicelib.projects.actions import asking
from chalicelib.projects.rows import Project
from chalicelib.projects.rows.triggers import (
    HookRow,
    HookToken,
    digest_of,
    hook_key,
    hook_of,
    token_row,
)
from chalicelib.projects.rows.triggers import hook as hook_row
from chalicelib.projects.rows.triggers import hooks as hook_rows

PREFIX = "cdh_"
HOOKS_MAX = 20
CALLS = Buckets("deploy_hook", a_minute=6, at_once=10)
"""Calls of one hook, wherever they come from: an address that got about starts no flood of builds.

Ten at once are what a person does who saves ten entries in a row.
"""


@dataclass(frozen=True)
class NewHook:
    """A hook that was made, and its token, which nobody gets to see again."""

    row: HookRow
    token: str


def create(actor: Actor, project: Project, name: str, branch: str) -> NewHook:
    """Make a hook; raises Conflict when there are too many, and as `asking.allow` does."""
    if sum(1 for _ in hook_rows(project.id)) >= HOOKS_MAX:
        raise Conflict(
            "too_many_hooks",
            f"A project has at most {HOOKS_MAX} deploy hooks.",
            hint="Delete one that nobody uses.",
        )
    asking.allow(actor, project, branch)
    token = PREFIX + secrets.token_urlsafe(32)
    identifier = ids.new("hook")
    row = HookRow(
        pk=rows.key(project.id),
        sk=hook_key(identifier),
        id=identifier,
        project=project.id,
        name=name,
        branch=branch,
        digest=digest_of(token),
        created_at=clock.iso(),
        created_by=actor.id,
    )
    try:
        with table.write() as transaction:
            transaction.save(row, condition=HookRow.pk.does_not_exist())
            transaction.save(
                token_row(row.digest, project.id, identifier),
                condition=HookToken.pk.does_not_exist(),
            )
            transaction.condition_check(
                Project, project.pk, "META", condition=Project.deleted_at.does_not_exist()
            )
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        raise not_found("project", project.id) from None
    return NewHook(row, token)


def list_all(project: Project) -> list[HookRow]:
    """The hooks of a project, oldest first."""
    return list(hook_rows(project.id))


def delete(project: Project, identifier: str) -> HookRow:
    """End a hook at once; raises NotFound."""
    row = hook_row(project.id, identifier)
    if row is None:
        raise not_found("hook", identifier)
    with table.write() as transaction:
        transaction.delete(token_row(row.digest, project.id, identifier))
        transaction.delete(row)
    return row


def fire(token: str, occasion: str) -> str:
    """Ask for a deployment; the id that it will have.

    `occasion` makes calls of the same millisecond different ones. Raises NotFound for a token that
    opens nothing, TooMany for a hook that is called too often.
    """
    row = hook_of(digest_of(token))
    project = rows.get(row.project) if row is not None else None
    if row is None or project is None or project.deleted_at:
        raise NotFound(
            "hook_not_found",
            "There is no deploy hook at this address.",
            hint="It was deleted, or the address is not whole: `deck hooks list` shows what is.",
        )
    _count(row)
    now = clock.now_ms()
    key = asking.key_of("hook", row.id, now, occasion)
    deployment = asking.ask(project, row.branch, "hook", row.id, key)
    try:
        row.update(actions=[HookRow.used_at.set(clock.iso(now))], condition=HookRow.pk.exists())
    except UpdateError as error:  # it was deleted meanwhile, which this call still preceded
        if not table.lost_condition(error):
            raise
    return deployment


def _count(hook: HookRow) -> None:
    """Take a token out of the hook's own bucket; while nobody can count, all pass."""
    try:
        wait = CALLS.take(hook.id)
    except Unavailable:
        return
    if wait:
        raise TooMany(
            "rate_limited",
            f"This deploy hook is called too often: {CALLS.a_minute} times a minute are taken, "
            f"{CALLS.at_once} at once. The next one is taken in {wait} s.",
            hint="The deployment that began last has what is there by now; wait for Retry-After.",
            headers={"Retry-After": str(wait)},
        )
