"""Suite `start`: how long until the first answer, how much memory, how heavy an import."""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

from bench import table
from bench.cloud import PYTHON, ROOT, Cloud

ROUNDS = 7
_BARE = (
    "import chalice, pydantic, aws_lambda_powertools.logging, boto3, pynamodb.models;"
    "boto3.client('dynamodb', region_name='us-east-1')"
)
_OURS = "import app"


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
    imports = _imports()
    return [
        table.below("up to the first answered call, warm", statistics.median(starts), "s", 2.5),
        table.below("idle memory of the embedded cloud", _memory(status), "MB", 350),
        table.faster("import of the API beside the bare stack", *imports, "ms", 0.83),
        table.below("API package without layers", _package() / 1e6, "MB", 1.0),
    ]


def _memory(status: dict[str, Any]) -> float:
    return sum(process["memory_bytes"] for process in status["processes"].values()) / 1e6


def _imports() -> tuple[float, float]:
    """Milliseconds over an empty interpreter, in turns: ours, the bare stack."""
    times: dict[str, list[float]] = {"pass": [], _OURS: [], _BARE: []}
    for _ in range(ROUNDS):
        for code, found in times.items():
            began = time.monotonic()
            subprocess.run([str(PYTHON), "-c", code], cwd=ROOT, check=True)
            found.append((time.monotonic() - began) * 1000)
    empty, ours, bare = (statistics.median(found) for found in times.values())
    return ours - empty, bare - empty


def _package() -> int:
    """Bytes of the zip that holds our own code for the API."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as package:
        for path in [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*")]:
            if path.is_file() and "__pycache__" not in path.parts:
                package.write(path, Path(path).relative_to(ROOT))
    return len(memory.getvalue())
