"""The installer's question for the owner: made once, reset when the password is lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core import console
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.observe import logger
from chalicelib.identity import actions as identity
from chalicelib.teams import actions as teams
from functions.install import owner

pytestmark = pytest.mark.usefixtures("database", "services")
ADA = {"email": "Ada@Example.com", "name": "Ada"}


def test_the_first_call_makes_the_owner() -> None:
    made = owner.handler(ADA, None)
    assert made["created"] is True
    assert made["email"] == "ada@example.com"
    tokens = identity.login("ada@example.com", made["password"])
    actor = identity.authenticate(tokens.access_token)
    user = identity.user_by_email("ada@example.com")
    assert user is not None
    assert (actor.user, user.name) == (user.id, "Ada")
    mine, _ = teams.list_teams(actor)
    assert [team.role for team in mine] == ["owner"]


def test_later_calls_change_nothing() -> None:
    password = owner.handler(ADA, None)["password"]
    wanted = {"created": False, "email": "ada@example.com", "password": None}
    assert owner.handler(ADA, None) == wanted
    assert owner.handler({"email": "eve@example.com"}, None) == wanted
    assert owner.handler({}, None) == wanted
    assert identity.user_by_email("eve@example.com") is None
    identity.login("ada@example.com", password)


def test_an_account_that_was_there_keeps_its_password() -> None:
    teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    made = owner.handler(ADA, None)
    assert made == {"created": False, "email": "ada@example.com", "password": None}
    identity.login("ada@example.com", "correct horse battery")
    assert owner.handler({"reset": True}, None)["email"] == "ada@example.com"


def test_two_installers_at_once_make_one_owner() -> None:
    answers: list[dict[str, Any]] = []
    emails = ["ada@example.com", "bob@example.com"] * 2

    def ask(email: str) -> None:
        answers.append(owner.handler({"email": email}, None))

    threads = [threading.Thread(target=ask, args=(email,)) for email in emails]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    told = {answer["email"] for answer in answers}
    assert len(told) == 1
    with_password = [answer for answer in answers if answer["password"]]
    assert len(with_password) <= 1
    for answer in with_password:
        identity.login(answer["email"], answer["password"])


def test_a_reset_gives_a_new_password_and_ends_the_sessions() -> None:
    first = owner.handler(ADA, None)["password"]
    sessions = [identity.login("ada@example.com", first) for _ in range(3)]
    again = owner.handler({"reset": True}, None)
    assert again["created"] is False
    assert again["email"] == "ada@example.com"
    assert again["password"] not in {None, first}
    with pytest.raises(Unauthenticated):
        identity.login("ada@example.com", first)
    for tokens in sessions:
        with pytest.raises(Unauthenticated):
            identity.authenticate(tokens.access_token)
        with pytest.raises(Unauthenticated):
            identity.refresh(tokens.refresh_token)
    fresh = identity.login("ada@example.com", again["password"])
    assert identity.authenticate(fresh.access_token).user


def test_a_reset_before_there_is_an_owner() -> None:
    with pytest.raises(LookupError, match="no owner yet"):
        owner.handler({"reset": True}, None)


@pytest.mark.parametrize("event", [{}, {"email": ""}, {"email": "x"}, {"email": None}])
def test_a_bad_address_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        owner.handler(event, None)


def test_passwords_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    ours = logging.getLogger(logger().name)
    before = ours.level
    ours.setLevel(logging.DEBUG)
    ours.addHandler(caplog.handler)
    try:
        passwords = [owner.handler(event, None)["password"] for event in (ADA, {"reset": True})]
    finally:
        ours.removeHandler(caplog.handler)
        ours.setLevel(before)
    assert {record.message for record in caplog.records} == {"owner_made", "owner_reset"}
    said = repr([vars(record) for record in caplog.records])
    assert all(password and password not in said for password in passwords)


@pytest.fixture
def forgotten() -> Iterator[None]:
    console._known.clear()
    yield
    console._known.clear()


@pytest.mark.usefixtures("forgotten")
def test_the_installer_tells_where_the_console_is() -> None:
    """Before and after there is an owner; the second time it has moved."""
    assert owner.handler({"console": "https://d1.cloudfront.net"}, None) == {"told": True}
    assert console.console_url() == "https://d1.cloudfront.net"
    password = owner.handler(ADA, None)["password"]
    assert owner.handler({"console": "https://d2.cloudfront.net/"}, None) == {"told": True}
    assert console.console_url() == "https://d2.cloudfront.net"
    identity.login("ada@example.com", password)
