"""Browsers that get notifications: how many, what each wants, what people call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_BROWSERS = 10
"""Per person."""

MOST_TEAMS = 50
FAILING_DAYS = 7
"""A push service that took nothing for so long gets nothing more."""

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def wants(browser: Mapping[str, Any], event: str, team: str) -> bool:
    """Whether a browser is to be told of an event of a team; no teams stand for all of them."""
    return event in browser["events"] and (not browser["teams"] or team in browser["teams"])


def browser_name(agent: str) -> str:
    """What a person recognises in a User-Agent, such as `Firefox on Linux`."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
