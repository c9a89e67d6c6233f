"""Somebody before a browser: looks, fills in, presses; and takes note of what pages complain about.

A page that writes an error into its console, breaks its content security policy or scrolls sideways
fails the test, whatever else was right about it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.asking import until
from tests.e2e.cloud import Cloud
from tests.e2e.surroundings import ROOT

ARTIFACTS = ROOT / "tests" / "artifacts"
MODULES = Path(__file__).parent / "node_modules"
SECONDS = 30
_FILE = "Failed to load resource: the server responded with a status of 4"
"""What Chromium writes for every answer of the API that says no; the page says it to people."""


@dataclass(frozen=True)
class Size:
    """A window."""

    name: str
    width: int
    height: int
    touch: bool = False


DESKTOP = Size("desktop", 1280, 900)
PHONE = Size("phone", 360, 740, touch=True)


class Visitor:
    """One person, one browser profile, one page."""

    page: Page

    def __init__(self, browser: Browser, size: Size = DESKTOP, dark: bool = False) -> None:
        self._browser = browser
        self.size = size
        self.dark = dark
        self.complaints: list[str] = []

    def __enter__(self) -> Self:
        self._context = self._browser.new_context(
            viewport={"width": self.size.width, "height": self.size.height},
            has_touch=self.size.touch,
            color_scheme="dark" if self.dark else "light",
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(SECONDS * 1000)
        self.page = self._context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.picture("failed")
        self._context.close()
        if kind is None:
            assert not self.complaints, self.complaints

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_FILE):
            self.complaints.append(f"{self.page.url}: {message.text}")

    # --- where -------------------------------------------------------------------------------

    def open(self, url: str) -> None:
        """Go to an address."""
        self.page.goto(url)

    def signed_in(self, cloud: Cloud, tokens: dict[str, Any]) -> None:
        """Be signed in at the console from the first page on, without typing."""
        kept = {"access": tokens["access_token"], "refresh": tokens["refresh_token"]}
        self.page.goto(f"{cloud.url}/icon.svg")
        self.page.evaluate(
            "kept => localStorage.setItem('clouddeck.session', JSON.stringify(kept))", kept
        )

    def is_owner(self, cloud: Cloud) -> None:
        """Be signed in as whoever set the installation up."""
        login = {"email": cloud.owner["email"], "password": cloud.owner["password"]}
        self.signed_in(cloud, cloud.api.post("/auth/login", login))

    def sign_in(self, cloud: Cloud, email: str, password: str) -> None:
        """By the form."""
        self.open(f"{cloud.url}/sign-in")
        self.fill("E-mail", email)
        self.fill("Password", password)
        self.press("Sign in")

    # --- doing -------------------------------------------------------------------------------

    def fill(self, label: str, text: str) -> None:
        """Type into the field with this label, the last of them: a dialog lies on top."""
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}\b")).locator(
            "visible=true"
        ).last.fill(text)

    def press(self, name: str) -> None:
        """Press the button, link, tab or entry of a menu that says this; the last of them."""
        wanted = None
        for role in ("button", "link", "tab", "menuitem"):
            found = self.page.get_by_role(role, name=name, exact=True).locator("visible=true")
            wanted = found if wanted is None else wanted.or_(found)
        assert wanted is not None
        wanted.last.click()

    def sees(self, text: str, seconds: float = SECONDS) -> None:
        """Wait until a text is on the page, however large its letters are."""
        expect(self.page.locator("body")).to_contain_text(
            text, timeout=seconds * 1000, use_inner_text=True, ignore_case=True
        )

    def authenticator(self) -> None:
        """Plug in an authenticator that knows its user: CTAP2, built in, discoverable keys."""
        session = self._context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        # It answers whoever asks, at once: a form that asks by itself would leave nothing to press.
        self.page.add_init_script(
            "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
        )

    # --- looking -----------------------------------------------------------------------------

    def finished(self) -> None:
        """Wait until the page has what it shows."""
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible()
        unfinished = self.page.locator("[aria-busy=true], .mantine-Skeleton-root")
        expect(unfinished.locator("visible=true")).to_have_count(0, timeout=20_000)

    def picture(self, name: str) -> None:
        """Keep what the page looks like for people to look at."""
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / ".gitignore").write_text("*\n")
        scheme = "-dark" if self.dark else ""
        self.page.screenshot(
            path=ARTIFACTS / f"{name}-{self.size.name}{scheme}.png", full_page=True
        )

    def fits(self) -> None:
        """The page does not scroll sideways."""
        wider = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{self.page.url} is {wider} px wider than the window"

    def accessible(self) -> None:
        """No violation of WCAG 2.2 A and AA that axe-core calls serious or critical."""
        grave = self.barriers()
        assert not grave, f"{self.page.url}: {grave}"

    def barriers(self) -> list[str]:
        """What axe-core finds here that is serious or critical.

        Names in a drawing lie where what they name lies, so they may come close to each other; the
        flat map, one switch away, has the same ones apart (WCAG 2.5.8, "Equivalent").
        """
        self.page.evaluate(_axe())
        found = self.page.evaluate(
            """async () => (await axe.run(document, {
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
            })).violations.map(one => one.id !== 'target-size' ? one : {...one, nodes:
                one.nodes.filter(n => !document.querySelector(n.target[0])?.closest('[data-drawn]'))
            }).filter(one => one.nodes.length)"""
        )
        return [
            f"{one['id']}: {one['help']}: {json.dumps([n['html'][:160] for n in one['nodes'][:4]])}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]


@cache
def _axe() -> str:
    return (MODULES / "axe-core" / "axe.min.js").read_text()


def mailed(cloud: Cloud, address: str, word: str) -> str:
    """The newest link with this word that an address was sent."""

    def newest() -> str:
        for path in sorted((cloud.home / "mail").glob("*.eml"), reverse=True):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            found = re.search(rf"http\S+#/{word}\S+", str(mail.get_content()))
            if mail["To"] == address and found:
                return str(found[0])
        return ""

    return str(until(newest, 90))
