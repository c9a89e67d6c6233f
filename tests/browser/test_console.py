"""The console in a real browser: sign in, protect the account, lose it, get invited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests.browser.devtools import Browser
from tests.e2e.cloud import ROOT, Cloud, until

ARTIFACTS = ROOT / "tests" / "artifacts"
PASSWORD = "a horse that nobody knows"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    found = Cloud(tmp_path_factory.mktemp("console") / "home")
    try:
        found.up()
        assert found.api.token  # before the account has a second factor
        yield found
    finally:
        found.down()


@pytest.fixture
def page(chromium: str, cloud: Cloud, tmp_path: Path) -> Iterator[Browser]:
    with Browser(chromium, tmp_path / "profile") as found:
        found.authenticator()
        yield found


def picture(name: str) -> Path:
    """Where a picture for people goes."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS / f"{name}.png"


def sign_in(page: Browser, cloud: Cloud, email: str, password: str) -> None:
    page.open(f"{cloud.url}/#/sign-in")
    page.fill("email", email)
    page.fill("password", password)
    page.press("Sign in")


def mailed(cloud: Cloud, address: str, word: str) -> str:
    """The newest link with this word that an address was sent."""

    def newest() -> str:
        for path in sorted((cloud.home / "mail").glob("*.eml"), reverse=True):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            found: Any = re.search(rf"http\S+#/{word}\S+", str(mail.get_content()))
            if mail["To"] == address and found:
                return str(found[0])
        return ""

    return str(until(newest, 90))


def older(cloud: Cloud) -> None:
    """Every session proved who it is an hour ago."""
    database = cloud.database()
    for item in database.scan(TableName="clouddeck-core")["Items"]:
        if item["pk"]["S"].startswith("SESSION#"):
            database.update_item(
                TableName="clouddeck-core",
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET proved_at = proved_at - :hour, mfa_at = mfa_at - :hour",
                ExpressionAttributeValues={":hour": {"N": "3600"}},
            )


def test_the_first_page_says_how_it_is(page: Browser, cloud: Cloud) -> None:
    page.open(cloud.url)
    page.sees("The API answers")
    page.sees(f"deck login --api {cloud.url}")
    page.picture(picture("console-home"))


def test_a_wrong_password_is_told_where_it_was_typed(page: Browser, cloud: Cloud) -> None:
    sign_in(page, cloud, "owner@localhost", "not the password")
    page.sees("E-mail or password is wrong.")


def test_passkey_authenticator_and_fresh_proof(page: Browser, cloud: Cloud) -> None:
    """One account's life: a password, then a passkey without it, then both factors and a dialog."""
    sign_in(page, cloud, "owner@localhost", cloud.owner["password"])
    page.sees("Only a password protects this account.")

    page.press("Add a passkey")
    page.sees("Recovery codes")
    page.press("I have kept them")
    page.sees("Passkey of")
    page.press("Sign out")

    page.press("With a passkey")
    page.sees("Sessions")
    page.press("Add an authenticator")
    page.sees("Put this key into your authenticator")
    secret = str(page.run("document.querySelector('[data-secret]').innerText"))
    code = pyotp.TOTP(secret)
    page.fill("code", code.now())
    page.press("Confirm")
    page.sees("totp")
    page.picture(picture("console-account"))
    page.press("Sign out")

    sign_in(page, cloud, "owner@localhost", cloud.owner["password"])
    page.sees("One more proof")
    page.press("Use a passkey")
    page.sees("Second factors and passkeys")

    older(cloud)
    page.press("New recovery codes")
    page.sees("Is it you?")
    page.press("Cancel")
    page.sees("Nothing was changed.")
    page.press("New recovery codes")
    page.sees("Is it you?")
    page.press("Use a passkey")
    page.sees("Each works once")


def test_an_invitation_becomes_an_account(page: Browser, cloud: Cloud) -> None:
    """Somebody is invited by mail, makes an account, forgets the password, and comes back."""
    address = "eve@example.com"
    api = cloud.api
    team = api.get("/me")["teams"][0]["id"]
    api.post(f"/teams/{team}/invitations", {"email": address, "role": "viewer"})
    page.open(mailed(cloud, address, "invitations"))
    page.sees("You are invited to")
    page.press("Make an account")
    page.fill("name", "Eve")
    page.fill("email", address)
    page.fill("password", PASSWORD)
    page.press("Make it")
    page.sees("Look into your mail")

    page.open(f"{cloud.url}/#/forgot")
    page.fill("email", address)
    page.press("Send a link")
    page.sees("a link is on its way")
    page.open(mailed(cloud, address, "reset"))
    page.fill("password", PASSWORD + "!")
    page.press("Keep it")
    page.sees("Every session of yours was ended.")
    sign_in(page, cloud, address, PASSWORD + "!")
    page.sees("viewer")


def test_pages_fit_a_phone(page: Browser, cloud: Cloud) -> None:
    page.send(
        "Emulation.setDeviceMetricsOverride",
        width=360,
        height=740,
        deviceScaleFactor=2,
        mobile=True,
    )
    for path in ("#/", "#/sign-in", "#/forgot", "#/device"):
        page.open(f"{cloud.url}/{path}")
        page.sees("CloudDeck")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert page.run(wide) is False, path
