"""Teams with single sign-on to test with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.client import Answer, Client
from tests.fakes.nameserver import Nameserver
from tests.fakes.people import Person
from tests.fakes.saml_idp import Question, read_question

RETURN_TO = "http://127.0.0.1:49152/done"


def prove(owner: Person, names: Nameserver, domain: str) -> None:
    """Prove a domain for the team of `owner`, through the API and DNS."""
    claimed = owner.client.post(f"/v1/teams/{owner.team}/sso/domains", {"domain": domain})
    assert claimed.status == 201, claimed.text
    names.texts[claimed.json()["record_name"]] = [claimed.json()["record_value"]]
    done = owner.client.post(f"/v1/teams/{owner.team}/sso/domains/{domain}/verify")
    assert done.status == 200, done.text
    assert done.json()["state"] == "proven"


def new_domain() -> str:
    """A domain that nobody has."""
    return f"corp-{secrets.token_hex(4)}.com"


@dataclass
class Attempt:
    """A sign-in that was begun: the client's secret, and what the browser carries."""

    verifier: str
    url: str

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def question(self) -> Question:
        """What SAML asks."""
        return read_question(self.query["SAMLRequest"])


def begin(api: Client, **whose: Any) -> Attempt:
    """Begin to sign in by a team's provider."""
    from chalicelib.accounts.rules.pkce import challenge_of, new_verifier

    verifier = new_verifier()
    answer = api.post(
        "/v1/auth/sso/start",
        {"return_to": RETURN_TO, "challenge": challenge_of(verifier), **whose},
    )
    assert answer.status == 200, answer.text
    return Attempt(verifier, answer.json()["url"])


def post_answer(api: Client, saml_response: str, relay_state: str) -> Answer:
    """What the browser posts on behalf of an identity provider."""
    return api.call(
        "POST",
        "/v1/auth/saml/acs",
        raw=urlencode({"SAMLResponse": saml_response, "RelayState": relay_state}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


def came_back(answer: Answer) -> dict[str, str]:
    """What the browser carries back to the client that began: a `code` or an `error`."""
    assert answer.status == 302, answer.text
    location = answer.headers["Location"]
    assert location.startswith(RETURN_TO), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchange(api: Client, attempt: Attempt, code: str) -> Answer:
    """Trade the code for tokens."""
    return api.post("/v1/auth/exchange", {"code": code, "verifier": attempt.verifier})
