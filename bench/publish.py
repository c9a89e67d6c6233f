"""Suite `publish`: ten thousand files, beside `aws s3 sync` on the same store in the same run.

Ours is `deck deploy --prebuilt --prod` until the deployment is live: hashing, asking, uploading,
verifying, manifest, pointer, edge. The peer copies files into a bucket and does nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench import table
from bench.cloud import ROOT, Cloud

FILES = 10_000
CHANGED = 10


def run() -> list[table.Row]:
    """Every row of the suite."""
    aws = shutil.which("aws") or str(ROOT / ".venv-bench" / "bin" / "aws")
    with Cloud() as cloud, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "site"
        _generate(tree)
        cloud.call("POST", "/projects", {"name": "big"})
        (folder / ".deck.json").write_text(
            json.dumps({"project": "big", "slug": "big", "api": f"http://localhost:{cloud.port}"})
        )
        peer = _Sync(cloud, tree, aws) if Path(aws).exists() else None
        rows = []
        for title, goal, change in (
            ("first upload", 2.0, _nothing),
            ("nothing changed", 4.0, _nothing),
            (f"{CHANGED} changed, times kept", 4.0, _change),
            (f"rebuilt: {CHANGED} changed, all times new", 40.0, _rebuild),
        ):
            change(tree)
            before = _objects(cloud)
            ours = _timed(
                lambda: cloud.deck(folder, "deploy", "--prod", "--prebuilt", str(tree), "--json")
            )
            written = _objects(cloud) - before
            theirs = _timed(peer.run) if peer else None
            rows.append(table.faster(f"{FILES} files, {title}", ours, theirs, "s", goal))
            rows.append(table.fact(f"{FILES} files, {title}: objects written", written, ""))
        return rows


class _Sync:
    def __init__(self, cloud: Cloud, tree: Path, aws: str) -> None:
        keys = json.loads((cloud.home / "keys" / "installation.json").read_text())
        self._command = [aws, "s3", "sync", str(tree), "s3://bench-peer/site", "--quiet"]
        self._environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{cloud.port + 3}",
            "AWS_ACCESS_KEY_ID": keys["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        make = [aws, "s3", "mb", "s3://bench-peer"]
        subprocess.run(make, env=self._environment, check=True, capture_output=True)

    def run(self) -> None:
        """Synchronise."""
        subprocess.run(self._command, env=self._environment, check=True, capture_output=True)


def _timed(what: object) -> float:
    started = time.monotonic()
    what()  # type: ignore[operator]
    return time.monotonic() - started


def _objects(cloud: Cloud) -> int:
    kept = ("blobs", "shards", "manifests", "sizes", "incoming")
    tops = (top for name in kept for top in (cloud.home / "s3").glob(f"*/clouddeck-*/{name}"))
    files = (path for top in tops for path in top.rglob("*") if path.is_file())
    return sum(1 for path in files if not path.name.endswith(".meta.json"))  # the store's notes


def _generate(tree: Path) -> None:
    for number in range(FILES):
        path = tree / f"{number % 100:02d}" / f"page-{number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_page(number))
    (tree / "index.html").write_text(_page(-1))


def _page(number: int, note: str = "") -> str:
    return f"<!doctype html><title>{number}</title><p>{note}{'tide ' * (number % 90)}{number}</p>\n"


def _nothing(_tree: Path) -> None:
    return


def _change(tree: Path) -> None:
    for number in range(CHANGED):
        path = tree / f"{number % 100:02d}" / f"page-{number}.html"
        path.write_text(_page(number, f"changed at {time.time_ns()} "))


def _rebuild(tree: Path) -> None:
    now = time.time()
    for path in tree.rglob("*.html"):
        os.utime(path, (now, now))
    _change(tree)
