"""From an access request to an account, a forgotten password and another address, by `deck`.

The letters are those that `python -m adapters.local mail` shows.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.asking import until
from tests.e2e.cloud import Cloud
from tests.e2e.person import Person
from tests.e2e.surroundings import ROOT

ADA, GRACE = "ada.e2e@example.com", "grace.e2e@example.com"
FIRST, SECOND = "a first long password", "a second long password"


@pytest.fixture(scope="module")
def ada(cloud: Cloud) -> Person:
    """Somebody without an account, on a computer of their own."""
    somebody = Person(cloud, cloud.home.parent / "ada")
    somebody.environment  # noqa: B018  # makes the home folder
    return somebody


def deck(somebody: Person, *arguments: str, given: str = "", code: int = 0) -> Any:
    api = ("--api", somebody.cloud.url)
    return somebody.deck(somebody.home, *arguments, *api, given=given, code=code)


def letter(somebody: Person, to: str, kind: str) -> str:
    """The token in the newest letter of a kind, when it has come."""
    found: list[str] = []

    def came() -> bool:
        python = str(ROOT / ".venv" / "bin" / "python")
        shown = somebody.run(ROOT, python, "-m", "adapters.local", "mail", "--json")
        mails = json.loads(shown.stdout or "[]")
        found[:] = [m["text"] for m in mails if (m["to"], m["kind"]) == (to, kind)]
        return bool(found)

    until(came, 30)
    token = re.search(r"(?:verify|--token|--invitation) ([\w-]{43})\b", found[-1])
    return token[1] if token else ""


def sign_in(somebody: Person, email: str, password: str, code: int = 0) -> Any:
    given = f"{password}\n"
    return deck(somebody, "login", "--email", email, "--password-stdin", given=given, code=code)


def test_sign_up(ada: Person, person: Person) -> None:
    asked = ("signup", "--email", ADA, "--name", "Ada", "--password-stdin")
    closed = deck(ada, *asked, given=f"{FIRST}\n", code=2)
    assert closed["error"]["code"] == "sign_up_closed"
    person.sign_in()
    person.deck(person.home, "admin", "settings", "--sign-up", "open")
    deck(ada, *asked, given=f"{FIRST}\n")
    token = letter(ada, ADA, "verify_email")
    assert sign_in(ada, ADA, FIRST, code=2)["error"]["code"] == "account_pending"
    assert deck(ada, "confirm", token)["email"] == ADA
    assert sign_in(ada, ADA, FIRST)["user"]["verified"] is True


def test_forgotten_password(ada: Person) -> None:
    deck(ada, "reset", ADA)
    token = letter(ada, ADA, "reset_password")
    deck(ada, "reset", "--token", token, "--password-stdin", given=f"{SECOND}\n")
    assert deck(ada, "whoami", code=3)["error"]["code"]
    assert sign_in(ada, ADA, FIRST, code=3)["error"]["code"] == "login_failed"
    sign_in(ada, ADA, SECOND)


def test_another_address_and_another_password(ada: Person) -> None:
    moved = "ada.moved@example.com"
    deck(ada, "profile", "--email", moved, "--name", "Ada L")
    deck(ada, "confirm", letter(ada, moved, "change_email"))
    letter(ada, ADA, "email_changed")
    assert deck(ada, "profile")["user"]["email"] == moved
    deck(ada, "password", "--password-stdin", given=f"{SECOND}\n{FIRST}\n")
    assert deck(ada, "profile")["user"]["name"] == "Ada L"
    sign_in(ada, moved, FIRST)


def test_access_request(ada: Person, person: Person) -> None:
    person.sign_in()
    person.deck(person.home, "admin", "settings", "--sign-up", "request")
    options = ("--name", "Grace", "--organisation", "Acme", "--reason", "to deploy")
    deck(ada, "access", "request", "--email", GRACE, *options)
    waiting = person.deck(person.home, "admin", "requests")["items"]
    (found,) = [one for one in waiting if one["email"] == GRACE]
    person.deck(person.home, "admin", "requests", "--approve", found["id"])
    invited = ("--invitation", letter(ada, GRACE, "access_approved"), "--password-stdin")
    deck(ada, "signup", "--email", GRACE, "--name", "Grace", *invited, given=f"{FIRST}\n")
    assert sign_in(ada, GRACE, FIRST)["user"]["status"] == "active"
    person.deck(person.home, "admin", "settings", "--sign-up", "invite")
