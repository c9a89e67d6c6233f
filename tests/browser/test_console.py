"""An account's life at the console: sign in, protect it, lose the password, get invited."""

from __future__ import annotations

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, mailed
from tests.e2e.cloud import Cloud
from tests.e2e.surroundings import EMAIL

PASSWORD = "a horse that nobody knows"
HOUR = {":hour": {"N": "3600"}}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    found = Cloud(tmp_path_factory.mktemp("console") / "home")
    try:
        found.up()
        assert found.api.token  # before the account has a second factor
        yield found
    finally:
        found.down()


def older(cloud: Cloud) -> None:
    """Every session proved who it is an hour ago."""
    database = cloud.database()
    for item in database.scan(TableName="clouddeck-core")["Items"]:
        if item["pk"]["S"].startswith("SESSION#"):
            database.update_item(
                TableName="clouddeck-core",
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET proved_at = proved_at - :hour, mfa_at = mfa_at - :hour",
                ExpressionAttributeValues=HOUR,
            )


def sign_out(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Your account").click()
    visitor.press("Sign out")
    visitor.page.wait_for_url("**/sign-in*")


def security(visitor: Visitor, cloud: Cloud) -> None:
    """The page by which an account is protected, once somebody is in."""
    visitor.page.wait_for_url("**/teams/*")
    visitor.open(f"{cloud.url}/account/security")


def test_a_wrong_password_is_told_where_it_was_typed(visitor: Visitor, cloud: Cloud) -> None:
    visitor.sign_in(cloud, EMAIL, "not the password")
    visitor.sees("E-mail or password is wrong.")


def test_whoever_is_not_signed_in_comes_back_afterwards(visitor: Visitor, cloud: Cloud) -> None:
    """A link from elsewhere leads to the sign-in first, and from there to what it named."""
    visitor.open(f"{cloud.url}/account/security")
    visitor.page.wait_for_url("**/sign-in?to=*")
    visitor.fill("E-mail", EMAIL)
    visitor.fill("Password", cloud.owner["password"])
    visitor.press("Sign in")
    visitor.sees("Only a password protects this account.")
    assert visitor.page.url == f"{cloud.url}/account/security"


def test_passkey_authenticator_and_fresh_proof(visitor: Visitor, cloud: Cloud) -> None:
    """A password, then a passkey without it, then both factors and the dialog that asks again."""
    visitor.authenticator()
    visitor.sign_in(cloud, EMAIL, cloud.owner["password"])
    security(visitor, cloud)
    visitor.press("Add a passkey")
    visitor.sees("Recovery codes")
    visitor.press("I have kept them")
    visitor.sees("Passkey of")
    sign_out(visitor)

    visitor.press("With a passkey")
    security(visitor, cloud)
    visitor.press("Add an authenticator")
    visitor.sees("Put this key into your authenticator")
    dialog = visitor.page.get_by_role("dialog", name="Add an authenticator")
    code = pyotp.TOTP(dialog.locator(".mono").first.inner_text())
    visitor.fill("Code", code.now())
    visitor.picture("account-authenticator")
    visitor.press("Confirm")
    expect(dialog).to_have_count(0)
    visitor.picture("account-security")
    sign_out(visitor)

    visitor.sign_in(cloud, EMAIL, cloud.owner["password"])
    visitor.sees("One more proof")
    visitor.picture("account-second-factor")
    visitor.press("Use a passkey")
    security(visitor, cloud)

    visitor.sees("recovery codes are left")
    older(cloud)
    visitor.press("New recovery codes")
    visitor.sees("Is it you?")
    visitor.picture("account-step-up")
    visitor.press("Cancel")
    visitor.sees("Nothing was changed.")
    visitor.press("New recovery codes")
    visitor.sees("Is it you?")
    visitor.press("Use a passkey")
    visitor.sees("Each works once")
    visitor.press("I have kept them")


def test_an_invitation_becomes_an_account(visitor: Visitor, cloud: Cloud) -> None:
    """Somebody is invited by mail, makes an account, forgets the password, and comes back."""
    address = "eve@example.com"
    team = cloud.api.get("/me")["teams"][0]
    cloud.api.post(f"/teams/{team['id']}/invitations", {"email": address, "role": "viewer"})
    visitor.open(mailed(cloud, address, "invitations"))
    visitor.sees("You are invited to")
    visitor.picture("account-invitation")
    visitor.press("Make an account")
    visitor.fill("Name", "Eve")
    visitor.fill("Password", PASSWORD)
    visitor.press("Make it")
    visitor.page.wait_for_url("**/teams/*")
    sign_out(visitor)

    visitor.press("Forgot the password?")
    visitor.page.wait_for_url("**/forgot")
    visitor.fill("E-mail", address)
    visitor.press("Send a link")
    visitor.sees("a link is on its way")
    visitor.open(mailed(cloud, address, "reset"))
    visitor.fill("New password", PASSWORD + "!")
    visitor.press("Keep it")
    visitor.sees("Every session of yours was ended.")
    visitor.sign_in(cloud, address, PASSWORD + "!")
    visitor.page.wait_for_url("**/teams/*")
    visitor.open(f"{cloud.url}/teams/{team['slug']}/members")
    row = visitor.page.get_by_role("main").get_by_text(address)
    expect(row.first).to_be_visible()
