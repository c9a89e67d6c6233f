"""The production pointer: the only thing that changes when a site changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, not_found
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import ending, finish, holds, moving, show, starting
from chalicelib.deployments.actions.canary import settle, shift, withdraw
from chalicelib.deployments.actions.moving import Move
from chalicelib.deployments.actions.releases import arrived
from chalicelib.deployments.actions.sites import tell_edge
from chalicelib.deployments.rows import Deployment
from chalicelib.deployments.rules import backwards
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer, Project
from chalicelib.projects.rules import delivery

__all__ = [
    "arrived",
    "go_live",
    "gone",
    "place",
    "promote",
    "rollback",
    "settle",
    "shift",
    "tell_edge",
    "view",
    "withdraw",
]

TRIES = 12


def go_live(row: Deployment) -> dict[str, Any]:
    """The pipeline's promotion: pointer and `ready` change in one transaction, or neither.

    Also that of one that is ready and waited for it. The row stays on the list of open deployments
    until the edge was told: see `finish.notify`.
    """
    for _ in range(TRIES):
        current = project_rows.pointer(row.project)
        if current is not None and current.deployment == row.id:
            finish.ready(row)
            arrived(row.project)
            return {"outcome": "ok"}
        refusal = _refusal(row, current)
        if refusal:
            return {"outcome": "ok", "live": False, "because": refusal}
        rolling = starting.begin(row, current)
        if rolling is not None:
            return rolling
        on_its_way = row.state == "promoting"
        if moving.write(Move(row, row.created_by, _reason(row), close=on_its_way), current):
            arrived(row.project)
            row.refresh(consistent_read=True)
            if not on_its_way:
                _waited(row)
            show.tell(row)
            return {"outcome": "ok", "live": True}
        row.refresh(consistent_read=True)
        if gone(row.project):
            ending.end(row, "cancelled", ending.PROJECT_GONE)
        if row.state in rules.TERMINAL and row.state != "ready":
            return {"outcome": row.state}
    raise RuntimeError(f"the pointer of {row.project} is moved too often to move it")


def _refusal(row: Deployment, current: Pointer | None) -> str:
    """Why a deployment does not go live, which ends its pipeline; empty when it may.

    What is older than what is live never will by itself; what is held waits.
    """
    project = project_rows.get(row.project)
    if project is None or project.deleted_at:
        return ""  # the transaction says so
    if rules.may_promote(place(current), int(row.sequence)) == "older":
        finish.ready(row, promote="skipped")
        return "older"
    held = holds.why(project, row, current)
    if held is None:
        return ""
    finish.ready(row, holds.since(held), promote="skipped")
    return held.because


def _waited(row: Deployment) -> None:
    """A deployment whose pipeline was over went live: what the pipeline would have done."""
    current = project_rows.pointer(row.project)
    if current is not None and current.deployment == row.id:
        finish.went_live(row, int(current.generation), current.reason)
    rows.close(row)


def gone(project: str) -> bool:
    """Whether a project was deleted."""
    found = project_rows.get(project)
    return found is None or bool(found.deleted_at)


def promote(actor: Actor, project: Project, deployment: str, reason: str) -> Pointer:
    """A person makes a deployment live and unpins; already live and unpinned is no change.

    Raises Conflict `project_locked`, `release_frozen` or `approval_missing`.
    """
    row = _own(project, deployment)
    holds.refuse(project, row)
    return _move_by_hand(actor, project, lambda _: row, reason or "promoted", pinned=False)


def rollback(actor: Actor, project: Project, to: str | None, reason: str) -> Pointer:
    """A person goes back, by default to what was live before; pins until someone promotes.

    While a rollout runs, what was live before is what is production still. After a rollback it is
    what lies further back, not what was rolled back from.
    """

    def target(current: Pointer | None) -> Deployment:
        if current is None:
            hint = "Deploy to production first."
            raise Conflict("nothing_live", "Nothing is live yet.", hint=hint)
        wanted = current.deployment if to is None and current.canary else to
        row = _own(project, wanted) if wanted else _before(project, current)
        if all(move.deployment != row.id for move in rows.moves(project.id, 1000)):
            holds.refuse(project, row)  # it was never live, so this is no way back
        return row

    return _move_by_hand(actor, project, target, reason or "rolled back", pinned=True)


def _before(project: Project, current: Pointer) -> Deployment:
    known = reversed(rows.moves(project.id, 100))
    # somebody may have moved since `current` was read: what was live then decides, not what is now
    moves = [move.deployment for move in known if int(move.generation) <= int(current.generation)]
    for one in backwards.before(moves, rolled_back=bool(current.pinned)):
        found = rows.get(one)
        if found is not None and found.published:
            return found
    raise Conflict(
        "nothing_before",
        "There is no earlier deployment to go back to.",
        hint="Name one with `to`; `deck list` shows them.",
    )


def _own(project: Project, deployment: str) -> Deployment:
    row = rows.get(deployment)
    if row is None or row.project != project.id:
        raise not_found("deployment", deployment)
    if row.removed_at:
        raise Conflict(
            "deployment_removed",
            f"{deployment} was a preview and was removed at {row.removed_at}.",
            hint="Deploy its commit again.",
        )
    if row.trust == "untrusted":
        raise Conflict(
            "deployment_untrusted",
            f"{deployment} was built from a commit that nobody approved; it never goes live.",
            hint="Read the pull request, merge it, and its branch goes live.",
        )
    if row.state != "ready" or not row.published:
        raise Conflict(
            "not_ready",
            f"{deployment} is {row.state}; only a ready deployment can go live.",
            hint="Choose a ready one; `deck list` shows them.",
        )
    return row


def _move_by_hand(
    actor: Actor,
    project: Project,
    target: Callable[[Pointer | None], Deployment],
    reason: str,
    *,
    pinned: bool,
) -> Pointer:
    """Move to what `target` makes of the pointer; the pointer as this very call left it."""
    for _ in range(TRIES):
        current = project_rows.pointer(project.id)
        row = target(current)
        same = current is not None and current.deployment == row.id
        still = current is not None and not current.canary and bool(current.pinned) == pinned
        if same and still and current is not None:
            tell_edge(project.id)
            return current
        move = Move(row, actor.id, reason, pinned=pinned, unlocked=not pinned, by_hand=True)
        moved = moving.write(move, current)
        if moved is not None:
            left = moving.shown(current) if pinned and current is not None else []
            arrived(project.id, *(one for one in left if one != row.id))
            row.refresh(consistent_read=True)
            rows.close(row)
            return moved
        if gone(project.id):
            raise not_found("project", project.id)
    raise Conflict("pointer_busy", "The site is being changed by others.", hint="Try again.")


def view(project: Project, left: Pointer | None = None) -> dict[str, Any]:
    """The pointer, now or as a move left it, with the last twenty moves until then."""
    current = left or project_rows.pointer(project.id)
    newest = int(current.generation) if current else 0
    return {
        "project": project.id,
        "deployment": current.deployment if current else None,
        "generation": int(current.generation) if current else 0,
        "pinned": bool(current.pinned) if current else False,
        "canary": current.canary if current else None,
        "weight": delivery.percent(int(current.weight or 0)) if current else 0,
        "rollout": current.rollout if current else None,
        "url": settings().site_url(project.slug),
        "moved_at": current.moved_at if current else None,
        "moved_by": current.moved_by if current else None,
        "reason": current.reason if current else "",
        "history": [
            {
                "generation": int(m.generation),
                "deployment": m.deployment,
                "moved_at": m.moved_at,
                "moved_by": m.moved_by,
                "reason": m.reason,
            }
            for m in rows.moves(project.id)
            if int(m.generation) <= newest
        ],
    }


def place(current: Pointer | None) -> rules.Move | None:
    """Where the pointer is, as the rule of moving needs it; a canary is as good as live."""
    if current is None:
        return None
    newest = max(int(current.sequence), int(current.canary_sequence or 0))
    return rules.Move(newest, bool(current.pinned))


def _reason(row: Deployment) -> str:
    if row.tag:
        return f"tagged {row.tag}"
    return f"pushed {row.branch}" if row.source == "git" and row.branch else "deployed"
