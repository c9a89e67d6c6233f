"""A bill of materials as CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/).

Equal input gives equal bytes: whoever makes it twice makes the same document.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from chalicelib.supply.rules.components import ECOSYSTEMS, Component, Lock

_GAP = "clouddeck:gap"
_LOCK = "clouddeck:lock"
_PACKAGE = "clouddeck:package"
_ECOSYSTEM_OF = {kind: ecosystem for ecosystem, kind in ECOSYSTEMS.items()}


@dataclass(frozen=True)
class Subject:
    """What the bill is of: a deployment, by its project's name."""

    deployment: str
    slug: str
    commit: str
    made_at: str
    tool: str  # version of whoever made it


@dataclass
class Bill:
    """The lock files that were read, and what stands in the way of a complete answer."""

    locks: dict[str, Lock] = field(default_factory=dict)  # by path
    gaps: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)  # folders of the source with a manifest

    @property
    def components(self) -> dict[str, Component]:
        """Every component once, by package URL; required wins over optional."""
        found: dict[str, Component] = {}
        for lock in self.locks.values():
            for purl, component in lock.components.items():
                if purl not in found or found[purl].optional:
                    found[purl] = component
        return found

    @property
    def all_gaps(self) -> list[str]:
        """What is not in the bill, and why: of the whole, then of each lock file."""
        of_locks = (f"{path}: {gap}" for path, lock in self.locks.items() for gap in lock.gaps)
        return [*self.gaps, *of_locks]


def document(subject: Subject, bill: Bill) -> dict[str, Any]:
    """The bill of materials of a deployment."""
    own = f"deployment:{subject.deployment}"
    gaps = bill.all_gaps
    components = bill.components
    edges: dict[str, set[str]] = {own: set()}
    for lock in bill.locks.values():
        edges[own] |= lock.roots
        for one, others in lock.edges.items():
            edges.setdefault(one, set()).update(others)
    main: dict[str, Any] = {"type": "application", "bom-ref": own, "name": subject.slug}
    if subject.commit:
        main["version"] = subject.commit
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, subject.deployment)}",
        "version": 1,
        "metadata": {
            "timestamp": subject.made_at,
            "tools": {
                "components": [
                    {"type": "application", "name": "clouddeck", "version": subject.tool}
                ]
            },
            "component": main,
            "properties": [
                *({"name": _LOCK, "value": path} for path in sorted(bill.locks)),
                *({"name": _GAP, "value": gap} for gap in gaps),
                *({"name": _PACKAGE, "value": folder} for folder in bill.packages),
            ],
        },
        "components": [_component(components[purl]) for purl in sorted(components)],
        "dependencies": [
            {"ref": ref, **({"dependsOn": sorted(edges[ref])} if edges.get(ref) else {})}
            for ref in (own, *sorted(components))
        ],
        "compositions": [{"aggregate": "incomplete" if gaps else "complete", "assemblies": [own]}],
    }


def _component(component: Component) -> dict[str, Any]:
    scoped = component.ecosystem == "npm"  # Go's names hold slashes, too, but no groups
    group, _, name = component.name.rpartition("/") if scoped else ("", "", component.name)
    entry: dict[str, Any] = {
        "type": "library",
        "bom-ref": component.purl,
        "name": name,
        "purl": component.purl,
        "scope": "optional" if component.optional else "required",
    }
    if group:
        entry["group"] = group
    if component.version:
        entry["version"] = component.version
    if component.hashes:
        entry["hashes"] = [{"alg": alg, "content": digest} for alg, digest in component.hashes]
    return entry


def dump(bill: dict[str, Any]) -> bytes:
    """The document as it is kept and signed for."""
    return json.dumps(bill, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def components_of(bill: dict[str, Any]) -> list[Component]:
    """The components of a document that `document` made."""
    found = []
    for entry in bill["components"]:
        kind = unquote(entry["purl"]).removeprefix("pkg:").partition("/")[0]
        group = f"{entry['group']}/" if entry.get("group") else ""
        optional = entry.get("scope") == "optional"
        found.append(
            Component(
                _ECOSYSTEM_OF[kind], group + entry["name"], entry.get("version", ""), (), optional
            )
        )
    return found


def gaps_of(bill: dict[str, Any]) -> list[str]:
    """Why a document is not complete."""
    return [p["value"] for p in bill["metadata"]["properties"] if p["name"] == _GAP]


def locks_of(bill: dict[str, Any]) -> list[str]:
    """The lock files that a document was made from."""
    return [p["value"] for p in bill["metadata"]["properties"] if p["name"] == _LOCK]


def packages_of(bill: dict[str, Any]) -> list[str]:
    """The folders of the source that are packages of their own."""
    return [p["value"] for p in bill["metadata"]["properties"] if p["name"] == _PACKAGE]
