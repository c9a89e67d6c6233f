"""Pull requests: each has a preview at one address, and no claim to anybody's secrets.

A pull request of somebody who may write here is deployed as the branch it is. What strangers wrote
is built without variables, or waits until a person has approved exactly this commit.
"""

from __future__ import annotations

import time
from typing import Any

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, not_found
from chalicelib.deployments import rows
from chalicelib.deployments.actions import aliases, create, previews
from chalicelib.deployments.actions.begin import Origin, begin
from chalicelib.deployments.actions.lines import PullLine, head_moved
from chalicelib.deployments.rows import Deployment, Pull
from chalicelib.git import actions as git
from chalicelib.git.rules import SKIP, PullRequest, Push
from chalicelib.git.rules.trust import APPROVED, TRUSTED, UNTRUSTED, trust_of
from chalicelib.live import feed
from chalicelib.projects.rows import Project
from chalicelib.projects.rules import flow
from chalicelib.projects.rules.flow import Flow

TRIES = 12


def receive(event: PullRequest) -> Deployment | None:
    """Take what happened to a pull request; the deployment that it shows now, if there is one.

    What its host says now counts, not what the event says. An event that is older than one that
    was taken changes nothing.
    """
    project = create.living(event.project)
    if project is None:
        return None
    now = git.confirm(event)
    if now is None:
        return None
    if now.action == "closed":
        _close(project, now)
        shown = None
    elif not flow.read(project.git).pull_requests:
        return None
    else:
        shown = _show(project, now, git.deployment_id(event))
    feed.changed(project.team, project.id, "pull", str(event.number))
    return shown


def _show(
    project: Project, event: PullRequest, identifier: str, *, read: bool = False
) -> Deployment | None:
    """Bring the preview of an open pull request to its newest commit; `read` says that a person
    read that commit, so that it may be none else, which raises Conflict `head_moved`.
    """
    said = flow.read(project.git)
    for _ in range(TRIES):
        known = rows.pull(project.id, event.number)
        if read and known is not None and known.commit != event.commit:
            raise head_moved(known, event.commit)
        if known is not None and int(known.sequence) > event.sequence:
            return rows.get(known.deployment) if known.deployment else None
        trust, why = trust_of(event, rows.is_approved(project.id, event.commit))
        values = {**rows.pull_facts(event), "trust": trust, "why": why, "state": "open"}
        fate = _fate(said, event, trust)
        if fate == "built":
            line = PullLine(event, values, only=event.commit if read else "")
            return _build(project, event, identifier, values, line)
        gone = {"deployment": ""} if known is None or known.commit != event.commit else {}
        if rows.save_pull(project.id, event.number, known, **values, preview=fate, **gone):
            return None
    raise _busy(event.number)


def _fate(said: Flow, event: PullRequest, trust: str) -> str:
    """Whether a commit is `built`, `waiting` for an approval or `ignored`."""
    if SKIP.search(event.title):
        return "ignored"
    if trust != UNTRUSTED:
        return "built"
    if said.forks == "off" and event.fork:
        return "ignored"
    return "waiting" if said.forks == "approval" else "built"


def _build(
    project: Project,
    event: PullRequest,
    identifier: str,
    values: dict[str, Any],
    line: PullLine,
) -> Deployment | None:
    leads_to = flow.environment_of_branch(project.git, project.production_branch, event.branch)
    pushed = not event.fork and (event.bot or values["trust"] == TRUSTED)
    if pushed and leads_to == "preview" and project.production_branch:
        return _as_branch(project, event, values)
    origin = Origin(
        "git",
        event.branch,
        event.commit,
        event.title[:300],
        environment="preview",
        provider=event.provider,
        trigger="pull_request",
        trust=values["trust"],
        pull=event.number,
    )
    row = begin(
        project,
        identifier,
        "preview",
        event.sequence,
        origin,
        event.author,
        line=line,
        again=True,
    )
    _note(project, event, {**values, "preview": "built"}, row)
    return row


def _as_branch(project: Project, event: PullRequest, values: dict[str, Any]) -> Deployment | None:
    """Deploy the branch as a push of it does, or find what its push led to, and show that.

    So the push and the pull request of one commit are one deployment, trusted alike.
    """
    push = Push(
        project=project.id,
        branch=event.branch,
        commit=event.commit,
        sequence=event.sequence,
        pusher=event.author,
        message=event.title,
        provider=event.provider,
        bot=event.bot,
    )
    row = create.from_push(push, again=True)
    _note(project, event, {**values, "preview": "built" if row is not None else "none"}, row)
    if row is not None:
        row.refresh(consistent_read=True)
        if row.state == "ready":  # perhaps it became so before it knew of the pull request
            aliases.follow(row)
    return row


def _note(
    project: Project, event: PullRequest, values: dict[str, Any], row: Deployment | None
) -> None:
    """Write down what a pull request is and shows, unless a newer event has done so."""
    for _ in range(TRIES):
        known = rows.pull(project.id, event.number)
        if known is not None and int(known.sequence) >= event.sequence and known.deployment:
            return
        if row is not None:
            _attach(row, event.number)
        shown = row.id if row is not None else ""
        if rows.save_pull(project.id, event.number, known, **values, deployment=shown):
            return
    raise _busy(event.number)


def _attach(row: Deployment, number: int) -> None:
    """Note on both sides that a pull request shows a deployment; first where it is removed by."""
    rows.shown_row(row.project, number, row.id).save()
    rows.note(row, "pulls", number)


def _close(project: Project, event: PullRequest) -> None:
    # One that is not known is noted as well: its opening may be on its way, and is older then.
    for _ in range(TRIES):
        known = rows.pull(project.id, event.number)
        if known is None and not flow.read(project.git).pull_requests:
            return
        if known is not None and int(known.sequence) > event.sequence:
            return
        values = {**rows.pull_facts(event), "state": "closed", "preview": "none"}
        if rows.save_pull(project.id, event.number, known, **values):
            previews.end_pull(project.id, event.number)
            return
    raise _busy(event.number)


def approve(actor: Actor, project: Project, number: int, commit: str) -> Pull:
    """Let exactly this commit be built with the preview environment's variables.

    Raises Conflict `pull_closed`, or `head_moved` when the pull request is at another commit by
    now: what was not read is not approved.
    """
    pull = named(project, number)
    if pull.state != "open":
        raise Conflict(
            "pull_closed", f"Pull request {number} is closed.", hint="Open it again first."
        )
    if pull.commit != commit:
        raise head_moved(pull, commit)
    if pull.trust == TRUSTED:
        return pull
    rows.approve_commit(project.id, commit, number, actor.id)
    if pull.trust != APPROVED or pull.preview != "built":
        sequence = max(time.time_ns(), int(pull.sequence) + 1)
        event = rows.pull_event(project.id, pull, sequence)
        _show(project, event, git.deployment_id(event), read=True)
    return named(project, number)


def named(project: Project, number: int) -> Pull:
    """A pull request by its number; raises NotFound."""
    found = rows.pull(project.id, number) if 0 < number < 10**9 else None
    if found is None:
        raise not_found("pull", str(number))
    return found


def _busy(number: int) -> Conflict:
    return Conflict("pull_busy", f"Pull request {number} changes faster than it can be recorded.")
