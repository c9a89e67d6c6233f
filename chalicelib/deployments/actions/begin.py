"""A deployment is written, and its machine started. Once, whatever comes twice."""

from __future__ import annotations

from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.core import census, clock, table
from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import finish
from chalicelib.deployments.actions.ending import supersede
from chalicelib.deployments.actions.lines import End, HeadLine, Line
from chalicelib.deployments.rows import Deployment
from chalicelib.git.rules.trust import TRUSTED
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Project, SiteRow
from chalicelib.projects.rules import flow

DAY_MS = 24 * 3600 * 1000
TRIES = 12


@dataclass(frozen=True)
class Origin:
    """Where a deployment comes from; `push` says that it is one, and so moves the branch head.

    `environment` is empty when it is the target.
    """

    source: str  # git | upload | prebuilt
    branch: str = ""
    commit: str = ""
    message: str = ""
    upload: str | None = None
    base: str | None = None
    push: bool = False
    environment: str = ""
    provider: str = "builtin"
    trigger: str = "push"
    trust: str = TRUSTED
    tag: str = ""
    pull: int = 0


def begin(  # noqa: PLR0917  # the six facts that make a deployment
    project: Project,
    identifier: str,
    target: str,
    sequence: int,
    origin: Origin,
    actor: str,
    *,
    line: Line | None = None,
    again: bool = False,
) -> Deployment:
    """Write the deployment and the end of its line in one transaction, then start the machine.

    Another event that tells of the same commit finds the deployment that there is, unless that
    one was removed or cancelled and `again` asks for another.
    """
    row = _row(project, identifier, target, sequence, origin, actor)
    strict = origin.provider != "builtin"
    if line is None and (origin.push or origin.tag):
        line = HeadLine(project.id, origin.branch, origin.tag, strict)
    cancels = flow.read(project.git).auto_cancel
    found, end = _write(row, line, same=strict, again=again, cancels=cancels)
    if found.state == "queued":
        start(found)
    elif found.state in rules.TERMINAL and rows.is_open(found):
        finish.notify(found.id)
    newer = end is not None and end.deployment != found.id and end.sequence < sequence
    if newer and end is not None and (cancels or end.commit == origin.commit):
        supersede(end.deployment, identifier)
    return found


def _row(  # noqa: PLR0917  # as `begin`
    project: Project, identifier: str, target: str, sequence: int, origin: Origin, actor: str
) -> Deployment:
    now = clock.now_ms()
    days = flow.read(project.git).preview_days
    return Deployment(
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
        environment=origin.environment or target,
        source=origin.source,
        provider=origin.provider,
        trigger=origin.trigger,
        trust=origin.trust,
        branch=origin.branch,
        tag=origin.tag,
        pull=origin.pull,
        pulls=[origin.pull] if origin.pull else [],
        commit=origin.commit,
        message=origin.message,
        sequence=sequence,
        upload=origin.upload,
        base=origin.base or project_rows.production_of(project.id),
        framework=project.framework,
        settings=dict(project.settings or {}),
        expires_at=clock.iso(now + days * DAY_MS) if target == "preview" else None,
        created_by=actor,
        created_at=clock.iso(now),
        touched_ms=now,
    )


def _write(
    row: Deployment, line: Line | None, *, same: bool, again: bool, cancels: bool
) -> tuple[Deployment, End | None]:
    """Write a deployment; it, or the one that there was, and what was the end of its line."""
    for _ in range(TRIES):
        end = line.end() if line is not None else None
        if end is not None and same:
            known = _same(row, end, again=again)
            if known is not None:
                return known, end
        older = end is not None and end.sequence > int(row.sequence)
        if older and cancels:
            row.state = "superseded"
            row.finished_at = clock.iso()
        newest = project_rows.site_of(row.project)
        try:
            with table.write() as transaction:
                transaction.save(row, condition=Deployment.pk.does_not_exist())
                transaction.save(rows.listed(row))
                census.count(transaction, row.id, {"deployments": 1})
                _newest(transaction, row, newest)
                if line is not None and not older:
                    line.move(transaction, row)
        except TransactWriteError as error:
            if not table.lost_condition(error) and "TransactionConflict" not in str(error):
                raise
            found = rows.get(row.id)
            if found is not None:
                return found, end
            continue
        return row, end
    raise Conflict("branch_busy", "This branch is pushed faster than it can be recorded.")


def _newest(transaction: TransactWrite, row: Deployment, known: SiteRow | None) -> None:
    """Show a deployment as the newest of its project, unless a newer one was begun meanwhile."""
    latest = known.latest if known is not None else None
    if latest is not None and latest > row.id:
        return
    transaction.update(
        project_rows.site(row.project),
        actions=[
            *project_rows.placed(row.project, row.team, row.created_at),
            SiteRow.latest.set(row.id),
        ],
        condition=SiteRow.latest.does_not_exist() | (SiteRow.latest < row.id),
    )


def _same(row: Deployment, end: End, *, again: bool) -> Deployment | None:
    """The deployment of the same commit, when that will do: a commit that was found to be a
    stranger's stays so, whoever else tells of it, until somebody has approved it.
    """
    if end.commit != row.commit or row.trust not in {end.trust, TRUSTED}:
        return None
    found = rows.get(end.deployment)
    if found is None or (again and (found.removed_at or found.state == "cancelled")):
        return None
    return found


def start(row: Deployment) -> None:
    """Start the state machine; under its name it starts once."""
    services().workflow.start(
        "deploy", execution(row), {"deployment": row.id, "prebuilt": row.source == "prebuilt"}
    )


def execution(row: Deployment) -> str:
    """Name of the execution that carries a deployment now."""
    return row.id if int(row.run) == 0 else f"{row.id}-{int(row.run)}"
