"""The life of a domain: its states, why it is in one, what to do next, when to look again.

    requested -> ownership_pending -> dns_pending -> tenant_creating -> certificate_pending
              -> certificate_issued -> attaching -> active
    active <-> misconfigured;  anything -> conflict | failed | removing -> removed

A domain answers only when its proof was found and its claim was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

State = Literal[
    "requested",
    "ownership_pending",
    "dns_pending",
    "tenant_creating",
    "certificate_pending",
    "certificate_issued",
    "attaching",
    "active",
    "misconfigured",
    "conflict",
    "failed",
    "removing",
    "removed",
]
STATES: tuple[State, ...] = get_args(State)

SETTLED: frozenset[State] = frozenset({"active", "failed", "removed"})
"""Nothing happens in these until a person or the daily check says so."""

SERVED: frozenset[State] = frozenset({"active", "misconfigured"})
LETTERS: frozenset[State] = frozenset({"failed", "misconfigured", "conflict"})
"""What the team hears of by mail."""

FROM_EDGE: dict[str, State] = {
    "absent": "tenant_creating",
    "waiting_dns": "dns_pending",
    "waiting_certificate": "certificate_pending",
    "issued": "certificate_issued",
    "attaching": "attaching",
    "active": "active",
    "misconfigured": "misconfigured",
    "conflict": "conflict",
    "failed": "failed",
    "removing": "removing",
}
"""What a state of the edge (`edge/rules/domains.py`) is to the owner of a domain."""

HOUR = 3600
DAY = 24 * HOUR
PATIENCE = 72 * HOUR
"""Seconds that a state that waits for somebody may last."""

HELD = 24 * HOUR
"""Seconds for which a removed domain can be added again by the same team alone."""

_WAITING: frozenset[State] = frozenset(
    {
        *("requested", "ownership_pending", "dns_pending", "tenant_creating"),
        *("certificate_pending", "certificate_issued", "attaching", "conflict"),
    }
)


@dataclass(frozen=True)
class Meaning:
    """What a state means to a person: why, and what to do next."""

    reason: str
    next_step: str


_MEANING: dict[State, Meaning] = {
    "requested": Meaning("It was added a moment ago.", "Nothing: the first check runs at once."),
    "ownership_pending": Meaning(
        "The record that proves that the domain is yours was not found.",
        "Set the TXT record, then run `deck domains check`.",
    ),
    "dns_pending": Meaning(
        "The domain is yours, but its DNS does not lead here.",
        "Set the record shown below where the domain's DNS is kept.",
    ),
    "tenant_creating": Meaning(
        "The domain is being entered at the edge.", "Nothing: this takes a minute."
    ),
    "certificate_pending": Meaning(
        "The certificate is being made.",
        "Nothing, unless a record or a redirect is shown below: set that.",
    ),
    "certificate_issued": Meaning(
        "The certificate is there and is being attached.", "Nothing: this takes a minute."
    ),
    "attaching": Meaning(
        "The certificate is on its way to every place of the edge.",
        "Nothing: this takes a few minutes.",
    ),
    "active": Meaning("The domain is served over HTTPS.", "Nothing. Leave its records in place."),
    "misconfigured": Meaning(
        "The domain was served, but its DNS leads elsewhere now.",
        "Set the record shown below again, or remove the domain.",
    ),
    "conflict": Meaning(
        "Somebody else has this domain.",
        "Remove it there, or prove it anew by the TXT record; then run `deck domains check`.",
    ),
    "failed": Meaning(
        "It did not come about in time, or was refused.",
        "Correct what the detail says, then run `deck domains check`.",
    ),
    "removing": Meaning("It is being taken off the edge.", "Nothing: this takes some minutes."),
    "removed": Meaning(
        "It is not served any more.", "Add it again if it shall be; remove its DNS records if not."
    ),
}


def meaning(state: State) -> Meaning:
    """Why a domain is in a state, and what its owner does next."""
    return _MEANING[state]


def timed_out(state: State, seconds: float) -> bool:
    """Whether a state that has lasted so long is given up."""
    return state in _WAITING and seconds > PATIENCE


def pause(state: State, seconds: float) -> int:
    """Seconds until the next look at a domain that has been in a state for so long.

    A minute at first, then half as long as it has lasted already, an hour at most; what nobody
    has to do anything about is looked at each minute for the first half an hour.
    """
    if state in {"attaching", "certificate_issued", "removing", "tenant_creating"}:
        return 60 if seconds < HOUR / 2 else 600
    return int(min(HOUR, max(60, seconds / 2)))


def after_edge(before: State, found: str) -> State:
    """The state that follows from what the edge says.

    Before it was served a domain whose DNS leads elsewhere is not misconfigured but waits.
    """
    state = FROM_EDGE[found]
    if state == "misconfigured" and before not in SERVED:
        return "dns_pending"
    if state == "dns_pending" and before in SERVED:
        return "misconfigured"
    return state


ALERTS = (45, 30, 14, 7)
"""Days before its end at which a certificate that nobody renewed is spoken of."""

RENEW_DAYS = 45
"""Days before its end at which a certificate is made anew: well before 30 are left."""


def alert(days_left: int, told: int, *, own: bool) -> int | None:
    """The alert that is due: the smallest threshold reached and not told of yet; None for none.

    `told` is the last one told of (0: none). One that is renewed by itself is worth no word until
    that is overdue, which it is with 30 days left.
    """
    thresholds = ALERTS if own else ALERTS[1:]
    due = [t for t in thresholds if days_left <= t]
    if not due:
        return None
    return due[-1] if not told or due[-1] < told else None
