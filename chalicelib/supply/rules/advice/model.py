"""The facts that advice is drawn from, and what a piece of it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Advice:
    """One thing to change: what was seen, the line to write, and what it saves, where known."""

    kind: str
    title: str
    evidence: str
    change: str
    file: str  # where the change goes
    saves_ms: int | None = None  # per build
    saves_bytes: int | None = None


@dataclass(frozen=True)
class Past:
    """An earlier build of the same project that succeeded."""

    report: Mapping[str, Any]
    queued_ms: int = 0


@dataclass(frozen=True)
class Facts:
    """A build, the builds before it, and what came out: all of it read, nothing guessed.

    `report` is what the runner told, `plan` what it was asked to do, `files` (path, SHA-256,
    bytes) what is published, `locks` the lock files that were read, `packages` the folders of
    the source that are packages of their own.
    """

    plan: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    queued_ms: int = 0
    past: Sequence[Past] = ()
    files: Sequence[tuple[str, str, int]] = ()
    locks: Sequence[str] = ()
    packages: Sequence[str] = ()

    @property
    def timings(self) -> dict[str, int]:
        """Milliseconds by stage; what the runner did not tell is 0."""
        told = self.report.get("timings") or {}
        return {
            name: int(told.get(f"{name}_ms") or 0)
            for name in ("source", "install", "build", "upload")
        }

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps that ran."""
        return [s for s in self.report.get("steps") or [] if s.get("outcome") != "skipped"]

    def cache(self, kind: str) -> dict[str, Any]:
        """What became of a cache; empty when there was none."""
        return next((c for c in self.report.get("caches") or [] if c.get("kind") == kind), {})


def seconds(ms: float) -> str:
    """A duration for people."""
    return f"{ms / 1000:.1f} s" if ms < 60_000 else f"{ms / 60_000:.1f} min"


def size(count: float) -> str:
    """A size for people."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
