"""The console by keyboard alone: every page from its first stop to its last, and what people do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.addresses import DOORS, INSIDE, address
from tests.browser.keyboard import Keyboard, settles
from tests.browser.lively import Lively
from tests.browser.visitor import Visitor
from tests.e2e.asking import Api
from tests.e2e.surroundings import EMAIL

pytestmark = pytest.mark.pages
KEYS = 51
"""One more than a page of the list of tokens has."""


@pytest.fixture(scope="module")
def owner(browser: Browser, world: Lively) -> Iterator[Visitor]:
    """The owner at a desk, signed in; one page for all that follow."""
    with Visitor(browser) as found:
        found.is_owner(world.cloud)
        yield found


@pytest.fixture
def keys(owner: Visitor) -> Keyboard:
    return Keyboard(owner.page)


def at(owner: Visitor, world: Lively, path: str) -> None:
    """Open a page, and wait until it has what it shows."""
    owner.open(address(path, world))
    owner.finished()


def button(keys: Keyboard, name: str) -> Locator:
    return keys.page.get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("path", INSIDE)
def test_a_page_from_its_first_stop_to_its_last(
    owner: Visitor, world: Lively, keys: Keyboard, path: str
) -> None:
    at(owner, world, path)
    assert keys.walk() == []


@pytest.mark.parametrize("path", DOORS)
def test_a_door_from_its_first_stop_to_its_last(visitor: Visitor, world: Lively, path: str) -> None:
    visitor.open(world.cloud.url + path)
    visitor.finished()
    assert Keyboard(visitor.page).walk() == []


def test_the_first_stop_leads_past_the_places(
    owner: Visitor, world: Lively, keys: Keyboard
) -> None:
    at(owner, world, "/teams/$team/projects")
    keys.press("Tab")
    skip = owner.page.get_by_role("link", name="To the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    keys.press("Enter")
    expect(owner.page.get_by_role("main")).to_be_focused()
    assert "#" not in owner.page.url
    keys.press("Tab")
    assert keys.within("main")
    keys.press("Shift+Tab", "Shift+Tab")
    assert not keys.within("main")


def test_from_place_to_place(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    """The name of the page is said, and the keyboard stays among the places."""
    at(owner, world, "/teams/$team")
    places = owner.page.get_by_role("navigation", name="Places")
    keys.to(places.get_by_role("link", name="Members"))
    keys.press("Enter")
    owner.page.wait_for_url("**/members")
    expect(owner.page.get_by_role("status").filter(has_text="Members - CloudDeck")).to_be_attached()
    assert keys.within("nav")
    keys.to(owner.page.get_by_role("link", name="Documentation"))


def test_the_teams_and_the_account(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    """Menus open by Enter, are walked by arrows, and leave the keyboard where they were opened."""
    at(owner, world, "/teams/$team")
    teams = owner.page.get_by_role("button", name=re.compile("^Team .*, switch$"))
    keys.to(teams)
    keys.press("Enter")
    entry = owner.page.get_by_role("menuitem")
    expect(entry.first).to_be_visible()
    keys.to(entry.last, "ArrowDown")
    keys.press("Escape")
    expect(entry).to_have_count(0)
    expect(teams).to_be_focused()

    account = button(keys, "Your account")
    keys.to(account)
    for scheme, name in (("dark", "Dark"), ("light", "As the system")):
        keys.press("Space")
        keys.to(owner.page.get_by_role("menuitem", name=name), "ArrowDown")
        keys.press("Enter")
        root = owner.page.locator(":root")
        expect(root).to_have_attribute("data-mantine-color-scheme", scheme)
        expect(account).to_be_focused()


def test_the_search_leads_to_a_project(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    at(owner, world, "/teams/$team/members")
    invite = button(keys, "Invite somebody")
    keys.to(invite)
    field = owner.page.get_by_role("combobox", name="Search pages, projects and actions")
    keys.press("Control+k")
    expect(field).to_be_focused()
    keys.press("Escape")
    expect(field).to_have_count(0)
    expect(invite).to_be_focused()

    keys.press("Control+k")
    expect(field).to_be_focused()
    keys.type("tides")
    expect(owner.page.get_by_role("option", name="tides").first).to_be_visible()
    keys.press("ArrowDown", "ArrowUp", "Enter")
    owner.page.wait_for_url("**/projects/tides")


def test_tabs(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    at(owner, world, "/admin/settings")
    keys.to(owner.page.get_by_role("tab", name="Sign-up"))
    keys.press("ArrowRight")
    providers = owner.page.get_by_role("tab", name="Identity providers")
    expect(providers).to_be_focused()
    expect(providers).to_have_attribute("aria-selected", "true")
    owner.page.wait_for_url("**tab=providers")
    owner.finished()
    keys.press("Tab")
    assert keys.within("[role=tabpanel]")


def test_a_row_of_a_table(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    at(owner, world, "/projects/$project/deployments")
    main = owner.page.get_by_role("main")
    keys.to(main.locator(f'a[href="/deployments/{world.live}"]'))
    keys.press("Enter")
    owner.page.wait_for_url(f"**/deployments/{world.live}")
    owner.finished()
    settles(lambda: keys.within("main"), owner.page)


def test_somebody_is_invited_and_the_invitation_withdrawn(
    owner: Visitor, world: Lively, keys: Keyboard
) -> None:
    """A form in a dialog, a list to choose from, and a question before something is lost."""
    at(owner, world, "/teams/$team/members")
    invite = button(keys, "Invite somebody")
    keys.to(invite)
    keys.press("Enter")
    dialog = owner.page.get_by_role("dialog", name="Invite somebody")
    expect(dialog.get_by_label("E-mail")).to_be_focused()
    keys.type("zoe@example.com")
    keys.to(dialog.get_by_label("Role"))
    keys.press("ArrowDown")
    expect(owner.page.get_by_role("option", name="developer")).to_be_visible()
    keys.press("Escape")
    expect(dialog).to_be_visible()
    keys.press("Tab", "Tab", "Enter")
    expect(dialog).to_have_count(0)
    expect(invite).to_be_focused()

    withdraw = button(keys, "Withdraw the invitation to zoe@example.com")
    keys.to(withdraw)
    question = owner.page.get_by_role("dialog", name="Withdraw this invitation?")
    keys.press("Enter")
    keys.to(question.get_by_role("button", name="Cancel"))
    keys.press("Enter")
    expect(question).to_have_count(0)
    expect(withdraw).to_be_focused()
    keys.press("Enter")
    keys.to(question.get_by_role("button", name="Withdraw"))
    keys.press("Enter")
    expect(withdraw).to_have_count(0)
    keys.press("Tab")
    assert not keys.within("[role=dialog]")


def test_the_log_of_a_deployment(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    """Searched, walked line by line, and a link made to some of its lines."""
    at(owner, world, "/deployments/$deployment")
    log = owner.page.get_by_role("log")
    line = log.get_by_role("link", name=re.compile("^Line "))
    expect(line.first).to_be_visible()
    keys.to(log)
    keys.press("/")
    search = owner.page.get_by_label("Search the log")
    expect(search).to_be_focused()
    keys.type("e")
    expect(log.locator("mark").first).to_be_visible()
    keys.press("Enter", "Shift+Enter", "Escape")
    expect(search).to_have_value("")

    keys.to(line)
    keys.press("Home")
    expect(log.get_by_role("link", name="Line 1", exact=True)).to_be_focused()
    keys.press("ArrowDown")
    expect(log.get_by_role("link", name="Line 2", exact=True)).to_be_focused()
    keys.press("Enter")
    owner.page.wait_for_url("**#L2")
    keys.press("ArrowDown", "ArrowDown", "Shift+Enter")
    owner.page.wait_for_url("**#L2-L4")
    keys.press("End", "Tab")
    assert not keys.on(line)


def test_the_map_in_two_dimensions(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    at(owner, world, "/projects/$project/map")
    flat = owner.page.get_by_role("group", name=re.compile("^Map"))
    if flat.count() == 0:
        keys.to(owner.page.get_by_role("radio", name="3D"))
        keys.press("ArrowRight")
    domain = flat.get_by_role("button", name=re.compile(world.domain))
    keys.to(domain)
    keys.press("Enter")
    expect(domain).to_have_attribute("aria-pressed", "true")
    keys.to(owner.page.get_by_role("main").get_by_role("link", name="Go there"))


def test_more_of_a_long_list(owner: Visitor, world: Lively, keys: Keyboard) -> None:
    login = {"email": EMAIL, "password": world.cloud.owner["password"]}
    api = Api(world.cloud, Api(world.cloud, "").post("/auth/login", login)["access_token"])
    made = [api.post("/keys", {"name": f"buoy {n}"})["id"] for n in range(KEYS)]
    try:
        at(owner, world, "/account/tokens")
        revoke = owner.page.get_by_role("button", name=re.compile("^Revoke "))
        before = revoke.count()
        keys.to(button(keys, "More"))
        keys.press("Enter")
        expect(revoke.nth(before)).to_be_visible()
        settles(lambda: keys.within("main") and "tabindex" in keys.where(), owner.page)
    finally:
        for key in made:
            assert api.ask("DELETE", f"/keys/{key}").status < 300
