"""A deployment begins: a push, an upload, a redeploy. Once, whatever comes twice."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError

from chalicelib.artifacts import rows as artifact_rows
from chalicelib.audit import actions as audit
from chalicelib.builds.actions import order
from chalicelib.core import clock, ids, table
from chalicelib.core.actor import PLATFORM, Actor
from chalicelib.core.errors import Conflict, NotFound, not_found
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import finish, show
from chalicelib.deployments.rows import Deployment, Head
from chalicelib.git import actions as git
from chalicelib.git.rules import SKIP, Push, is_commit
from chalicelib.ports import services
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Project

PROJECT_GONE = "The project was deleted."
TEAM_SUSPENDED = "The team is suspended."


@dataclass(frozen=True)
class Origin:
    """Where a deployment comes from; `push` says that it is one, and so moves the branch head."""

    source: str  # git | upload | prebuilt
    branch: str = ""
    commit: str = ""
    message: str = ""
    upload: str | None = None
    base: str | None = None
    push: bool = False


def from_push(push: Push) -> Deployment | None:
    """The deployment of a push; None when the project is gone or the commit says to skip."""
    try:
        project = projects.resolve(push.project)
    except NotFound:
        return None
    known = services().repositories.commit(project.id, push.commit) or {}
    message = known.get("message") or push.message
    if SKIP.search(message):
        rows.note_head(project.id, push)
        return None
    projects.adopt_branch(project, push.branch)
    target = "production" if push.branch == project.production_branch else "preview"
    origin = Origin("git", push.branch, push.commit, message[:300], push=True)
    row = begin(project, git.deployment_id(push), target, push.sequence, origin, push.pusher)
    _record_push(row, push)
    return row


def _record_push(row: Deployment, push: Push) -> None:
    """A push is no request of ours, so its entry is written here; once, however often it comes."""
    actor = Actor("user", push.pusher, push.pusher) if ids.is_id(push.pusher, "usr") else PLATFORM
    audit.record(
        f"{row.id}:pushed",
        row.team,
        "deployments.push",
        row.id,
        actor=actor,
        of=row.project,
        label=row.slug,
        after={"branch": push.branch, "commit": push.commit, "pusher": push.pusher},
    )


def from_upload(
    actor: Actor, project: Project, upload: str, production: bool, origin: dict[str, str]
) -> Deployment:
    """The deployment of an upload; the same upload again is the same deployment."""
    row = artifact_rows.upload(upload)
    if row is None or row.project != project.id:
        raise not_found("upload", upload)
    source = Origin(
        "prebuilt" if row.kind == "output" else "upload",
        branch=origin.get("branch", ""),
        commit=origin.get("commit", ""),
        message=origin.get("message", ""),
        upload=upload,
        base=row.base,
    )
    sequence = time.time_ns()
    found = rows.get("dpl_" + ids.label(upload))
    if found is not None:
        return found
    target = "production" if production else "preview"
    return begin(project, "dpl_" + ids.label(upload), target, sequence, source, actor.id)


def from_reference(
    actor: Actor, project: Project, reference: str, production: bool | None
) -> Deployment:
    """Deploy a branch or commit of the built-in remote again; raises Conflict when it is absent.

    Its place in the order of pushes is taken before git is asked, so that a push which arrives in
    between is newer. It is no push: it ends nobody else's deployment.
    """
    sequence = time.time_ns()
    known = services().repositories.commit(project.id, reference)
    if known is None:
        raise Conflict(
            "commit_not_found",
            f"No source of a branch or commit {reference[:80]!r} is here.",
            hint="Push it first, or upload with `deck deploy`.",
        )
    if production is None:
        production = reference == project.production_branch
    branch = "" if is_commit(reference) else reference
    origin = Origin("git", branch, known["commit"], known["message"][:300])
    return begin(
        project,
        ids.new("dpl", sequence // 1_000_000),
        "production" if production else "preview",
        sequence,
        origin,
        actor.id,
    )


def begin(  # noqa: PLR0917  # the six facts that make a deployment
    project: Project, identifier: str, target: str, sequence: int, origin: Origin, actor: str
) -> Deployment:
    """Write the deployment and a push's branch head in one transaction, then start the machine."""
    now = clock.now_ms()
    row = Deployment(
        pk=rows.key(identifier),
        sk="META",
        gsi1pk=project_rows.key(project.id),
        gsi1sk=rows.key(identifier),
        gsi2pk=rows.open_shard(identifier),
        gsi2sk=identifier,
        id=identifier,
        project=project.id,
        team=project.team,
        slug=project.slug,
        state="queued",
        target=target,
        source=origin.source,
        branch=origin.branch,
        commit=origin.commit,
        message=origin.message,
        sequence=sequence,
        upload=origin.upload,
        base=origin.base or project_rows.production_of(project.id),
        framework=project.framework,
        settings=dict(project.settings or {}),
        created_by=actor,
        created_at=clock.iso(now),
        touched_ms=now,
    )
    previous = rows.head(project.id, origin.branch) if origin.push else None
    found = _write(row, previous, origin.push)
    if found.state == "queued":
        start(found)
    elif found.state in rules.TERMINAL and found.gsi2pk is not None:
        finish.notify(found.id)
    if (
        previous is not None
        and previous.deployment != identifier
        and int(previous.sequence) < sequence
    ):
        supersede(previous.deployment, identifier)
    return found


