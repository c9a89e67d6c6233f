"""guard, purge and backends: what they ask for, and what they show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli import fake_api

EMPTY: dict[str, Any] = {
    "addresses": {"allow": [], "deny": []},
    "countries": {"allow": [], "deny": []},
    "bots": {"known": "off", "unnamed": "off", "agents": []},
    "rates": [],
    "under_attack": False,
}
ORIGIN = {
    "backend": "api",
    "name": "eu",
    "url": "https://eu.example.com",
    "weight": 60,
    "named": True,
    "check": "https://eu.example.com/up",
    "healthy": False,
    "failures": 3,
    "status": 503,
    "milliseconds": 12,
    "why": "It answered 503.\x1b[2J",
    "since": fake_api.NOW,
    "checked_at": fake_api.NOW,
}


@pytest.fixture
def kept(signed_in, monkeypatch):
    """The guard that the API keeps, and the purges that it was asked for."""
    state: dict[str, Any] = {"guard": EMPTY | {"version": 7}, "purges": []}

    def put(handler, *_):
        body = handler.body
        if body.get("version") not in {None, state["guard"]["version"]}:
            return 409, {"code": "conflict", "detail": "stale", "title": "x", "status": 409}
        state["guard"] = EMPTY | body | {"version": state["guard"]["version"] + 1}
        return 200, state["guard"]

    def purge(handler, *_):
        state["purges"].append(handler.body)
        return 202, handler.body

    routes = [
        ("GET", f"{fake_api.P}/guard", True, lambda *_: (200, state["guard"])),
        ("PUT", f"{fake_api.P}/guard", True, put),
        ("POST", f"{fake_api.P}/purge", True, purge),
        (
            "GET",
            f"{fake_api.P}/backends",
            True,
            lambda *_: (200, {"items": [ORIGIN], "next": None}),
        ),
    ]
    monkeypatch.setattr(fake_api, "ROUTES", [*routes, *fake_api.ROUTES])
    return state


def test_a_guard_is_built_up_and_cleared(deck, linked, kept):
    assert "refuses nothing" in deck("guard", "show").stdout
    deck("guard", "deny", "203.0.113.0/24", "fr")
    shown = deck("guard", "deny", "198.51.100.1", "--json").json
    assert shown["addresses"]["deny"] == ["198.51.100.1", "203.0.113.0/24"]
    assert shown["countries"]["deny"] == ["FR"]
    assert deck("guard", "deny", "FR", "--undo", "--json").json["countries"]["deny"] == []
    assert deck("guard", "allow", "192.0.2.1", "--json").json["addresses"]["allow"] == ["192.0.2.1"]
    said = deck("guard", "rate", "login", "--path", "/login", "--limit", "20", "--window", "60")
    assert "rate login: 20 in 60 s of /login by ip, else block" in said.stdout
    deck("guard", "rate", "login", "--limit", "30")
    assert [one["limit"] for one in kept["guard"]["rates"]] == [30]
    assert deck("guard", "rate", "login", "--off", "--json").json["rates"] == []
    assert deck("guard", "bots", "--known", "block", "--json").json["bots"]["known"] == "block"
    assert "under attack" in deck("guard", "attack").stdout
    assert kept["guard"]["addresses"]["deny"]  # the rest stays
    assert "under attack" not in deck("guard", "attack", "--off").stdout
    assert "refuses nothing" in deck("guard", "clear").stdout


def test_a_guard_from_a_file_and_one_that_is_none(deck, linked, kept, tmp_path):
    good, bad = tmp_path / "guard.json", tmp_path / "list.json"
    good.write_text(json.dumps(EMPTY | {"under_attack": True}))
    bad.write_text("[]")
    assert deck("guard", "set", str(good), "--json").json["under_attack"] is True
    deck("guard", "set", str(bad), code=2)
    deck("guard", "set", str(tmp_path / "none"), code=2)
    good.write_text(json.dumps(EMPTY | {"version": 1}))
    assert "stale" in deck("guard", "set", str(good), code=2).stderr  # somebody was faster


def test_purging(deck, linked, kept):
    assert "forgotten" in deck("purge", "/api/*", "--tag", "news").stdout
    deck("purge", "--all")
    assert kept["purges"] == [
        {"paths": ["/api/*"], "tags": ["news"], "everything": False},
        {"paths": [], "tags": [], "everything": True},
    ]
    deck("purge", code=2)


def test_backends(deck, linked, kept):
    said = deck("backends").stdout
    assert "api.eu" in said
    assert "down" in said
    assert "60 + named" in said
    assert "\x1b" not in said
    assert deck("backends", "--json").json["items"] == [ORIGIN]
