"""Suite `deploy`: what the platform adds to the bare install and build.

Push to live is measured from outside: from the start of `git push` until the production address
answers with the new deployment. Bare is what install and build took inside the same sandbox, in
the same deployment. The difference is everything that is ours: webhook, queue, sandbox, source,
logs, digests, upload, publish, verify, promote, and the edge.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench import table
from bench.cloud import ROOT, Cloud

SITES = ("static-2000", "vite-react", "eleventy", "mkdocs")
ROUNDS = 6
SETTLE = 2.0
"""Seconds between two pushes: what an earlier one left in the background (saving its cache,
filling the edge) is not the next one's time."""


def run() -> list[table.Row]:
    """Every row of the suite."""
    rows = []
    with Cloud() as cloud, tempfile.TemporaryDirectory() as folder:
        for site in SITES:
            cloud.call("POST", "/projects", {"name": site})
            made = tree(site, Path(folder) / site)
            first, *warm = [push(cloud, site, made, number) for number in range(ROUNDS)]
            rows += _rows(site, first, warm)
    return rows


def _rows(site: str, first: dict[str, float], warm: list[dict[str, float]]) -> list[table.Row]:
    middle = {name: statistics.median(one[name] for one in warm) for name in first}
    return [
        table.fact(f"{site}: push to live, cold", first["total"], "s"),
        table.fact(f"{site}: push to live, warm", middle["total"], "s"),
        table.fact(f"{site}: install and build, warm", middle["bare"], "s"),
        table.below(f"{site}: added by the platform, warm", middle["added"], "s", 1.0),
    ]


def tree(site: str, target: Path) -> Path:
    """A repository with one of the examples in it."""
    if site == "static-2000":
        generate = ROOT / "examples" / site / "generate.py"
        subprocess.run(["python3", str(generate), str(target)], check=True, capture_output=True)
    else:
        ignored = shutil.ignore_patterns("node_modules", ".venv", "dist", "_site", "site")
        shutil.copytree(ROOT / "examples" / site, target, ignore=ignored)
    _git(target, "init", "-q", "-b", "main")
    return target


def push(
    cloud: Cloud, slug: str, folder: Path, number: int, *, empty: bool = False
) -> dict[str, float]:
    """Seconds from the start of `git push` to the change being live, and what they went into.

    `empty` is a commit without a change.
    """
    if not empty:
        (folder / "bench.txt").write_text(f"{number}\n")
        _git(folder, "add", "-A")
    who = ("-c", "user.name=b", "-c", "user.email=b@localhost")
    _git(folder, *who, "commit", "--allow-empty", "-qm", f"{number}")
    time.sleep(SETTLE)
    before = cloud.page(f"{slug}.localhost")[1]
    started = time.monotonic()
    _git(folder, "push", "-q", cloud.git_url(slug), "main")
    deployment = _live(cloud, slug, before)
    total = time.monotonic() - started
    bare = _bare(cloud, deployment)
    return {"total": total, "bare": bare, "added": total - bare}


def _live(cloud: Cloud, slug: str, before: str) -> str:
    """The deployment that the production address answers with, once it is another one."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        deployment = cloud.page(f"{slug}.localhost")[1]
        if deployment not in {"", before}:
            return deployment
        time.sleep(0.02)
    found = cloud.call("GET", f"/projects/{slug}/deployments")["items"]
    raise SystemExit(f"{slug} did not go live: {found[0]['state'] if found else 'no deployment'}")


def _bare(cloud: Cloud, deployment: str) -> float:
    """Seconds between the first and the last line of install and build."""
    lines = cloud.call("GET", f"/deployments/{deployment}/logs?limit=1000")["lines"]
    spans = []
    for stage in ("install", "build"):
        times = [line["t"] for line in lines if line["stage"] == stage]
        if times:
            spans.append((times[-1] - times[0]) / 1000)
    return sum(spans)


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout
