"""Marks the tests of this folder, and gives them a browser; they need the whole embedded cloud."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.lively import Lively, lively
from tests.browser.visitor import DESKTOP, Visitor
from tests.e2e.cloud import Cloud

HERE = Path(__file__).parent
UNPACKED = HERE / "node_modules" / ".chromium" / "chromium"
"""Where `tools/setup browser` puts it."""
FLAGS = (
    "--no-sandbox",
    "--no-proxy-server",
    "--disable-dev-shm-usage",
    "--enable-blink-features=ComputedAccessibilityInfo",  # the names that readers say
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium and the whole embedded cloud")
    config.addinivalue_line("markers", "pages: looks at every page; `make browser` alone does")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium of set-up; `CHROMIUM` names another."""
    found = Path(os.environ.get("CHROMIUM") or UNPACKED)
    if not found.is_file():
        pytest.fail(f"{found} is not there: run `tools/setup browser`, or name one in CHROMIUM")
    return str(found)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser a file; it ends with it, for its event loop bears no other beside it."""
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=chromium, args=[*FLAGS])
        yield found
        found.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lively]:
    """A cloud with a past, for all files that look at it and leave it as it was."""
    folder = tmp_path_factory.mktemp("pages")
    cloud = Cloud(folder / "home")
    try:
        cloud.up()
        yield lively(cloud, folder)
    finally:
        cloud.down()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test looked at when it failed, as a picture of its name."""
    report = yield
    looks = getattr(item, "funcargs", {})
    looking = looks.get("visitor") or looks.get("owner")
    if call.when == "call" and report.failed and isinstance(looking, Visitor):
        looking.picture(f"failed-{item.name.partition('[')[0]}")
    return report


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Somebody at a desk whom nobody knows yet."""
    with Visitor(browser, DESKTOP) as found:
        yield found
