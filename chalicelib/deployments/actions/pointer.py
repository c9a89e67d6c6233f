"""The production pointer: the only thing that changes when a site changes."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action

from chalicelib.core import clock, table
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, not_found
from chalicelib.core.observe import logger
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import ending, finish, show
from chalicelib.deployments.rows import Deployment, PointerMove
from chalicelib.ports import SiteRoute, services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer, Project

TRIES = 12


def go_live(row: Deployment) -> dict[str, Any]:
    """The pipeline's promotion: pointer and `ready` change in one transaction, or neither.

    The row stays on the list of open deployments until the edge was told: see `finish.notify`.
    """
    for _ in range(TRIES):
        current = project_rows.pointer(row.project)
        if current is not None and current.deployment == row.id:
            finish.ready(row)
            tell_edge(row.project)
            return {"outcome": "ok"}
        refusal = rules.may_promote(_move(current), int(row.sequence))
        if refusal:
            finish.ready(row, promote="skipped")
            return {"outcome": "ok", "live": False, "because": refusal}
        if _write(row, current, row.created_by, _reason(row), pinned=False, close=True):
            tell_edge(row.project)
            row.refresh(consistent_read=True)
            show.tell(row)
            return {"outcome": "ok", "live": True}
        row.refresh(consistent_read=True)
        if gone(row.project):
            ending.end(row, "cancelled", ending.PROJECT_GONE)
        if row.state in rules.TERMINAL and row.state != "ready":
            return {"outcome": row.state}
    raise RuntimeError(f"the pointer of {row.project} is moved too often to move it")


def gone(project: str) -> bool:
    """Whether a project was deleted."""
    found = project_rows.get(project)
    return found is None or bool(found.deleted_at)


def promote(actor: Actor, project: Project, deployment: str, reason: str) -> Pointer:
    """A person makes a deployment live and unpins; already live and unpinned is no change."""
    row = _own(project, deployment)
    return _move_by_hand(actor, project, row, reason or "promoted", pinned=False)


def rollback(actor: Actor, project: Project, to: str | None, reason: str) -> Pointer:
    """A person goes back, by default to what was live before; pins until someone promotes."""
    current = project_rows.pointer(project.id)
    if current is None:
        raise Conflict("nothing_live", "Nothing is live yet.", hint="Deploy to production first.")
    row = _own(project, to) if to else _before(project, current)
    return _move_by_hand(actor, project, row, reason or "rolled back", pinned=True)


def _before(project: Project, current: Pointer) -> Deployment:
    for move in rows.moves(project.id, 100):
        if move.deployment != current.deployment:
            found = rows.get(move.deployment)
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
    actor: Actor, project: Project, row: Deployment, reason: str, pinned: bool
) -> Pointer:
    for _ in range(TRIES):
        current = project_rows.pointer(project.id)
        same = current is not None and current.deployment == row.id
        if same and current is not None and bool(current.pinned) == pinned:
            tell_edge(project.id)
            return current
        if _write(row, current, actor.id, reason, pinned=pinned, close=False):
            if pinned and current is not None and not same:
                _take_off(project.id, current.deployment)
            else:
                tell_edge(project.id)
            row.refresh(consistent_read=True)
            rows.close(row)
            found = project_rows.pointer(project.id)
            if found is not None:
                return found
        elif gone(project.id):
            raise not_found("project", project.id)
    raise Conflict("pointer_busy", "The site is being changed by others.", hint="Try again.")


def _write(
    row: Deployment, current: Pointer | None, by: str, reason: str, *, pinned: bool, close: bool
) -> bool:
    """One transaction: pointer, history and (from the pipeline) the deployment's `ready`.

    It also puts the deployment on the list of open ones, so that the sweep tells the edge should
    this process end before it does, and it fails once the project was deleted.
    """
    generation = int(current.generation) + 1 if current else 1
    now = clock.iso()
    pointer = Pointer(
        pk=project_rows.key(row.project),
        sk="PTR#production",
        project=row.project,
        deployment=row.id,
        sequence=row.sequence,
        generation=generation,
        pinned=pinned,
        moved_at=now,
        moved_by=by,
        reason=reason[:500],
    )
    unchanged = Pointer.generation == current.generation if current else Pointer.pk.does_not_exist()
    listed: list[Action] = [
        Deployment.touched_ms.set(clock.now_ms()),
        Deployment.gsi2pk.set(rows.open_shard(row.id)),
        Deployment.gsi2sk.set(row.id),
    ]
    move = rows.move_row(row.project, generation, row.id, at=now, by=by, why=reason[:500])
    try:
        with table.write() as transaction:
            if close:
                transaction.update(
                    row,
                    actions=[
                        Deployment.state.set("ready"),
                        Deployment.stages.set(show.closed(row)),
                        Deployment.ready_at.set(now),
                        Deployment.finished_at.set(now),
                        *listed,
                    ],
                    condition=(Deployment.state == "promoting") & (Deployment.published == True),  # noqa: E712  # a DynamoDB expression
                )
            else:
                transaction.update(
                    row,
                    actions=listed,
                    condition=(Deployment.state == "ready") & (Deployment.published == True),  # noqa: E712  # a DynamoDB expression
                )
            transaction.condition_check(
                Project,
                project_rows.key(row.project),
                "META",
                condition=Project.pk.exists() & Project.deleted_at.does_not_exist(),
            )
            transaction.save(pointer, condition=unchanged)
            transaction.save(move, condition=PointerMove.pk.does_not_exist())
    except TransactWriteError as error:
        if not table.lost_condition(error) and "TransactionConflict" not in str(error):
            raise
        return False
    return True


def tell_edge(project: str) -> None:
    """Publish the route of a project as the table has it; repeating it is harmless."""
    route = _route(project)
    if route is not None:
        services().edge.put(route)


def _take_off(project: str, deployment: str) -> None:
    """Publish the route after a rollback, and have the edge stop serving what it leaves.

    The pointer has moved, and a route gets everywhere without help as well, only slower. So an
    edge that cannot drop its copies does not fail the rollback; one that takes no route does.
    """
    route = _route(project)
    if route is None:
        return
    edge = services().edge
    try:
        edge.revoke(route, deployment)
    except Exception:
        logger().exception("a rollback reaches visitors late", extra={"deployment": deployment})
        edge.put(route)


def _route(project: str) -> SiteRoute | None:
    """What the edge has to know of a project; None when it is gone: whoever deletes it says so."""
    found = project_rows.get(project)
    if found is None or found.deleted_at:
        return None
    current = project_rows.pointer(project)
    return SiteRoute(
        site=found.id,
        team=found.team,
        slug=found.slug,
        production=current.deployment if current else None,
        generation=int(current.generation) if current else 0,
    )


def view(project: Project) -> dict[str, Any]:
    """The pointer with its last twenty moves; raises Conflict when nothing is live."""
    current = project_rows.pointer(project.id)
    return {
        "project": project.id,
        "deployment": current.deployment if current else None,
        "generation": int(current.generation) if current else 0,
        "pinned": bool(current.pinned) if current else False,
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
        ],
    }


def _move(current: Pointer | None) -> rules.Move | None:
    return rules.Move(int(current.sequence), bool(current.pinned)) if current else None


def _reason(row: Deployment) -> str:
    if row.tag:
        return f"tagged {row.tag}"
    return f"pushed {row.branch}" if row.source == "git" and row.branch else "deployed"
