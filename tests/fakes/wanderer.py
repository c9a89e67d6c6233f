"""A browser that goes out to an identity provider over HTTP and comes back to the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from chalicelib.accounts.rules import pkce
from tests.fakes.client import Answer, Client

BACK = "http://127.0.0.1:53211/back"


@dataclass
class Wanderer:
    """One browser, and the PKCE verifier of the client that opened it."""

    api: Client
    verifier: str
    return_to: str = BACK

    @classmethod
    def new(cls, api: Client, return_to: str = BACK) -> Wanderer:
        """A browser with a verifier of its own."""
        return cls(api, pkce.new_verifier(), return_to)

    def start(self, path: str, **more: Any) -> Answer:
        """Ask for the address to go to."""
        body = {"return_to": self.return_to, "challenge": pkce.challenge_of(self.verifier), **more}
        return self.api.post(path, body)

    def leave(self, path: str, **more: Any) -> str:
        """The address to go to."""
        answer = self.start(path, **more)
        assert answer.status == 200, answer.text
        return str(answer.json()["url"])

    def choose(self, url: str, person: str) -> str:
        """What the provider sends the browser back to, as a path of the API; empty = refused."""
        page = requests.get(url, allow_redirects=False, timeout=5)
        if page.status_code == 200:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
            page = requests.post(
                url.partition("?")[0],
                {**asked, "person": person},
                allow_redirects=False,
                timeout=5,
            )
        assert page.status_code == 302, page.text
        back = urlsplit(page.headers["Location"])
        return f"{back.path}?{back.query}"

    def come_back(self, path: str) -> dict[str, str]:
        """What stands in the query of the address that the API sends the browser to."""
        answer = self.api.get(path)
        assert answer.status == 302, answer.text
        location = answer.headers["Location"]
        assert location.startswith(self.return_to), location
        found = parse_qs(urlsplit(location).query)
        return {name: values[0] for name, values in found.items()}

    def travel(self, path: str, person: str) -> dict[str, str]:
        """Out and back."""
        return self.come_back(self.choose(self.leave(path), person))

    def exchange(self, code: str, **more: Any) -> Answer:
        """Prove to be the client that began."""
        return self.api.post("/v1/auth/exchange", {"code": code, "verifier": self.verifier, **more})

    def sign_in(self, provider: str, person: str) -> Answer:
        """All of it."""
        back = self.travel(f"/v1/auth/providers/{provider}/start", person)
        return self.exchange(back["code"])
