"""A site that asks for a password, and a link for somebody who does not know it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest

from tests.e2e.asking import Answer, ask, until
from tests.e2e.person import Person, Site

PASSWORD = "as the moon pulls"


@pytest.fixture(scope="module")
def site(person: Person) -> Site:
    """A site that everybody may see so far."""
    made = person.site("doors", {"index.html": "<h1>behind</h1>\n", "a.html": "<h1>a</h1>\n"})
    made.publish()
    assert until(lambda: made.shows("behind"), 5)
    return made


def protect(site: Site, password: str = PASSWORD) -> None:
    """Ask everybody for a password."""
    wish = ("--scope", "all", "--mode", "password", "--password-stdin")
    assert site.deck("protect", "set", *wish, given=f"{password}\n")["mode"] == "password"
    until(lambda: site.page().status == 401, 10)


def typed(site: Site, page: Answer, password: str) -> Answer:
    """What the API answers to the form of a page."""
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    filled = {name: unescape(value) for name, value in fields.items()} | {"password": password}
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert action is not None, page.text
    where = urlsplit(unescape(action[1]))
    assert where.netloc == f"localhost:{site.cloud.port}"
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    return ask(site.cloud.port, "POST", where.path, sent, urlencode(filled).encode())


def let_in(site: Site, address: str) -> tuple[str, str]:
    """Where an address with a token leads, and the cookie that comes along."""
    link = urlsplit(address)
    came = site.page(f"{link.path}?{link.query}", f"{link.scheme}://{link.netloc}")
    assert came.status == 302, (address, came.text)
    return came.headers["location"], came.headers["set-cookie"].partition(";")[0]


def test_a_password_opens_the_site(site: Site) -> None:
    protect(site)
    door = site.page("/a?x=1")
    assert (door.status, door.headers["cache-control"]) == (401, "no-store")
    assert "<h1>a</h1>" not in door.text

    back = urlsplit(typed(site, door, "not this one").headers["location"])
    again = site.page(f"{back.path}?{back.query}")
    assert (again.status, "set-cookie" in again.headers) == (401, False)

    right = typed(site, again, PASSWORD)
    assert right.status == 302, right.text
    where, cookie = let_in(site, right.headers["location"])
    assert where == "/a?x=1"
    page = site.page(where, cookie=cookie)
    assert (page.status, "<h1>a</h1>" in page.text) == (200, True)
    assert site.page(where).status == 401, "others are still asked"

    protect(site, "another one, as long")
    assert until(lambda: site.page(where, cookie=cookie).status == 401, 10)


def test_a_share_link_opens_it_until_it_is_taken_back(site: Site) -> None:
    protect(site)
    made = site.deck("share", "--for", "30m", "--path", "/a", "--note", "for Ada")
    where, cookie = let_in(site, made["url"])
    assert where == "/a"
    assert "<h1>a</h1>" in site.page(where, cookie=cookie).text
    assert [one["id"] for one in site.deck("shares")["items"]] == [made["id"]]

    site.deck("unshare", made["id"])
    assert until(lambda: site.page(where, cookie=cookie).status == 401, 10)
    assert site.deck("shares")["items"] == []

    site.deck("protect", "off")
    assert until(lambda: site.shows("behind"), 10)
