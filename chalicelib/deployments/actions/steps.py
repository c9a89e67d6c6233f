"""The pipeline, one function per state of `state_machines/deploy.asl.json`, in its order.

Each may run twice and may start in the middle of what an earlier run left: it enters its state by
a conditional write, repeats what is harmless to repeat, and answers `{"outcome": ...}`. A person's
mistake is an outcome, not an exception; exceptions are faults, and the machine retries them.
"""

from __future__ import annotations

from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import loglines, making, order
from chalicelib.core import clock, ids
from chalicelib.core.config import settings
from chalicelib.core.errors import Problem
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import (
    aliases,
    create,
    finish,
    lines,
    pointer,
    preparing,
    previews,
    releases,
    routed,
    show,
)
from chalicelib.deployments.rows import Deployment
from chalicelib.ports import services
from chalicelib.teams.actions import is_active

Outcome = dict[str, Any]
OK: Outcome = {"outcome": "ok"}
RESTORED: Outcome = {"outcome": "restored"}


def _enter(deployment: str, state: str) -> tuple[Deployment, Outcome]:
    """Enter a state; anything but `ok` says that the deployment is over."""
    row = rows.get(deployment)
    if row is None:
        raise LookupError(f"no deployment {deployment}")
    if rows.advance(row, state, stages=show.entered(row, state), touched_ms=clock.now_ms()):
        show.tell(row)
        return row, OK
    return row, {"outcome": row.state if row.state in rules.TERMINAL else "ok"}


def overtaken(row: Deployment) -> bool:
    """Whether a newer push of its branch, tag or pull request has a deployment.

    Where a project wants every push built, only the order of what goes live is kept.
    """
    end = lines.of_deployment(row)
    if end is None or end.deployment == row.id or end.sequence <= int(row.sequence):
        return False
    return preparing.cancels(row)


def _failed(row: Deployment, code: str, message: str, hint: str = "") -> Outcome:
    finish.fail(row.id, rules.failure(code, message, hint))
    return {"outcome": "failed"}


def prepare(deployment: str) -> Outcome:  # noqa: PLR0911  # one for each way it may end
    """Source into the store, build row with its token; an overtaken push ends here.

    What was built before from the same inputs is not built again: its files are taken.
    """
    row, outcome = _enter(deployment, "preparing")
    if outcome is not OK:
        return RESTORED if row.restored and outcome == OK else outcome
    services().bus.put("deployment.started", show.event(row))
    if _ended_while_waiting(row):
        return {"outcome": row.state}
    if row.source == "prebuilt":
        return OK
    if row.restored:
        return RESTORED
    try:
        ready = preparing.prepared(row)
    except Problem as problem:
        if pointer.gone(row.project):
            create.end(row, "cancelled", create.PROJECT_GONE)
            return {"outcome": row.state}
        return _failed(row, problem.code, problem.detail, problem.hint)
    if ready.hit is not None and preparing.restore(row, ready.hit):
        return RESTORED
    build = making.make(row.id, row.project, row.team, ready.spec)
    rows.advance(row, "preparing", build=build.id, hit=ready.hit)
    return OK


def _ended_while_waiting(row: Deployment) -> bool:
    """End what a newer push or its team's suspension made pointless since it was asked for."""
    if overtaken(row):
        create.end(row, "superseded", "A newer push of the branch arrived before it started.")
    elif not is_active(row.team):
        create.end(row, "cancelled", create.TEAM_SUSPENDED)
    else:
        return False
    return True


def build(deployment: str, task_token: str) -> Outcome:
    """Start a runner and let Step Functions wait for its outcome."""
    row, outcome = _enter(deployment, "building")
    if outcome is not OK:
        services().workflow.succeed(task_token, outcome)
        return outcome
    order.run(order.build_id(row.id), task_token)
    return OK


def package(deployment: str) -> Outcome:
    """Take the outcome of the build, check the file list, store rules and the manifest's shards."""
    built = build_rows.get(order.build_id(deployment))
    if built is not None and built.outcome != "ok":
        return _unbuilt(deployment, built)
    row, outcome = _enter(deployment, "packaging")
    if outcome is not OK:
        return outcome
    try:
        listed, listing = artifacts.checked_list(_list_of(row, built), row.listing)
        routes = routed.frozen(row, dict(built.plan or {}) if built else {}, listed)
    except Problem as problem:
        return _failed(row, problem.code, problem.detail, problem.hint)
    files = artifact_rules.served(listed)
    artifacts.write_shards(row.team, files, row.base)
    told: dict[str, Any] = dict(built.report or {}) if built else {}
    rows.advance(
        row,
        "packaging",
        listing=listing,
        files=len(files),
        bytes=sum(f.size for f in files),
        cache_hit=bool(told.get("cache_hit")),
        framework=told.get("framework") or row.framework,
        routing=routes.digest,
        looks=routes.looks,
    )
    try:
        releases.freeze(row, listed)
    except Problem as problem:
        return _failed(row, problem.code, problem.detail, problem.hint)
    return OK


