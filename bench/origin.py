"""Suite `origin`: what the functions towards the origin cost on CloudFront, beside an AWS SDK."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from bench import table
from bench.cloud import PYTHON
from functions.edge import bundle
from functions.edge.origin_request import OriginRequest
from functions.edge.origin_response import OriginResponse
from tests.contract.edge_sites import FakeSite
from tests.fakes.origin import Backend, row

CALLS = 20_000
ROUNDS = 9
_SETTINGS = bundle.on_aws("deck-sites-123456789012-eu-central-1", "deck-core", "eu-central-1")
_OURS = "import functions.edge.origin_request, functions.edge.origin_response"
_SDK = "import boto3; [boto3.client(n, region_name='eu-central-1') for n in ('s3', 'dynamodb')]"


def run() -> list[table.Row]:
    """Every row of the suite."""
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "secret")
    backend = Backend()
    try:
        cpu = _cpu(backend)
    finally:
        backend.close()
    packed = bundle.packed(_SETTINGS)
    ours, sdk = _imports(packed)
    return [
        table.below("CPU of a request, manifest in memory", cpu["small"], "us", 1000),
        table.below("the same, 100,000 files in shards", cpu["large"], "us", 1000),
        table.below("CPU of a redirect", cpu["moved"], "us", 1000),
        table.below("CPU of a response", cpu["response"], "us", 1000),
        table.below("CPU of a manifest of 1,000 files, read and parsed", cpu["cold"], "us", 50_000),
        table.faster("import over bare Python, beside an AWS SDK", ours, sdk, "ms", 2.0),
        table.below("the bundle", len(packed) / 1000, "kB", 100),
    ]


def _cpu(backend: Backend) -> dict[str, float]:
    """Microseconds of this thread's CPU per call, by kind."""
    small, large = FakeSite("small"), FakeSite("large")
    pages = {f"p/{n}/index.html": b"page %d" % n for n in range(1000)}
    many = {f"p/{n // 1000}/{n}.html": b"page %d" % n for n in range(100_000)}
    for site, files in ((small, pages), (large, many)):
        deployment = site.publish(files)
        backend.objects |= site.objects
        backend.rows[site.slug] = row(site.project, site.team, deployment)
    settings = backend.settings()
    request, response = OriginRequest(settings), OriginResponse(settings)
    uri = {
        "small": f"/d/small/{small.deployment()[4:]}/p/7/",
        "large": f"/d/large/{large.deployment()[4:]}/p/7/7007",
        "moved": f"/d/small/{small.deployment()[4:]}/p/7",
    }
    found = {
        kind: _each(lambda path=path: request.handle(_asking(path)))  # type: ignore[misc]
        for kind, path in uri.items()
    }
    noted = request.handle(_asking(uri["small"]))
    found["response"] = _each(lambda: response.handle(noted, {"status": "200", "headers": {}}))

    def cold() -> None:
        request.manifests._held.clear()
        request.handle(_asking(uri["small"]))

    return found | {"cold": _each(cold, 200)}


def _asking(uri: str) -> dict[str, Any]:
    accept = [{"key": "Accept", "value": "text/html"}]
    return {"method": "GET", "uri": uri, "querystring": "", "headers": {"accept": accept}}


def _each(call: Callable[[], Any], calls: int = CALLS) -> float:
    call()
    began = time.thread_time()
    for _ in range(calls):
        call()
    return (time.thread_time() - began) / calls * 1e6


def _imports(packed: bytes) -> tuple[float, float]:
    """Milliseconds over an empty interpreter, in turns: ours out of the bundle, the SDK."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            archive.extractall(folder)
        times: dict[str, list[float]] = {"pass": [], _OURS: [], _SDK: []}
        for _ in range(ROUNDS):
            for code, seen in times.items():
                began = time.monotonic()
                subprocess.run([str(PYTHON), "-c", code], cwd=Path(folder), check=True)
                seen.append((time.monotonic() - began) * 1000)
    empty, ours, sdk = (statistics.median(seen) for seen in times.values())
    return ours - empty, sdk - empty
