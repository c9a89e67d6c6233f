"""The doors of protected sites in a real browser: a password, and the team's sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.devtools import Browser
from tests.e2e.cloud import EMAIL, Cloud, Person, Site, until

PASSWORD = "as the moon pulls"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site, live in a cloud of its own."""
    folder = tmp_path_factory.mktemp("doors")
    cloud = Cloud(folder / "home")
    try:
        cloud.up()
        person = Person(cloud, folder / "person")
        person.sign_in()
        made = person.site("tides", {"index.html": "<h1>Tides</h1>", "low.html": "<h1>Low</h1>"})
        made.publish()
        yield made
    finally:
        cloud.down()


@pytest.fixture
def page(chromium: str, tmp_path: Path) -> Iterator[Browser]:
    with Browser(chromium, tmp_path / "profile") as found:
        yield found


def closed(site: Site, mode: str, given: str = "") -> str:
    """Protect the site; the address of one of its pages, which nobody gets now."""
    options = ("--password-stdin",) if given else ()
    site.deck("protect", "set", "--scope", "all", "--mode", mode, *options, given=given)
    until(lambda: site.page("/low").status == 401, 10)
    return f"{site.url.rstrip('/')}/low"


def where(page: Browser) -> str:
    """The address that the browser shows."""
    return str(page.run("location.href"))


def test_a_password_opens_the_page(page: Browser, site: Site) -> None:
    address = closed(site, "password", f"{PASSWORD}\n")
    page.open(address)
    page.sees("This site is protected.")
    page.fill("password", "not this one")
    page.press("Open")
    page.sees("That did not open it.")
    page.fill("password", PASSWORD)
    page.press("Open")
    page.sees("Low")
    assert where(page) == address
    page.open(site.url)
    page.sees("Tides")


def test_the_team_signs_in_at_the_console(page: Browser, site: Site) -> None:
    address = closed(site, "team")
    page.open(address)
    page.sees("This site is for the members of its team.")
    page.press("Sign in to see it")
    page.fill("email", EMAIL)
    page.fill("password", site.cloud.owner["password"])
    page.press("Sign in")
    page.sees("Low")
    assert where(page) == address
