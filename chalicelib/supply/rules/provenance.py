"""Who built what from what: an in-toto statement with SLSA provenance, in a signed envelope.

Statement: https://in-toto.io/Statement/v1, predicate: https://slsa.dev/provenance/v1, envelope:
https://github.com/secure-systems-lab/dsse. The subject is the tree of files that is published,
as one digest that anybody can compute from a list of files (`tree_digest`).
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
PAYLOAD = "application/vnd.in-toto+json"
BUILT = "https://clouddeck.dev/builds/site/v1"
"""Build type of what a runner of the installation made from a source."""

UPLOADED = "https://clouddeck.dev/builds/upload/v1"
"""Build type of what came finished: the statement says who brought it, and vouches for no build."""


@dataclass(frozen=True)
class Made:
    """The facts of a deployment that a statement tells."""

    deployment: str
    slug: str
    project: str
    team: str
    build: str  # empty for what came finished
    builder: str  # URL that identifies who built
    version: str
    source: dict[str, Any]  # provider, branch, tag, pull, commit
    environment: str
    trigger: str
    trust: str
    by: str
    settings: dict[str, Any]
    steps: list[dict[str, Any]]
    started_at: str | None
    finished_at: str | None
    materials: list[dict[str, Any]] = field(default_factory=list)
    sbom: str | None = None  # SHA-256 of the bill of materials
    restored: str | None = None


def tree_digest(files: Iterable[tuple[str, str]]) -> str:
    """The digest of a tree of (path, SHA-256): `dirHash` of in-toto, Hash1 of Go's dirhash, in hex.

    SHA-256 over the lines `<sha256>  <path>`, sorted by path, as `sha256sum` prints them.
    """
    lines = sorted(files, key=lambda file: file[0].encode())
    text = "".join(f"{digest}  {path}\n" for path, digest in lines)
    return hashlib.sha256(text.encode()).hexdigest()


def statement(made: Made, tree: str) -> dict[str, Any]:
    """What is signed: this tree came out of this build. Holds no value of a variable."""
    internal: dict[str, Any] = {
        "team": made.team,
        "project": made.project,
        "trust": made.trust,
        "by": made.by,
    }
    if made.restored:  # nothing ran: the same source was built before
        internal["restored"] = made.restored
    byproducts = []
    if made.sbom:
        byproducts.append(
            {
                "name": "sbom",
                "mediaType": "application/vnd.cyclonedx+json",
                "digest": {"sha256": made.sbom},
            }
        )
    metadata = {
        "invocationId": made.build or made.deployment,
        "startedOn": made.started_at,
        "finishedOn": made.finished_at,
    }
    return {
        "_type": STATEMENT,
        "subject": [{"name": f"{made.slug}/{made.deployment}", "digest": {"dirHash": tree}}],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILT if made.build else UPLOADED,
                "externalParameters": {
                    "source": {name: value for name, value in made.source.items() if value},
                    "environment": made.environment,
                    "trigger": made.trigger,
                    "settings": made.settings,
                    "steps": made.steps,
                },
                "internalParameters": internal,
                "resolvedDependencies": made.materials,
            },
            "runDetails": {
                "builder": {"id": made.builder, "version": {"clouddeck": made.version}},
                "metadata": {name: value for name, value in metadata.items() if value},
                "byproducts": byproducts,
            },
        },
    }


def dump(document: dict[str, Any]) -> bytes:
    """Equal content gives equal bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def to_sign(payload: bytes) -> bytes:
    """What the signature of an envelope is over (DSSE's pre-authentication encoding)."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def envelope(payload: bytes, key: str, signature: bytes) -> dict[str, Any]:
    """A signed envelope around a statement."""
    return {
        "payloadType": PAYLOAD,
        "payload": b64encode(payload).decode(),
        "signatures": [{"keyid": key, "sig": b64encode(signature).decode()}],
    }
