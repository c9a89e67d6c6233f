"""Accounts to test with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from tests.fakes.client import Client

PASSWORD = "correct horse battery"


@dataclass
class Person:
    """Somebody who is signed in."""

    id: str
    email: str
    team: str
    client: Client
    tokens: dict[str, Any]


def person(api: Client, email: str | None = None) -> Person:
    """A new account with its personal team, signed in."""
    from chalicelib.teams.actions import create_owner_account

    email = email or f"{secrets.token_hex(4)}@example.com"
    user = create_owner_account(email, "Ada", PASSWORD)
    tokens = api.post("/v1/auth/login", {"email": email, "password": PASSWORD}).json()
    return Person(user.id, email, user.home, api.with_token(tokens["access_token"]), tokens)


def member(api: Client, of: Person, role: str) -> Person:
    """Somebody else, who has this role in the personal team of `of`."""
    from chalicelib.teams.actions import Membership, add_member

    somebody = person(api)
    add_member(Membership(of.team, of.id, "owner"), somebody.id, role)
    return somebody


def api_key(of: Person, **options: Any) -> Client:
    """A client with a new API key of `of`."""
    answer = of.client.post("/v1/keys", {"name": "test", "team": of.team, **options})
    assert answer.status == 201, answer.text
    return of.client.with_token(answer.json()["secret"])
