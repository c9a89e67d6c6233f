"""Counters of wrong answers, and the networks that somebody signed in from."""

from __future__ import annotations

from hashlib import sha256

from pynamodb.attributes import NumberAttribute

from chalicelib.core.table import CoreRow, find


class FailureRow(CoreRow):
    """Attempts of a kind in one window: `LOGIN#hash of what#window` / `META`."""

    made = NumberAttribute(default=0)


class PlaceRow(CoreRow):
    """Somebody signed in from a network: `PLACE#hash of e-mail and network` / `META`."""


def failures(what: str, window: int) -> FailureRow:
    """The counter of something in a window; an e-mail in it is not stored."""
    return FailureRow(f"LOGIN#{sha256(what.encode()).hexdigest()}#{window}", "META")


def new_place(email: str, network: str, until: int) -> PlaceRow:
    """A network that somebody signs in from; not saved yet."""
    return PlaceRow(_place(email, network), "META", ttl=until)


def knows_place(email: str, network: str) -> bool:
    """Whether somebody of this address signed in from there before."""
    return find(PlaceRow, _place(email, network)) is not None


def _place(email: str, network: str) -> str:
    return f"PLACE#{sha256(f'{email} {network}'.encode()).hexdigest()}"
