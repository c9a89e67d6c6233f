"""previews, pulls, approve."""

from __future__ import annotations

import pytest

from tests.unit.cli import fake_api
from tests.unit.cli.fake_api import dpl

COMMIT = "e" * 40
PULL = {
    "number": 7,
    "state": "open",
    "merged": False,
    "title": "Hello\x1b[2J",
    "author": "eve",
    "branch": "main",
    "base": "main",
    "repository": "eve/site",
    "fork": True,
    "commit": COMMIT,
    "trust": "untrusted",
    "why": "It comes from a fork.",
    "preview": "waiting",
    "deployment": None,
    "provider": "github",
    "opened_at": "",
    "updated_at": "",
}
ALIAS = {
    "alias": "pr-7",
    "kind": "pull",
    "of": "7",
    "url": "http://pr-7--site.localhost:8081",
    "deployment": dpl(1),
    "moved_at": "",
}


@pytest.fixture
def told(signed_in, monkeypatch):
    """What the API was told, and routes of pull requests and aliases."""
    wishes: list[tuple[str, object]] = []

    def approved(handler, _project, number):
        wishes.append((number, handler.body))
        return 200, {**PULL, "trust": "approved", "preview": "built", "deployment": dpl(2)}

    routes = [
        ("GET", f"{fake_api.P}/pulls", False, lambda *_: (200, {"items": [PULL], "next": None})),
        ("GET", f"{fake_api.P}/aliases", False, lambda *_: (200, {"items": [ALIAS], "next": None})),
        ("POST", f"{fake_api.P}/pulls/([0-9]+)/approve", True, approved),
    ]
    monkeypatch.setattr(fake_api, "ROUTES", [*fake_api.ROUTES, *routes])
    return wishes


def test_addresses_that_follow(deck, linked, told):
    text = deck("previews").stdout
    assert "http://pr-7--site.localhost:8081" in text
    assert deck("previews", "--json").json["items"][0]["alias"] == "pr-7"


def test_pull_requests_say_who_is_trusted_and_write_no_codes(deck, linked, told):
    text = deck("pulls").stdout
    assert "waiting" in text
    assert "untrusted" in text
    assert "\x1b" not in text


def test_an_approval_is_for_the_commit_that_was_read(deck, linked, told):
    refused = deck("approve", "7", code=2)
    assert "Nobody is here to be asked" in refused.stderr
    assert told == []
    assert dpl(2) in deck("approve", "7", "--yes").stdout
    deck("approve", "7", "--commit", "f" * 40)
    assert told == [("7", {"commit": COMMIT}), ("7", {"commit": "f" * 40})]
    assert "no whole id" in deck("approve", "7", "--commit", "eeeeeee", code=2).stderr
    assert "no open pull request 8" in deck("approve", "8", code=2).stderr
