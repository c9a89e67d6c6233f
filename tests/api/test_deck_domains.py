"""`deck domains`, `deck certificates` and `deck dns`, on the real API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.context import Deck
from tests.api.test_deck_teams import deck
from tests.fakes import pems
from tests.fakes.domains import HOST

__all__ = ["deck"]  # a fixture


@pytest.fixture
def here(project: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder that is linked with the project."""
    linked = type("Link", (), {"project": project})()
    monkeypatch.setattr(Deck, "link", lambda _self: linked)
    return project


def test_from_the_zone_to_the_end(
    deck: Any, owner: Any, here: str, services: Any, names: Any
) -> None:
    servers = deck(owner, "dns", "add", "shop-one.com").stdout.splitlines()
    assert servers == ["ns1.domains.example.net", "ns2.domains.example.net"]
    said = deck(owner, "dns", "set", "shop-one.com", "@", "mx", "10 mail.shop-one.com").stdout
    assert said == "shop-one.com  MX  10 mail.shop-one.com\n"
    names.texts[f"_clouddeck-challenge.{HOST}"] = ["not yet"]
    made = deck(owner, "domains", "add", HOST, "--apply", "--json").json
    assert made["state"] == "ownership_pending"
    listed = deck(owner, "dns", "list", "shop-one.com").stdout
    record = next(r for r in made["records"] if r["type"] == "TXT")
    assert record["value"] in listed
    assert record["value"] in deck(owner, "domains", "show", HOST).stdout, "whole, to be copied"

    names.texts[record["name"]] = [record["value"]]
    assert f"{HOST}  active" in deck(owner, "domains", "check", HOST).stdout
    (line,) = deck(owner, "domains", "list").stdout.splitlines()
    assert line.split("\t")[:2] == [HOST, "active"]
    assert deck(owner, "certificates").stdout.split("\t")[:3] == [HOST, "active", "managed"]
    assert deck(owner, "domains", "set", HOST, "--tls", "1.3", "--json").json["tls"] == "1.3"

    deck(owner, "domains", "remove", HOST, code=2)  # nobody is here to be asked
    deck(owner, "domains", "remove", HOST, "--yes")
    assert deck(owner, "domains", "show", HOST, "--json").json["state"] == "removing"
    deck(owner, "dns", "unset", "shop-one.com", "@", "MX")
    deck(owner, "dns", "remove", "shop-one.com", "--yes")
    assert deck(owner, "dns", "zones", "--json").json == {"items": []}


def test_a_certificate_of_ones_own(
    deck: Any, owner: Any, here: str, services: Any, names: Any, tmp_path: Path
) -> None:
    made = deck(owner, "domains", "add", HOST, "--json").json
    record = next(r for r in made["records"] if r["type"] == "TXT")
    names.texts[record["name"]] = [record["value"]]
    deck(owner, "domains", "check", HOST)
    for name, text in zip(("c", "k", "ch"), pems.pair(HOST), strict=True):
        (tmp_path / name).write_text(text)
    options = ("--cert", "c", "--key", "k", "--chain", "ch")
    done = deck(owner, "domains", "certificate", HOST, *options)
    assert "PRIVATE" not in json.dumps([done.stdout, done.stderr])
    assert HOST in services.domains.installed
    deck(owner, "domains", "certificate", HOST, "--cert", "c", code=2)
    deck(owner, "domains", "certificate", HOST, "--cert", "none", "--key", "k", code=2)
    assert "certificate  own" in deck(owner, "domains", "certificate", HOST).stdout
    deck(owner, "domains", "certificate", HOST, "--managed")
    assert "certificate  managed" in deck(owner, "domains", "certificate", HOST).stdout


def test_redirects(deck: Any, owner: Any, here: str) -> None:
    deck(owner, "domains", "add", "shop-one.com")
    deck(owner, "domains", "add", HOST, "--redirect", "shop-one.com")
    assert "sent to shop-one.com" in deck(owner, "domains", "show", HOST).stdout
    deck(owner, "domains", "redirect", HOST, "--off")
    assert "sent to" not in deck(owner, "domains", "show", HOST).stdout
    deck(owner, "domains", "redirect", HOST, code=2)
