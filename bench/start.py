"""Suite `start`: how long until the first answer, how much memory, how heavy an import."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import table
from bench.cloud import ROOT, Cloud
from cdk.package import Target, build, imports


def run() -> list[table.Row]:
    """Every row of the suite."""
    with Cloud() as cloud:
        starts = []
        for _ in range(3):
            cloud.local("down")
            began = time.monotonic()
            cloud.up()
            cloud.call("GET", "/health")
            starts.append(time.monotonic() - began)
        time.sleep(5)
        status = json.loads(cloud.local("status", "--json"))
    return [
        table.below("up to the first answered call, warm", statistics.median(starts), "s", 2.5),
        table.below("idle memory of the embedded cloud", _memory(status), "MB", 350),
        table.faster("import of the API beside the bare stack", *_imports(), "ms", 0.83),
        table.below("API package without layers", _package() / 1e6, "MB", 1.0),
    ]


def _memory(status: dict[str, Any]) -> float:
    return sum(process["memory_bytes"] for process in status["processes"].values()) / 1e6


def _imports() -> tuple[float, float]:
    """Milliseconds over an empty interpreter: ours, the bare stack."""
    times = imports.measure(ROOT)
    return times.api - times.python, times.stack - times.python


def _package() -> int:
    """Bytes of the zip that holds our own code for the API."""
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder), Target(), ["api"]).parts["api"].zipped
