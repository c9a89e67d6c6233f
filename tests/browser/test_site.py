"""A real browser opens a site that was just pushed, and the script of the site runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.e2e.cloud import Cloud
from tests.e2e.person import Person, Site
from tests.e2e.surroundings import EXAMPLES


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The React example, live."""
    folder = tmp_path_factory.mktemp("browser")
    cloud = Cloud(folder / "home")
    try:
        cloud.up()
        person = Person(cloud, folder / "person")
        person.sign_in()
        made = person.site("vite-react", EXAMPLES / "vite-react")
        made.publish()
        yield made
    finally:
        cloud.down()


@pytest.mark.parametrize(
    ("path", "heading"), [("/", "Tides"), ("/about", "About"), ("/elsewhere", "Adrift")]
)
def test_the_script_of_the_site_runs(visitor: Visitor, site: Site, path: str, heading: str) -> None:
    assert "<h1>" not in site.page(path).text, "the server sends no heading; React makes it"
    visitor.open(site.url.rstrip("/") + path)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(visitor.page.get_by_role("img").first).to_be_visible()
    visitor.picture(f"site{path.replace('/', '-').rstrip('-')}")
