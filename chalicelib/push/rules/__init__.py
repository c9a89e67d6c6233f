"""Rules of web push: which events there are, and what a notification says."""

from chalicelib.push.rules.browsers import (
    FAILING_DAYS,
    MOST_BROWSERS,
    MOST_TEAMS,
    browser_name,
    wants,
)
from chalicelib.push.rules.notices import EVENTS, Event, Notice, notice_of

__all__ = [
    "EVENTS",
    "FAILING_DAYS",
    "MOST_BROWSERS",
    "MOST_TEAMS",
    "Event",
    "Notice",
    "browser_name",
    "notice_of",
    "wants",
]
