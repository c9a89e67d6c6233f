"""What opens over a page: dialogs, menus, sheets. The keyboard goes in, stays in, and comes back;
axe looks at each, at a desk and on a phone, light and dark. Pictures of all are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.addresses import address
from tests.browser.keyboard import Keyboard
from tests.browser.lively import Lively
from tests.browser.visitor import DESKTOP, PHONE, Visitor

pytestmark = pytest.mark.pages
ENOUGH = 30
"""Tabs that lead at least once around a dialog."""


@dataclass(frozen=True)
class Overlay:
    """What opens, where, and by which buttons and entries of menus, one after the other.

    Some belongs to one size of window only. What leaves the rest of the page in use does not hold
    the keyboard.
    """

    name: str
    path: str
    by: tuple[str | re.Pattern[str], ...]
    role: str = "dialog"
    tab: str = ""
    only: str = ""
    holds: bool = True


MENUS = [
    Overlay("teams", "/teams/$team", (re.compile("^Team .*switch"),), "menu"),
    Overlay("projects", "/projects/$project", (re.compile("^Project .*switch"),), "menu"),
    Overlay("account", "/teams/$team", ("Your account",), "menu"),
    Overlay("deeds", "/deployments/$deployment", (re.compile("^What to do with"),), "menu"),
    Overlay("filter", "/teams/$team/audit", (re.compile("^Filter"),), holds=False),
]
DIALOGS = [
    Overlay("places", "/projects/$project", ("Places",), only="phone"),
    Overlay("search", "/teams/$team", (re.compile("^Search"),)),
    Overlay("invite", "/teams/$team/members", ("Invite somebody",)),
    Overlay("withdraw", "/teams/$team/members", (re.compile("^Withdraw the"),)),
    Overlay("leave", "/teams/$team/members", (re.compile("^What can be"), "Leave the team")),
    Overlay("token", "/teams/$team/tokens", ("New token",)),
    Overlay("delete-team", "/teams/$team/settings", (re.compile("^Delete"),)),
    Overlay("e-mail", "/account", ("Change",)),
    Overlay("authenticator", "/account/security", ("Add an authenticator",)),
    Overlay("user", "/admin/users", (re.compile("^Open "),)),
    Overlay("plan", "/admin/teams", (re.compile("^Plan of"),)),
    Overlay("suspend", "/admin/teams", (re.compile("^Suspend "),)),
    Overlay("github", "/admin/settings", ("Set up the App",), tab="github"),
    Overlay("domain", "/projects/$project/domains", ("Add domain",)),
    Overlay("zone", "/teams/$team/domains", ("Add zone",), tab="zones"),
    Overlay("variable", "/projects/$project/variables", ("Add variable",)),
    Overlay("lock", "/projects/$project/delivery", (re.compile("^Lock"),)),
    Overlay("delete", "/projects/$project/settings", (re.compile("^Delete"),), tab="danger"),
    Overlay("abort", "/projects/$project/rollouts/$rollout", ("Abort",)),
]


@pytest.fixture(scope="module", params=["desktop", "phone", "desktop-dark", "phone-dark"])
def owner(request: pytest.FixtureRequest, browser: Browser, world: Lively) -> Iterator[Visitor]:
    """The owner, signed in."""
    size = PHONE if request.param.startswith("phone") else DESKTOP
    with Visitor(browser, size, dark=request.param.endswith("dark")) as found:
        found.is_owner(world.cloud)
        yield found


def called(page: Page, name: str | re.Pattern[str], role: str = "button") -> Locator:
    """The first of its kind that can be seen."""
    found = page.get_by_role(role, name=name, exact=isinstance(name, str))  # type: ignore[arg-type]
    return found.locator("visible=true").first


@pytest.mark.parametrize("overlay", [*MENUS, *DIALOGS], ids=lambda overlay: overlay.name)
def test_what_opens_over_a_page(owner: Visitor, world: Lively, overlay: Overlay) -> None:
    if overlay.only not in ("", owner.size.name):
        pytest.skip(f"is on a {overlay.only} only")
    page, keys = owner.page, Keyboard(owner.page)
    owner.open(address(overlay.path, world) + (f"?tab={overlay.tab}" if overlay.tab else ""))
    owner.finished()
    opener = called(page, overlay.by[0])
    opener.focus()
    keys.press("Enter")
    for entry in overlay.by[1:]:
        called(page, entry, "menuitem").focus()
        keys.press("Enter")
    shown = page.get_by_role(overlay.role).locator("visible=true")  # type: ignore[arg-type]
    expect(shown).to_have_count(1)
    expect(shown.locator("[aria-busy=true]")).to_have_count(0)
    inside = f"[role={overlay.role}]"
    page.wait_for_function("found => document.activeElement.closest(found)", arg=inside)
    owner.picture(f"overlay-{overlay.name}")
    owner.fits()
    owner.accessible()
    if overlay.role == "dialog" and overlay.holds:
        for _ in range(ENOUGH):
            keys.press("Tab")
            assert keys.within(inside), f"the keyboard left for {keys.where()}"
    keys.press("Escape")
    expect(shown).to_have_count(0)
    expect(opener).to_be_focused()
    complaints, owner.complaints = owner.complaints, []
    assert complaints == []
