"""Every page of the console, at a desk and on a phone, light and dark: what it shows, that it fits,
that everybody can use it, and that its scripts complain of nothing. Pictures of all are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.addresses import DOORS, INSIDE, address, name_of
from tests.browser.lively import Lively
from tests.browser.visitor import DESKTOP, PHONE, Size, Visitor

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module", params=["desktop", "phone", "desktop-dark"])
def owner(request: pytest.FixtureRequest, browser: Browser, world: Lively) -> Iterator[Visitor]:
    """The owner, signed in; one page for all the addresses that follow."""
    size: Size = PHONE if request.param == "phone" else DESKTOP
    with Visitor(browser, size, dark=request.param.endswith("dark")) as found:
        found.is_owner(world.cloud)
        yield found


def looked_at(visitor: Visitor, name: str) -> None:
    """Wait until a page has what it shows, then look whether all is well with it."""
    visitor.finished()
    visitor.picture(name)
    visitor.fits()
    visitor.accessible()
    complaints, visitor.complaints = visitor.complaints, []
    assert complaints == []


def test_the_table_was_found() -> None:
    assert len(DOORS) > 6
    assert len(INSIDE) > 30


@pytest.mark.parametrize("path", INSIDE)
def test_a_page_of_somebody_signed_in(owner: Visitor, world: Lively, path: str) -> None:
    if owner.dark and INSIDE.index(path) % 2:
        pytest.skip("every other page is enough: colours are those of the parts, not of pages")
    owner.open(address(path, world))
    looked_at(owner, name_of(path))
    expect(owner.page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
@pytest.mark.parametrize("path", DOORS)
def test_a_page_for_everybody(browser: Browser, world: Lively, path: str, size: Size) -> None:
    with Visitor(browser, size) as visitor:
        visitor.open(world.cloud.url + path)
        if path == "/device":
            visitor.sees("Sign in")
        looked_at(visitor, name_of(path))


def test_a_failed_deployment_says_what_was_wrong(owner: Visitor, world: Lively) -> None:
    owner.open(f"{world.cloud.url}/deployments/{world.failed}")
    owner.sees("no tide today")
    looked_at(owner, "page-deployment-failed")


def test_an_address_that_leads_nowhere(owner: Visitor, world: Lively) -> None:
    owner.open(f"{world.cloud.url}/nothing/here")
    owner.sees("There is nothing at this address")
    owner.open(f"{world.cloud.url}/projects/of-somebody-else")
    expect(owner.page.get_by_role("alert").first).to_be_visible()
    owner.picture("page-nothing")


def test_without_the_api_pages_say_so(browser: Browser, world: Lively, tmp_path: Path) -> None:
    """The network goes away while a page is open: what was known stays, and a sentence says so."""
    del tmp_path
    with Visitor(browser) as visitor:
        visitor.is_owner(world.cloud)
        visitor.open(f"{world.cloud.url}/teams/{world.team}/projects")
        visitor.sees("tides")
        visitor.page.context.set_offline(True)
        visitor.sees("You are offline.")
        visitor.sees("tides")
        visitor.picture("page-offline")
        visitor.page.context.set_offline(False)
        expect(visitor.page.get_by_text("You are offline.")).to_have_count(0)
        visitor.complaints.clear()  # what failed while there was no network
