"""Between Package and Publish: what is in it, whether it may go out, and who says so.

Runs twice without harm: the same deployment has the same bill of materials, and a second
signature says what the first one said.
"""

from __future__ import annotations

from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import loglines, order
from chalicelib.core.config import settings
from chalicelib.core.errors import Problem
from chalicelib.core.version import VERSION
from chalicelib.deployments import rows
from chalicelib.deployments import rules as deployment_rules
from chalicelib.deployments.actions import finish
from chalicelib.deployments.rows import Deployment
from chalicelib.ports import services
from chalicelib.projects.rules.settings import gate as policy_of
from chalicelib.supply.actions import advisories, signing, sources
from chalicelib.supply.rules import gate, sbom
from chalicelib.supply.rules.provenance import Made, dump, statement, tree_digest

_SAID = -100
"""Number of our lines: before what Publish says, which is 1."""


_GAPS_SAID = 3


def sbom_key(deployment: str) -> str:
    """Where a deployment's bill of materials lives."""
    return f"sboms/{deployment}.json"


def attestation_key(deployment: str) -> str:
    """Where a deployment's signed statement lives."""
    return f"attestations/{deployment}.json"


def attest(deployment: str) -> dict[str, Any]:
    """Write the bill of materials, hold it to the gate, sign where everything comes from.

    Answers `{"outcome": "ok" | "failed" | ...}` as every step does. A store or a key out of reach
    is a fault and raises; a source without lock files is not.
    """
    row = rows.get(deployment)
    if row is None:
        raise LookupError(f"no deployment {deployment}")
    if row.state != "packaging":
        over = row.state in deployment_rules.TERMINAL
        return {"outcome": row.state if over else "ok"}
    built = None if row.restored else build_rows.get(order.build_id(row.id))
    try:
        files = _files(row, built)
    except Problem as problem:
        return _failed(row, problem.code, problem.detail, problem.hint)
    plan: dict[str, Any] = dict(built.plan or {}) if built else {}
    bill, materials = sources.bill_of(row, plan)
    digest = _keep_bill(row, bill) if row.source != "prebuilt" else None
    stopped = _judge(row, bill)
    if stopped is not None:
        return stopped
    made = _made(row, built, materials, digest)
    envelope = signing.sign(statement(made, tree_digest(files)))
    services().store.put(attestation_key(row.id), dump(envelope))
    return {"outcome": "ok"}


def _files(row: Deployment, built: build_rows.Build | None) -> list[tuple[str, str]]:
    """(path, SHA-256) of the files that Package checked, and that alone Publish publishes."""
    upload = order.order_id(built) if built is not None else str(row.upload)
    listed, _ = artifacts.checked_list(row.id if row.restored else upload, row.listing)
    return [(file.path, file.sha256) for file in artifact_rules.served(listed)]


def _keep_bill(row: Deployment, bill: sbom.Bill) -> str:
    from hashlib import sha256

    subject = sbom.Subject(row.id, row.slug, row.commit, row.created_at, VERSION)
    content = sbom.dump(sbom.document(subject, bill))
    services().store.put(sbom_key(row.id), content)
    return sha256(content).hexdigest()


def _judge(row: Deployment, bill: sbom.Bill) -> dict[str, Any] | None:
    """Say what is known against the packages; an outcome when the project's gate is shut."""
    policy = policy_of(row.settings)
    if policy.vulnerabilities == "off" or row.source == "prebuilt":
        return None
    if policy.vulnerabilities == "warn" and bill.all_gaps == [sources.NO_LOCK]:
        return None  # a plain site: nothing to say, where no gate could be thought to watch
    found = advisories.judgement(bill.components.values())
    _tell(row, found, bill.all_gaps)
    stopped = gate.stops(found, policy.vulnerabilities, policy.severity)
    if stopped is None:
        return None
    remedy = "Update" if stopped.fixed else "Replace"
    return _failed(
        row,
        "vulnerability_gate",
        f"{gate.sentence(stopped)} The project's gate stops what is {policy.severity} or worse.",
        f"{remedy} {stopped.component.name}, or loosen `gate` in the project's settings.",
    )


def _tell(row: Deployment, found: gate.Judgement, gaps: list[str]) -> None:
    total = found.vulnerable + found.not_known + found.unknown
    split = f"{found.vulnerable} with known vulnerabilities, {found.not_known} without"
    said = [f"{total} packages: {split}, {found.unknown} unknown."]
    said += [f"{ecosystem}: {why}" for ecosystem, why in sorted(found.reasons.items())]
    said += [f"Not looked at: {gap}" for gap in gaps[:_GAPS_SAID]]
    said += [gate.sentence(finding) for finding in found.findings[:5]]
    level = "warn" if found.findings else "info"
    for number, text in enumerate(said):
        loglines.note(row.id, _SAID + number, text, "upload", level)


def _failed(row: Deployment, code: str, message: str, hint: str) -> dict[str, Any]:
    finish.fail(row.id, deployment_rules.failure(code, message, hint))
    return {"outcome": "failed"}


def _made(
    row: Deployment,
    built: build_rows.Build | None,
    materials: list[dict[str, Any]],
    digest: str | None,
) -> Made:
    plan: dict[str, Any] = dict(built.plan or {}) if built else {}
    origin = {
        "provider": row.provider,
        "branch": row.branch,
        "tag": row.tag,
        "pull": int(row.pull or 0),
        "commit": row.commit,
    }
    steps = [
        {"name": step.get("name"), "stage": step.get("stage"), "run": step.get("run")}
        for step in plan.get("steps") or []
    ]
    if row.restored:
        materials = [*materials, {"name": "restored deployment", "uri": str(row.restored)}]
    now = settings()
    return Made(
        deployment=row.id,
        slug=row.slug,
        project=row.project,
        team=row.team,
        build="" if row.source == "prebuilt" else order.build_id(row.restored or row.id),
        builder=f"{now.api_url}/builders/{now.cloud}",
        version=VERSION,
        source=origin,
        environment=row.environment or row.target,
        trigger=row.trigger,
        trust=row.trust,
        by=row.created_by,
        settings=dict(row.settings or {}),
        steps=steps,
        started_at=(built.started_at if built else None) or row.created_at,
        finished_at=built.finished_at if built else None,
        materials=materials,
        sbom=digest,
        restored=row.restored,
    )
