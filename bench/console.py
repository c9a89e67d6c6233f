"""The console in Chromium: until a page shows what it is about, and what Lighthouse thinks of it.

The overview of a team with one project stands beside that of one with 1,000 projects and 10,000
deployments; every load is a first one, without anything in the browser's cache. The large team is
made of copies of what is kept of a real project. `python -m bench --suite console`.
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench import table
from bench.copies import Copies
from tests.prove.cloud import Cloud

PROJECTS, DEPLOYMENTS = 1_000, 10
TIMES = 9
SCORE = 95
SCRIPTS_KB = 300
INTERACTIVE_MS = 2_000.0
BROWSER = Path(__file__).parents[1] / "tests" / "browser"
CHROMIUM = BROWSER / "node_modules" / ".chromium" / "chromium"
FLAGS = ("--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage")
SLUG = "overview"


def run(rounds: int = TIMES) -> list[table.Row]:
    """Every row of the suite."""
    with Cloud() as cloud:
        cloud.project(SLUG)
        repository = cloud.repository(SLUG)
        deployment = cloud.published(repository, SLUG, {"index.html": "<h1>Overview</h1>"})
        team = cloud.must("GET", "/v1/me")["teams"][0]["slug"]
        base = f"http://localhost:{cloud.port}"
        pages = {
            "landing": f"{base}/",
            "overview": f"{base}/teams/{team}",
            "deployment": f"{base}/deployments/{deployment}",
        }
        small = _loads(cloud, pages, rounds)
        audits = _audited(cloud, pages)
        Copies(cloud, SLUG).make(PROJECTS, DEPLOYMENTS)
        large = _loads(cloud, {"overview": pages["overview"]}, rounds)
    many = f"overview, {PROJECTS:,} projects, {PROJECTS * DEPLOYMENTS:,} deployments"
    rows = [table.fact(f"{name}: shown", found, "ms") for name, found in small.items()]
    rows.append(table.below(many, large["overview"], "ms", INTERACTIVE_MS, small["overview"]))
    for name, form, audit in audits:
        of = f"{name}, {form}"
        rows += [
            table.higher(f"{of}: performance", audit["performance"], None, "/100", SCORE),
            table.higher(f"{of}: accessibility", audit["accessibility"], None, "/100", SCORE),
            table.fact(f"{of}: largest paint", audit["lcp_ms"], "ms"),
            table.below(f"{of}: scripts", audit["script_bytes"] / 1000, "kB", SCRIPTS_KB),
        ]
    return rows


@contextmanager
def _signed_in(cloud: Cloud, port: int | None = None) -> Iterator[BrowserContext]:
    """A browser with a profile of its own in which the owner is signed in."""
    flags = [*FLAGS, *([f"--remote-debugging-port={port}"] if port else [])]
    with tempfile.TemporaryDirectory(prefix="clouddeck-bench-") as profile, sync_playwright() as by:
        context = by.chromium.launch_persistent_context(
            profile, executable_path=str(CHROMIUM), args=flags
        )
        try:
            tokens = cloud.must("POST", "/v1/auth/login", cloud.login())
            kept = {"access": tokens["access_token"], "refresh": tokens["refresh_token"]}
            page = context.pages[0]
            page.goto(f"http://localhost:{cloud.port}/icon.svg")
            page.evaluate(
                "kept => localStorage.setItem('clouddeck.session', JSON.stringify(kept))", kept
            )
            yield context
        finally:
            context.close()


def _loads(cloud: Cloud, pages: dict[str, str], rounds: int) -> dict[str, float]:
    """Milliseconds from the first byte asked for until nothing loads any more; medians."""
    with _signed_in(cloud) as context:
        page = context.pages[0]
        cache = context.new_cdp_session(page)
        cache.send("Network.setCacheDisabled", {"cacheDisabled": True})
        took: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(rounds):
            for name, url in pages.items():
                took[name].append(_shown(page, url))
        return {name: statistics.median(found) for name, found in took.items()}


def _shown(page: Page, url: str) -> float:
    """Until the heading is there and nothing is a skeleton any more: one can read and press."""
    page.goto("about:blank")
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator("h1").first.wait_for()
    page.wait_for_function("document.querySelectorAll('[aria-busy=true]').length === 0")
    return (time.perf_counter() - began) * 1000


def _audited(cloud: Cloud, pages: dict[str, str]) -> list[tuple[str, str, dict[str, Any]]]:
    """What Lighthouse says of every page, as a desk and as a phone see it."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    told = []
    with _signed_in(cloud, port):
        for form in ("desktop", "mobile"):
            done = subprocess.run(
                ["node", "lighthouse.mjs", str(port), form, *pages.values()],
                cwd=BROWSER,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"Lighthouse: {done.stderr[-2000:]}")
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            told += [(name, form, line) for name, line in zip(pages, lines, strict=True)]
    return told
