"""One person's first day with CloudDeck, by the console alone, at a desk and on a phone."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.git_server import GitServer
from tests.browser.visitor import DESKTOP, PHONE, Size, Visitor, mailed
from tests.e2e.asking import Api, until
from tests.e2e.cloud import Cloud
from tests.e2e.surroundings import EMAIL

PASSWORD = "a horse that nobody knows"
BUILD = """[build]
framework = "custom"
command = "mkdir -p out && cp index.html out/ && echo the greeting is $GREETING"
output = "out"
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with GitServer(tmp_path_factory.mktemp("host")) as found:
        yield found


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("journey") / "home"
    found = Cloud(home, more={"CLOUDDECK_PRIVATE_OUTBOUND": "1"})
    try:
        found.up()
        session = Api(found, "").post(
            "/auth/login", {"email": EMAIL, "password": found.owner["password"]}
        )
        owner = Api(found, session["access_token"])
        assert owner.ask("PATCH", "/admin/settings", {"sign_up": "open"}).status == 200
        yield found
    finally:
        found.down()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
def test_from_signing_up_to_rolling_back(
    browser: Browser, cloud: Cloud, host: GitServer, tmp_path: Path, size: Size
) -> None:
    del tmp_path
    slug = f"harbour-{size.name}"
    files = {"index.html": "<h1>Harbour</h1>", "clouddeck.toml": BUILD}
    address = host.make(slug, files)
    with Visitor(browser, size) as ada:
        _sign_up(ada, cloud, f"ada-{size.name}@example.com")
        _first_deployment(ada, slug, address)
        _sees_the_site(ada, slug)
        _variable(ada, cloud, slug)
        _redeploy(ada, cloud, slug)
        _rollout(ada, cloud, slug)
        _roll_back(ada, cloud, slug)
        _traffic_moves(ada, cloud, slug)
        _invite(ada, f"eve-{size.name}@example.com")
        _simulate(ada, f"ada-{size.name}@example.com")


def _sign_up(ada: Visitor, cloud: Cloud, email: str) -> None:
    ada.open(f"{cloud.url}/sign-up")
    ada.fill("Name", "Ada")
    ada.fill("E-mail", email)
    ada.fill("Password", PASSWORD)
    ada.press("Make it")
    ada.sees("Look into your mail")
    ada.open(mailed(cloud, email, "verify"))
    ada.press("Yes, verify it")
    ada.sees("is verified")
    assert "token=" not in ada.page.url
    ada.sign_in(cloud, email, PASSWORD)
    expect(ada.page.get_by_role("main")).to_be_visible()
    ada.page.wait_for_url("**/teams/*")
    ada.picture("journey-first-steps")


def _first_deployment(ada: Visitor, slug: str, address: str) -> None:
    """A project out of a repository, watched until it is live."""
    ada.page.goto(f"{ada.page.url}/new")
    ada.page.get_by_role("radio", name="A repository").click()
    ada.page.get_by_label("Address of the repository").fill(address)
    ada.page.get_by_label("Name in the address").fill(slug)
    ada.picture("journey-new-project")
    ada.press("Connect and deploy")
    ada.sees("First deployment")
    ada.sees("the greeting is", 90)
    ada.sees("Open the site", 90)
    ada.picture("journey-first-deployment")
    ada.fits()


def _sees_the_site(ada: Visitor, slug: str) -> None:
    with ada.page.expect_popup() as opened:
        ada.press("Open the site")
    site = opened.value
    expect(site.get_by_role("heading", level=1)).to_have_text("Harbour")
    assert slug in site.url
    site.close()


def _variable(ada: Visitor, cloud: Cloud, slug: str) -> None:
    ada.open(f"{cloud.url}/projects/{slug}/variables")
    ada.press("Add variable")
    ada.fill("Name", "GREETING")
    ada.fill("Value", "ahoy")
    ada.page.get_by_role("switch", name="Secret").uncheck()
    ada.press("Add")
    ada.sees("GREETING is kept")


def _redeploy(ada: Visitor, cloud: Cloud, slug: str) -> None:
    ada.open(f"{cloud.url}/projects/{slug}")
    ada.press("Deploy again")
    ada.press("Deploy")
    ada.page.wait_for_url("**/deployments/*")
    ada.sees("the greeting is ahoy", 90)
    expect(ada.page.get_by_text("ready", exact=True).first).to_be_visible(timeout=60_000)
    ada.picture("journey-deployment")


def _rollout(ada: Visitor, cloud: Cloud, slug: str) -> None:
    """A canary: some visitors see the new version, and the page says how many."""
    ada.open(f"{cloud.url}/projects/{slug}/rollouts")
    ada.press("Start a rollout")
    ada.press("Deploy in steps")
    ada.page.wait_for_url("**/deployments/*")
    ada.open(f"{cloud.url}/projects/{slug}/rollouts")
    row = ada.page.get_by_role("main").get_by_text("running").first
    expect(row).to_be_visible(timeout=90_000)
    ada.picture("journey-rollout")
    ada.page.get_by_role("main").get_by_role("link", name="First page").first.click()
    ada.page.wait_for_url("**/rollouts/*")
    ada.sees("Who sees what")
    ada.press("Pause")
    ada.sees("Paused.")
    ada.press("Abort")
    ada.press("Take it back")
    ada.sees("aborted")


def _roll_back(ada: Visitor, cloud: Cloud, slug: str) -> None:
    ada.open(f"{cloud.url}/projects/{slug}")
    ada.press("Roll back")
    ada.fill("Reason", "The first one was nicer")
    ada.press("Roll back")
    ada.sees("Pinned")
    ada.sees("The first one was nicer")
    ada.picture("journey-rolled-back")


def _traffic_moves(ada: Visitor, cloud: Cloud, slug: str) -> None:
    """The page is open while visitors come; nobody reloads it."""
    ada.open(f"{cloud.url}/projects/{slug}/traffic")
    expect(ada.page.locator("[aria-busy=true]")).to_have_count(0)
    port = cloud.port + 1
    for _ in range(40):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/", headers={"Host": f"{slug}.localhost"}
        )
        assert urllib.request.urlopen(request, timeout=10).status == 200

    def counted() -> bool:
        digits = ada.page.get_by_role("main").inner_text()
        return any(str(number) in digits for number in range(40, 60))

    until(counted, 90, 0.5)
    ada.picture("journey-traffic")


def _invite(ada: Visitor, email: str) -> None:
    team = ada.page.evaluate("localStorage.getItem('clouddeck.team')")
    origin = ada.page.evaluate("location.origin")
    ada.open(f"{origin}/teams/{team}/members")
    ada.press("Invite somebody")
    ada.fill("E-mail", email)
    ada.press("Send the invitation")
    ada.sees("A mail is on its way")
    ada.sees(email)


def _simulate(ada: Visitor, email: str) -> None:
    team = ada.page.evaluate("localStorage.getItem('clouddeck.team')")
    origin = ada.page.evaluate("location.origin")
    ada.open(f"{origin}/teams/{team}/policies")
    ada.fill("Who", email)
    ada.press("Ask")
    ada.sees("Allowed")
    ada.picture("journey-policies")
    ada.fits()
