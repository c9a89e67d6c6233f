"""What people ask of a deployment: its bill of materials, what is known against it, who signed."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.core.errors import NotFound
from chalicelib.deployments import rows
from chalicelib.deployments.rows import Deployment
from chalicelib.ports import services
from chalicelib.supply.actions import advisories
from chalicelib.supply.actions.attest import attestation_key, sbom_key
from chalicelib.supply.rules import gate, sbom
from chalicelib.supply.rules.advice import Advice, Facts, advise
from chalicelib.supply.rules.advice.model import Past

SIGNED_SECONDS = 900
SHOWN = 500
_HISTORY = 10


def bill(row: Deployment) -> dict[str, Any]:
    """Where a deployment's bill of materials can be fetched, and what it amounts to."""
    raw = _bill(row)
    document = json.loads(raw)
    return {
        "components": len(document["components"]),
        "locks": sbom.locks_of(document),
        "gaps": sbom.gaps_of(document),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "url": services().store.signed_get(sbom_key(row.id), SIGNED_SECONDS),
    }


def _bill(row: Deployment) -> bytes:
    raw = services().store.get(sbom_key(row.id))
    if raw is None:
        finished = row.source == "prebuilt"
        raise NotFound(
            "sbom_not_found",
            f"Deployment {row.id} has no bill of materials.",
            hint="It was uploaded finished, so there are no lock files to read."
            if finished
            else "It is made once the build is over; this one never came so far.",
        )
    return raw


def vulnerabilities(row: Deployment) -> dict[str, Any]:
    """What is known against a deployment's packages today, whenever it was built."""
    document = json.loads(_bill(row))
    found = advisories.judgement(sbom.components_of(document))
    built = build_rows.get(order.build_id(row.restored or row.id))
    return {
        "vulnerable": found.vulnerable,
        "not_known": found.not_known,
        "unknown": found.unknown,
        "complete": not sbom.gaps_of(document),
        "gaps": sbom.gaps_of(document),
        "reasons": [{"ecosystem": e, "why": why} for e, why in sorted(found.reasons.items())],
        "copies": [
            {"ecosystem": e, "age_days": round(age, 1)} for e, age in sorted(found.ages.items())
        ],
        "items": [_finding(finding) for finding in found.findings[:SHOWN]],
        "more": max(0, len(found.findings) - SHOWN),
        "secrets": [
            {
                "path": str(item.get("path", ""))[:1024],
                "line": item.get("line"),
                "kind": str(item.get("kind", "")),
                "variable": item.get("value_of"),
            }
            for item in dict((built.report if built else None) or {}).get("findings") or []
        ][:SHOWN],
    }


def _finding(finding: gate.Finding) -> dict[str, Any]:
    component, advisory = finding.component, finding.advisory
    return {
        "purl": component.purl,
        "ecosystem": component.ecosystem,
        "name": component.name,
        "version": component.version,
        "optional": component.optional,
        "advisory": advisory.id,
        "aliases": list(advisory.aliases),
        "summary": advisory.summary,
        "severity": advisory.level,
        "score": advisory.score,
        "fixed": finding.fixed,
    }


def attestation(row: Deployment) -> dict[str, Any]:
    """A deployment's signed statement, as it was signed."""
    raw = services().store.get(attestation_key(row.id))
    if raw is None:
        raise NotFound(
            "attestation_not_found",
            f"Deployment {row.id} has no signed statement.",
            hint="It was made before statements were, or never came so far. Deploy again.",
        )
    envelope: dict[str, Any] = json.loads(raw)
    return envelope


def advice(row: Deployment) -> list[Advice]:
    """What would make the project's builds quicker and its site smaller."""
    built = build_rows.get(order.build_id(row.restored or row.id))
    raw = services().store.get(sbom_key(row.id))
    found: dict[str, Any] | None = json.loads(raw) if raw else None
    return advise(
        Facts(
            plan=dict((built.plan if built else None) or {}),
            report=dict((built.report if built else None) or {}),
            settings=dict(row.settings or {}),
            queued_ms=_queued_ms(built),
            past=_past(row),
            files=artifacts.listing(row.id),
            locks=sbom.locks_of(found) if found else (),
            packages=sbom.packages_of(found) if found else (),
        )
    )


def _past(row: Deployment) -> list[Past]:
    """The builds before this one that succeeded, newest first."""
    found, _ = rows.page(row.project, 3 * _HISTORY, None, None, "ready")
    earlier = [other for other in found if other.id < row.id and not other.restored][:_HISTORY]
    past = []
    for other in earlier:
        built = build_rows.get(order.build_id(other.id))
        if built is not None and built.report:
            past.append(Past(dict(built.report), _queued_ms(built)))
    return past


def _queued_ms(built: build_rows.Build | None) -> int:
    if built is None or built.started_at is None:
        return 0
    begun, asked = (datetime.fromisoformat(t) for t in (built.started_at, built.created_at))
    return max(0, int((begun - asked).total_seconds() * 1000))