def _unbuilt(deployment: str, built: build_rows.Build) -> Outcome:
    """The build failed or was stopped: the deployment ends in the stage `build`."""
    row = rows.get(deployment)
    if row is None or row.state in rules.TERMINAL:
        return {"outcome": row.state if row else "failed"}
    if built.outcome in {"cancelled", "superseded"}:
        reason = dict(built.error or {}).get("message", "The build was stopped.")
        create.end(row, str(built.outcome), reason)
        return {"outcome": row.state}
    error = dict(built.error or {})
    finish.fail(
        row.id,
        rules.failure(
            error.get("code", "internal"),
            error.get("message", "The build failed."),
            error.get("hint", ""),
            error.get("fault", "platform"),
        ),
    )
    return {"outcome": "failed"}


def _list_of(row: Deployment, built: build_rows.Build | None) -> str:
    """Below which name the file list lies."""
    if row.restored:
        return row.id
    return order.order_id(built) if built is not None else str(row.upload)


def publish(deployment: str) -> Outcome:
    """Verify every blob, write the manifest, and only then mark the deployment published.

    Whoever uploaded the file list may still write it: only the one that Package took is published.
    """
    row, outcome = _enter(deployment, "publishing")
    if outcome is not OK:
        return outcome
    built = build_rows.get(order.build_id(row.id)) if row.source != "prebuilt" else None
    planned = build_rows.get(order.build_id(row.restored)) if row.restored else built
    try:
        listed, _ = artifacts.checked_list(_list_of(row, built), row.listing)
    except Problem as problem:
        return _failed(row, problem.code, problem.detail, problem.hint)
    files = artifact_rules.served(listed)
    broken = artifacts.verify(row.team, files, row.base)
    if broken:
        return _failed(
            row,
            "blob_missing",
            f"{len(broken)} files did not arrive whole, e.g. {broken[0]!r}.",
            "Deploy again.",
        )
    artifacts.write_manifest(row.id, _head(row, planned), files)
    rows.advance(row, "publishing", published=True)
    loglines.note(row.id, 1, f"Published {len(files)} files, {int(row.bytes)} bytes.", "upload")
    return OK


def _head(row: Deployment, built: build_rows.Build | None) -> dict[str, Any]:
    plan: dict[str, Any] = dict(built.plan or {}) if built else {}
    rules_of: dict[str, Any] = {"routing": row.routing} if row.routing else {}
    chosen = (row.settings or {}).get("spa")
    return {
        "deployment": row.id,
        "project": row.project,
        "team": row.team,
        "slug": row.slug,
        "created_at": row.created_at,
        "target": row.target,
        "framework": row.framework,
        "spa": bool(plan.get("spa")) if chosen is None else bool(chosen),
        "clean_urls": bool(plan.get("clean_urls", True)),
        **rules_of,
    }


def verify(deployment: str) -> Outcome:
    """Ask the deployment's own address the way a visitor does."""
    row, outcome = _enter(deployment, "verifying")
    if outcome is not OK:
        return outcome
    host = settings().site_host(f"{ids.label(row.id)}--{row.slug}")
    answer = services().edge.ask(host, "/")
    if answer.deployment != row.id:  # perhaps the edge was never told of the site
        pointer.tell_edge(row.project)
        answer = services().edge.ask(host, "/")
    if answer.status >= 500 or answer.deployment != row.id:
        return _failed(
            row,
            "smoke_failed",
            f"{host} answered {answer.status} (deployment {answer.deployment or 'none'}).",
            "The site that was live stays live. Deploy again.",
        )
    loglines.note(
        row.id, 2, f"{show.url(row)} answers {answer.status} in {answer.milliseconds} ms.", "upload"
    )
    return OK


def promote(deployment: str) -> Outcome:
    """Make it live if it is for production and nothing newer, or pinned, is."""
    row, outcome = _enter(deployment, "promoting")
    if row.state == "ready":  # the pointer moved, and who moved it may not have told the edge
        pointer.arrived(row.project)
        aliases.follow(row)
    if outcome is not OK:
        return outcome
    if row.hit and not row.restored:
        preparing.remember(row)
    if row.target == "production":
        return pointer.go_live(row)
    aliases.follow(row)
    finish.ready(row)
    if row.state != "ready":  # it was cancelled this very moment, and shows up nowhere
        aliases.drop(row)
        return {"outcome": row.state}
    row.refresh(consistent_read=True)
    aliases.follow(row)  # a pull request may have asked for it meanwhile
    previews.settle(row)
    return OK
