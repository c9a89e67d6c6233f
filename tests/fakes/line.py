"""Carrying a deployment through the pipeline in process, with a pretended runner."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order, report
from chalicelib.deployments.actions import finish, steps
from chalicelib.ports import SmokeAnswer
from chalicelib.supply.actions.attest import attest

PAGE = {"index.html": b"<h1>hello</h1>", "app.js": b"console.log(1)"}


def upload_list(services: Any, upload: str, files: dict[str, bytes]) -> None:
    """Put a file list where an upload expects it."""
    entries = [
        {"path": p, "sha256": hashlib.sha256(b).hexdigest(), "size": len(b)}
        for p, b in sorted(files.items())
    ]
    services.store.objects[artifact_rules.list_key(upload)] = json.dumps(
        {"version": 1, "files": entries}
    ).encode()


def upload_blobs(services: Any, wanted: Any, team: str, files: dict[str, bytes]) -> int:
    """Store the blobs that were asked for; returns how many."""
    contents = {hashlib.sha256(b).hexdigest(): b for b in files.values()}
    for digest, _ in wanted.uploads:
        services.store.objects[artifact_rules.blob_key(team, digest)] = contents[digest]
    return len(wanted.uploads)


def runner(services: Any, build: str, files: dict[str, bytes], instance: str = "runner-1") -> int:
    """Do what a runner does, successfully; returns how many blobs were uploaded."""
    claim = report.claim(build, instance)
    report.log(build, 0, [{"t": 1, "level": "info", "stage": "build", "text": "building"}])
    upload_list(services, order.order_id(claim.row), files)
    count, cursor = 0, None
    while count == 0 or cursor:
        wanted = report.missing(build, cursor)
        count += upload_blobs(services, wanted, claim.row.team, files)
        cursor = wanted.following
        if wanted.missing == 0:
            break
    report.complete(build, {"framework": "vite", "output": "dist", "files": len(files), "bytes": 1})
    return count


def carry(
    services: Any, deployment: str, files: dict[str, bytes] | None = None, build: Any = runner
) -> dict[str, Any]:
    """What `deploy.asl.json` does with a deployment; returns the last outcome."""
    services.edge.default = SmokeAnswer(200, deployment, 3)
    outcome = steps.prepare(deployment)
    if outcome["outcome"] not in {"ok", "restored"}:
        finish.notify(deployment)
        return outcome
    identifier = order.build_id(deployment)
    if build_rows.get(identifier) is not None:
        token = f"task-{deployment}"
        services.workflow.waiting.add(token)
        steps.build(deployment, token)
        row = build_rows.get(identifier)
        if row is not None and row.state != "finished":
            build(services, identifier, files or PAGE)
        assert token in services.workflow.answers
    for step in (steps.package, attest, steps.publish, steps.verify, steps.promote):
        outcome = step(deployment)
        if outcome["outcome"] != "ok":
            break
    finish.notify(deployment)
    return outcome


def go_live(services: Any, client: Any, project: str) -> str:
    """Whoever `client` is deploys a new commit of main, asking the API; the deployment's id."""
    services.repositories.push(project, "main", secrets.token_hex(20))
    body = {"branch": "main", "production": True}
    answer = client.post(f"/v1/projects/{project}/deployments", body)
    assert answer.status == 201, answer.text
    made = str(answer.json()["id"])
    assert carry(services, made)["outcome"] == "ok"
    return made
