"""The runner's side of a build. The runner ran a stranger's code: nothing it says is believed
beyond what it may decide, and every call may come twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows
from chalicelib.builds.actions import caches, loglines, order, variables
from chalicelib.builds.rows import Build
from chalicelib.builds.rules.model import Found, FoundFile, PlanError, Settings
from chalicelib.builds.rules.plan import Where, make_plan
from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.ports import Signed, services
from chalicelib.projects.rules import system

SIGNED_SECONDS = 3600
HEARTBEAT_EVERY_MS = 2_000
LIMITS = {
    "log_bytes": 20 * 1024 * 1024,
    "output_files": artifact_rules.MAX_FILES,
    "output_bytes": artifact_rules.MAX_TOTAL_BYTES,
    "file_bytes": artifact_rules.MAX_FILE_BYTES,
}
KEPT_LOG = 2 * LIMITS["log_bytes"]
"""Where the platform itself draws the line; an honest runner stopped long before."""

MOST_FAILED = 50
"""Failed tests that are kept of a build."""

LARGEST_PLAN, LARGEST_REPORT = 150_000, 120_000
"""Characters of JSON, of which an é takes six: both stand in one row, which has at most 400 KB."""

_PLATFORM_FAULTS = {"internal", "plan_failed", "runner_lost", "source_unreachable", "upload_failed"}


def open_build(build: str) -> Build:
    """The build of a runner's call; raises Conflict `build_closed` once it has an outcome."""
    row = rows.get(build)
    if row is None or row.state == "finished":
        raise Conflict(
            "build_closed",
            "This build is over: it was finished, cancelled or superseded.",
            hint="Stop the runner.",
        )
    return row


@dataclass(frozen=True)
class Claim:
    """What a runner gets to know."""

    row: Build
    source: dict[str, str]
    variables: dict[str, str]
    secrets: list[str]
    file_list: Signed


def claim(build: str, instance: str, machine: dict[str, Any] | None = None) -> Claim:
    """Give the build to one runner; the same instance may ask again, another gets Conflict."""
    row = open_build(build)
    order.check_holder(row)
    given = variables.of_build(row.project, row.spec)
    now = clock.now_ms()
    again = row.instance == instance and row.deadline_ms is not None
    taken = rows.change(
        row,
        ((Build.state == "queued") | (Build.instance == instance)) & (Build.state != "finished"),
        state="running",
        instance=instance,
        heartbeat_ms=now,
        deadline_ms=row.deadline_ms if again else now + order.seconds_of(row) * 1000,
        started_at=row.started_at or clock.iso(now),
        machine=machine or row.machine,
        variables=variables.digest(given),
        named=variables.digests(given),
    )
    if not taken:
        open_build(build)
        raise Conflict(
            "already_claimed", "Another runner has this build.", hint="Stop this runner."
        )
    spec = row.spec
    if spec["source"]["kind"] == "archive":
        source = {
            "kind": "archive",
            "url": services().store.signed_get(spec["source"]["key"], SIGNED_SECONDS),
        }
    else:
        source = {"kind": "files"}
    return Claim(
        row,
        source,
        {name: v.value for name, v in given.items()} | system_variables(row),
        [name for name, v in given.items() if v.secret],
        artifacts.list_request(order.order_id(row)),
    )


def system_variables(row: Build) -> dict[str, str]:
    """What every build knows of itself."""
    spec = row.spec
    return system.variables(
        system.Facts(
            project=spec["slug"],
            environment=spec["environment"],
            deployment=row.deployment,
            url=spec["url"],
            branch=spec.get("branch") or "",
            commit=spec.get("commit") or "",
            tag=spec.get("tag") or "",
            pull_request=str(spec.get("pull") or ""),
            trigger=spec.get("trigger") or "",
        )
    )


def log(build: str, first: int, lines: list[dict[str, Any]]) -> None:
    """Keep and show log lines; no lines is a heartbeat."""
    row = open_build(build)
    now = clock.now_ms()
    size = sum(len(line["text"]) for line in lines)
    if size or now - int(row.heartbeat_ms) > HEARTBEAT_EVERY_MS:
        size = rows.heard(row, now, size)
    if not lines:
        return
    if first + len(lines) >= loglines.PER_ATTEMPT:
        _talkative(row, f"over {loglines.PER_ATTEMPT} lines")
    if size > KEPT_LOG:
        _talkative(row, f"over {KEPT_LOG} characters")
    number = int(row.attempt) * loglines.PER_ATTEMPT + first
    loglines.tell(row.deployment, number, lines)


