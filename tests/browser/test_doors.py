"""The doors of protected sites in a real browser: a password, and the team's sign-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.e2e.asking import until
from tests.e2e.cloud import Cloud
from tests.e2e.person import Person, Site
from tests.e2e.surroundings import EMAIL

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


def closed(site: Site, mode: str, given: str = "") -> str:
    """Protect the site; the address of one of its pages, which nobody gets now."""
    options = ("--password-stdin",) if given else ()
    site.deck("protect", "set", "--scope", "all", "--mode", mode, *options, given=given)
    until(lambda: site.page("/low").status == 401, 10)
    return f"{site.url.rstrip('/')}/low"


def test_a_password_opens_the_page(visitor: Visitor, site: Site) -> None:
    address = closed(site, "password", f"{PASSWORD}\n")
    visitor.open(address)
    visitor.sees("This site is protected.")
    visitor.fill("Password", "not this one")
    visitor.press("Open")
    visitor.sees("That did not open it.")
    visitor.fill("Password", PASSWORD)
    visitor.press("Open")
    visitor.sees("Low")
    expect(visitor.page).to_have_url(address)
    visitor.open(site.url)
    visitor.sees("Tides")


def test_the_team_signs_in_at_the_console(visitor: Visitor, site: Site) -> None:
    address = closed(site, "team")
    visitor.open(address)
    visitor.sees("This site is for the members of its team.")
    visitor.press("Sign in to see it")
    visitor.fill("E-mail", EMAIL)
    visitor.fill("Password", site.cloud.owner["password"])
    visitor.press("Sign in")
    visitor.sees("Low")
    expect(visitor.page).to_have_url(address)
