"""The cases of routing.json: deployments with rules, and what comes of requests to them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from chalicelib.edge.rules.routing.codec import digest_of
from chalicelib.edge.rules.routing.model import VERSION
from tests.contract.edge_sites import FakeSite
from tests.vectors.cases import FOLDER


@dataclass(frozen=True)
class Deployed:
    """A deployment: its files, its rules as they lie in the store, what its manifest says."""

    name: str
    files: tuple[str, ...]
    routing: bytes
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """The name of its rules in the store."""
        return digest_of(self.routing)

    def site(self) -> FakeSite:
        """The same as a site that can be laid into a store or a cache."""
        made = FakeSite(self.name)
        made.objects[f"rules/{made.team}/{self.digest}.json"] = self.routing
        files = {path: f"{self.name} {path}".encode() for path in self.files}
        made.publish(files, **self.manifest, routing=self.digest)
        return made


@dataclass(frozen=True)
class Request:
    """One request and what shall come of it."""

    name: str
    table: str
    path: str
    expect: dict[str, Any]
    method: str = "GET"
    country: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    down: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The host of the deployment that is asked."""
        return f"{self.table}.localhost"

    def header(self, name: str) -> str:
        """A header by its lower-case name."""
        given = {key.lower(): value for key, value in self.headers.items()}
        return given.get(name, "")


@cache
def document() -> dict[str, Any]:
    """The file."""
    read: dict[str, Any] = json.loads((FOLDER / "routing.json").read_text())
    return read


def deployments() -> dict[str, Deployed]:
    """All of them, by name."""
    return {name: _deployed(name, said) for name, said in document()["tables"].items()}


def requests() -> list[Request]:
    """All cases."""
    return [Request(**case) for case in document()["cases"]]


def _deployed(name: str, said: dict[str, Any]) -> Deployed:
    body = {"version": VERSION, **said["routing"]}
    data = json.dumps(body, ensure_ascii=False).encode()
    more = {key: said[key] for key in ("spa", "clean_urls") if key in said}
    return Deployed(name, tuple(said["files"]), data, more)