def _talkative(row: Build, how: str) -> None:
    error = {
        "code": "log_limit",
        "message": f"The build printed {how}.",
        "hint": "Make it less talkative, for example by leaving out --verbose.",
        "fault": "you",
    }
    order.stop(row.id, "failed", error)
    open_build(row.id)


def source_files(build: str, cursor: str | None) -> tuple[list[tuple[str, int, str]], str | None]:
    """A page of (path, mode, URL) of an uploaded source tree, and where to go on."""
    row = open_build(build)
    files = artifacts.files_of(row.spec["source"]["upload"])
    rest = [f for f in files if cursor is None or f.path > cursor]
    page = rest[: artifacts.PAGE]
    store = services().store
    found = [
        (
            f.path,
            f.mode,
            store.signed_get(artifact_rules.blob_key(row.team, f.sha256), SIGNED_SECONDS),
        )
        for f in page
    ]
    return found, (page[-1].path if len(rest) > len(page) else None)


def plan(build: str, root_files: list[str], files: dict[str, Any]) -> dict[str, Any]:
    """Decide how to build what the runner found; raises PlanError."""
    row = open_build(build)
    spec = row.spec
    given = dict(spec.get("settings") or {})
    decided = make_plan(
        Found(
            root_files,
            {path: FoundFile(f["sha256"], f.get("text")) for path, f in files.items()},
        ),
        Settings(framework=spec.get("framework"), **given),
        row.project,
        Where(spec["environment"], spec.get("branch"), spec.get("pull") is not None),
    )
    content = decided.to_json()
    if len(json.dumps(content)) > LARGEST_PLAN:
        raise PlanError(
            "config_too_complex",
            f"What the configuration asks for comes to more than {LARGEST_PLAN:,} characters.",
            "Put long commands into scripts of the repository.",
        )
    offers = caches.offered(row, content["caches"])
    rows.change(row, Build.state != "finished", plan=content | {"caches": caches.noted(offers)})
    return content | {"caches": [o for o, _ in offers]}


def root_of(row: Build) -> str:
    """The root folder that the project names, or an empty text."""
    return str((row.spec.get("settings") or {}).get("root") or "")


def missing(build: str, cursor: str | None) -> artifacts.Wanted:
    """Which blobs of the runner's file list the store lacks."""
    row = open_build(build)
    return artifacts.missing(order.order_id(row), row.team, row.spec.get("base"), cursor)


def complete(build: str, report: dict[str, Any]) -> None:
    """The runner is done and everything is uploaded; the pipeline checks that."""
    row = rows.get(build)
    if row is not None and row.state == "finished" and row.outcome == "ok":
        order.answer(row)
        return
    order.finish(open_build(build), "ok", report=_bounded(report))


def fail(build: str, error: dict[str, Any], told: dict[str, Any] | None = None) -> None:
    """The runner, or its host, reports that it could not build, and how far it got."""
    row = open_build(build)
    if error["code"] == "runner_lost":
        order.lose(row, error["message"])
        return
    fault = "platform" if error["code"] in _PLATFORM_FAULTS else "you"
    order.finish(row, "failed", error={**error, "fault": fault}, report=_bounded(told or {}))


def _bounded(told: dict[str, Any]) -> dict[str, Any]:
    """A report that fits into its row: fifty failed tests in all, whichever steps they are of.

    When it is too large all the same, the end of what takes most room is left out.
    """
    room = MOST_FAILED
    for tests in told.get("tests", ()):
        tests["failed"] = tests["failed"][:room]
        room -= len(tests["failed"])
    lists = [t["failed"] for t in told.get("tests", ())]
    lists += [told[name] for name in ("findings", "steps") if name in told]
    while len(json.dumps(told)) > LARGEST_REPORT and any(lists):
        longest = max(lists, key=lambda one: len(json.dumps(one)) if one else 0)
        del longest[len(longest) // 2 :]
    return told if len(json.dumps(told)) <= LARGEST_REPORT else {**told, "tests": []}
