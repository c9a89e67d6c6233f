"""What keeps a ready deployment from going live now: lock, pin, freeze, approvals."""

from __future__ import annotations

from typing import Any, NoReturn

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows
from chalicelib.deployments.actions import authors
from chalicelib.deployments.rows import Deployment
from chalicelib.deployments.rules import holds
from chalicelib.deployments.rules.holds import Approval, Held
from chalicelib.projects.rows import Pointer, Project
from chalicelib.projects.rules import delivery


def why(project: Project, row: Deployment, current: Pointer | None) -> Held | None:
    """What holds a deployment that would go live by itself; None for nothing."""
    return _held(project, row, pinned=bool(current is not None and current.pinned))


def since(held: Held, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """As the deployment's row has it: since when it waits, as `known` has it, or from now on."""
    return held.told() | {"since": (known or {}).get("since") or clock.iso()}


def frost(project: Project) -> Held | None:
    """The freeze that a project is in now; None for none. It holds a rollout's next step too."""
    held = holds.held(
        delivery.read(project.delivery), None, (), pinned=False, now_ms=clock.now_ms()
    )
    return held if held is not None and held.because == "frozen" else None


def refuse_in_frost(project: Project) -> None:
    """Raise Conflict `release_frozen` when visitors may be shown nothing more now."""
    held = frost(project)
    if held is not None:
        _refuse(held)


def refuse(project: Project, row: Deployment) -> None:
    """Raise Conflict when not even a person may make a deployment live now."""
    held = _held(project, row, pinned=False)
    if held is None:
        return
    if held.because == "approval":
        hint = f"Somebody but its author says `deck approve {row.id}`."
        raise Conflict("approval_missing", held.detail, hint=hint)
    _refuse(held)


def _refuse(held: Held) -> NoReturn:
    said = held.detail + (f" Until {held.until}." if held.until else "")
    if held.because == "locked":
        hint = "`deck unlock` ends it; a rollback is always possible."
        raise Conflict("project_locked", said, hint=hint)
    raise Conflict("release_frozen", said, hint="Wait, or have an admin change the freeze.")


def _held(project: Project, row: Deployment, *, pinned: bool) -> Held | None:
    said = delivery.read(project.delivery)
    found = [Approval(one.user, one.role) for one in rows.approvals(row)] if said.approvals else []
    author = authors.of(row) if found else ""
    return holds.held(
        said, project.lock, found, pinned=pinned, now_ms=clock.now_ms(), author=author
    )