def _write(row: Deployment, previous: Head | None, push: bool) -> Deployment:
    for _ in range(8):
        older = previous is not None and int(previous.sequence) > int(row.sequence)
        if older:
            row.state = "superseded"
            row.finished_at = clock.iso()
        try:
            with table.write() as transaction:
                transaction.save(row, condition=Deployment.pk.does_not_exist())
                if push and not older:
                    transaction.save(
                        rows.head_row(row),
                        condition=Head.pk.does_not_exist() | (Head.sequence < row.sequence),
                    )
        except TransactWriteError as error:
            if not table.lost_condition(error):
                raise
            found = rows.get(row.id)
            if found is not None:
                return found
            previous = rows.head(row.project, row.branch) if push else None
            continue
        return row
    raise Conflict("branch_busy", "This branch is pushed faster than it can be recorded.")


def start(row: Deployment) -> None:
    """Start the state machine; under its name it starts once."""
    services().workflow.start(
        "deploy", execution(row), {"deployment": row.id, "prebuilt": row.source == "prebuilt"}
    )


def execution(row: Deployment) -> str:
    """Name of the execution that carries a deployment now."""
    return row.id if int(row.run) == 0 else f"{row.id}-{int(row.run)}"


def supersede(deployment: str, by: str) -> None:
    """End an older deployment of the branch that is still on its way."""
    row = rows.get(deployment)
    if row is None or row.state in rules.TERMINAL or row.published:
        return
    end(row, "superseded", f"A newer push took its place ({by}).")


def end(row: Deployment, outcome: str, reason: str) -> bool:
    """End a deployment from outside (`superseded`, `cancelled`); False when it was over.

    The build ends first: whoever dies in between leaves a build whose outcome ends the deployment.
    """
    error = rules.failure(outcome, reason, fault="you")
    if row.state in rules.TERMINAL:
        return False
    order.stop(order.build_id(row.id), outcome, error)
    ended = rows.advance(row, outcome, finished_at=clock.iso(), error=error)
    if ended:
        show.tell(row)
    return ended


def cancel(row: Deployment, actor: Actor) -> Deployment:
    """Cancel a deployment; raises Conflict when it is finished."""
    if not end(row, "cancelled", f"Cancelled by {actor.id}."):
        if row.state == "cancelled":
            return row
        raise Conflict(
            "already_finished",
            f"This deployment is {row.state}; only one on its way can be cancelled.",
            hint="Use rollback to leave a deployment that is live.",
        )
    return row
