"""The console in Chromium: until a page shows what it is about, and what Lighthouse thinks of it.

The overview of a team with one project stands beside that of one with 1,000 projects and 10,000
deployments; every load is a first one, without anything in the browser's cache. The large team is
made of copies of what is kept of a real project, and counted by the API before it is measured.
Lighthouse looks at each page three times as a desk and as a phone on a slow line have it, the
landing as a stranger and the others signed in; the run in the middle counts.
`python -m bench --suite console`.
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench import table
from bench.copies import Copies
from tests.prove.cloud import Cloud

PROJECTS, DEPLOYMENTS = 1_000, 10
TIMES = 9
AUDITS = 3
SCORE = 95
SCRIPTS_KB = 300
INTERACTIVE_MS = 2_000.0
BROWSER = Path(__file__).parents[1] / "tests" / "browser"
CHROMIUM = BROWSER / "node_modules" / ".chromium" / "chromium"
FLAGS = ("--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage")
SLUG = "benchmarked"

SHOWN = """() => new Promise(done => {
    const look = () => {
        if (document.querySelector('h1') && !document.querySelector('[aria-busy=true]')) {
            watching.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now())));
        }
    };
    const watching = new MutationObserver(look);
    watching.observe(document, { subtree: true, childList: true, attributes: true });
    look();
})"""
"""Answers with milliseconds since the navigation began, when the frame with all of it is drawn."""

Audit = dict[str, Any]


def run(rounds: int = TIMES) -> list[table.Row]:
    """Every row of the suite."""
    with Cloud() as cloud:
        cloud.project(SLUG)
        repository = cloud.repository(SLUG)
        deployment = cloud.published(repository, SLUG, {"index.html": "<h1>Benchmarked</h1>"})
        team = cloud.must("GET", "/v1/me")["teams"][0]["slug"]
        base = f"http://localhost:{cloud.port}"
        landing = {"landing": f"{base}/"}
        pages = {
            "overview": f"{base}/teams/{team}",
            "deployment": f"{base}/deployments/{deployment}",
        }
        small = _loads(cloud, pages, rounds)
        audits = [*_audited(cloud, landing, known=False), *_audited(cloud, pages, known=True)]
        Copies(cloud, SLUG).make(PROJECTS, DEPLOYMENTS)
        _counted(cloud, team)
        large = _loads(cloud, {"overview": pages["overview"]}, rounds)
    many = f"overview, {PROJECTS:,} projects, {PROJECTS * DEPLOYMENTS:,} deployments"
    rows = [table.fact(f"{name}: shown", found, "ms") for name, found in small.items()]
    rows.append(table.below(many, large["overview"], "ms", INTERACTIVE_MS, small["overview"]))
    for name, form, audit in audits:
        of = f"{name}, {form}"
        rows += [
            table.above(f"{of}: performance", audit["performance"], "/100", SCORE),
            table.above(f"{of}: accessibility", audit["accessibility"], "/100", SCORE),
            table.below(f"{of}: errors in the console", audit["console_errors"], "", 1),
            table.below(f"{of}: scripts", audit["script_bytes"] / 1000, "kB", SCRIPTS_KB),
            table.fact(f"{of}: first paint", audit["fcp_ms"], "ms"),
            table.fact(f"{of}: largest paint", audit["lcp_ms"], "ms"),
            table.fact(f"{of}: blocked", audit["tbt_ms"], "ms"),
            table.fact(f"{of}: moved", audit["cls"], ""),
        ]
    return rows


def _counted(cloud: Cloud, team: str) -> None:
    """Stop unless the API itself lists as many as the row is named after."""
    projects = _length(cloud, f"/v1/teams/{team}/sites")
    deployments = _length(cloud, f"/v1/teams/{team}/deployments")
    if (projects, deployments) != (PROJECTS, PROJECTS * DEPLOYMENTS):
        raise RuntimeError(f"the team has {projects:,} projects, {deployments:,} deployments")


def _length(cloud: Cloud, path: str) -> int:
    """How long a list is, page by page."""
    found, cursor = 0, ""
    while True:
        page = cloud.must("GET", f"{path}?limit=100{cursor}")
        found += len(page["items"])
        if not page.get("next"):
            return found
        cursor = f"&cursor={quote(page['next'])}"


@contextmanager
def _browser(cloud: Cloud, known: bool, port: int | None = None) -> Iterator[BrowserContext]:
    """A browser with a profile of its own, in which the owner is signed in or nobody is."""
    flags = [*FLAGS, *([f"--remote-debugging-port={port}"] if port else [])]
    with tempfile.TemporaryDirectory(prefix="clouddeck-bench-") as profile, sync_playwright() as by:
        context = by.chromium.launch_persistent_context(
            profile, executable_path=str(CHROMIUM), args=flags
        )
        try:
            if known:
                _sign_in(cloud, context.pages[0])
            yield context
        finally:
            context.close()


def _sign_in(cloud: Cloud, page: Page) -> None:
    tokens = cloud.must("POST", "/v1/auth/login", cloud.login())
    kept = {"access": tokens["access_token"], "refresh": tokens["refresh_token"]}
    page.goto(f"http://localhost:{cloud.port}/icon.svg")
    page.evaluate("kept => localStorage.setItem('clouddeck.session', JSON.stringify(kept))", kept)


def _loads(cloud: Cloud, pages: dict[str, str], rounds: int) -> dict[str, float]:
    """Milliseconds from the start of a navigation until nothing loads any more; medians."""
    with _browser(cloud, known=True) as context:
        page = context.pages[0]
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        # the console's own worker keeps pages too
        network.send("Network.setBypassServiceWorker", {"bypass": True})
        took: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(rounds):
            for name, url in pages.items():
                took[name].append(_shown(page, url))
        return {name: statistics.median(found) for name, found in took.items()}


def _shown(page: Page, url: str) -> float:
    """Until the heading is there and nothing is a skeleton any more: one can read and press."""
    page.goto("about:blank")
    page.goto(url, wait_until="commit")
    return float(page.evaluate(SHOWN))


def _audited(cloud: Cloud, pages: dict[str, str], known: bool) -> list[tuple[str, str, Audit]]:
    """What Lighthouse says of every page, as a desk and as a phone see it."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    told = []
    with _browser(cloud, known, port):
        for form in ("desktop", "mobile"):
            done = subprocess.run(
                ["node", "lighthouse.mjs", str(port), form, str(AUDITS), *pages.values()],
                cwd=BROWSER,
                capture_output=True,
                text=True,
                timeout=900,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"Lighthouse: {done.stderr[-2000:]}")
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            told += [(name, form, line) for name, line in zip(pages, lines, strict=True)]
    return told
