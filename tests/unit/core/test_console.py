"""Where the console is: a setting, else what the installer told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core import console
from chalicelib.core.config import settings


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    console._known.clear()
    monkeypatch.setattr(console, "settings", lambda: replace(settings(), console_url=""))
    yield
    console._known.clear()


def test_there_is_none(database):
    assert console.console_url() == ""


def test_a_setting_wins(monkeypatch):
    monkeypatch.setattr(
        console, "settings", lambda: replace(settings(), console_url="https://c.example")
    )
    assert console.console_url() == "https://c.example"


def test_what_the_installer_told_is_read_once(database):
    console.tell("https://d1.cloudfront.net/")
    assert console.console_url() == "https://d1.cloudfront.net"
    console.ConsoleRow("INSTALLATION", "CONSOLE", url="https://other").save()
    assert console.console_url() == "https://d1.cloudfront.net"
    console.tell("https://d2.cloudfront.net")
    assert console.console_url() == "https://d2.cloudfront.net"
