"""Templates as tests ask them: what stands in them, by stack and kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk.names import STACKS, Names
from cdk.settings import Installation, Profile

REGIONS: dict[Profile, str] = {
    "hobby": "us-east-1",
    "standard": "eu-central-1",
    "production": "us-west-2",
}


@dataclass(frozen=True)
class Stacks:
    """The templates of one installation."""

    names: Names
    templates: dict[str, dict[str, Any]]
    folder: Path

    @property
    def profile(self) -> Profile:
        return self.names.of.profile

    def every(self, kind: str, stack: str | None = None) -> list[dict[str, Any]]:
        """Properties of every resource of a kind such as `AWS::SQS::Queue`."""
        return [resource.get("Properties", {}) for _, resource in self.found(kind, stack)]

    def named(self, kind: str, key: str, stack: str | None = None) -> dict[str, dict[str, Any]]:
        """The same by the property that names them."""
        return {properties[key]: properties for properties in self.every(kind, stack)}

    def found(self, kind: str, stack: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """(`stack/logical id`, resource) of every resource of a kind."""
        for name, template in self.templates.items():
            for logical, resource in template["Resources"].items():
                if resource["Type"] == kind and stack in {None, name}:
                    yield f"{name}/{logical}", resource


def installation(profile: Profile) -> Installation:
    """An installation with everything that a person may choose."""
    return Installation(
        account="123456789012",
        region=REGIONS[profile],
        profile=profile,
        domain="example.com",
        zone="Z0123456789ABC",
        email="ops@example.com",
        mail_from="deck@example.com",
    )


def read(folder: Path, names: Names) -> Stacks:
    """The templates that a synthesis left in a folder."""
    found = {}
    for stack in STACKS:
        path = folder / f"{stack}.template.json"
        if path.exists():
            found[stack] = json.loads(path.read_text(encoding="utf-8"))
    return Stacks(names, found, folder)
