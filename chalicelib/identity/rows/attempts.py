"""Counters of wrong answers."""

from __future__ import annotations

from hashlib import sha256

from pynamodb.attributes import NumberAttribute

from chalicelib.core.table import CoreRow


class FailureRow(CoreRow):
    """Attempts to sign in as somebody in one window: `LOGIN#hash of e-mail#window` / `META`."""

    made = NumberAttribute(default=0)


def failures(email: str, window: int) -> FailureRow:
    """The counter of an e-mail in a window; the e-mail itself is not stored."""
    return FailureRow(f"LOGIN#{sha256(email.encode()).hexdigest()}#{window}", "META")
