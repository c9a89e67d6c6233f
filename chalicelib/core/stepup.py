"""Step-up: what can do harm asks a person to prove again who they are."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Forbidden, Unauthenticated

FRESH_SECONDS = 10 * 60


def is_fresh(actor: Actor, now: int) -> bool:
    """Whether the caller proved who they are within the last ten minutes.

    A second factor counts where the session has one, else whatever signed the session in. Keys
    pass: nobody sits there who could be asked, and making one asks for a fresh proof.
    """
    return actor.is_key or now - actor.proved_at <= FRESH_SECONDS


def require_person(actor: Actor, deed: str) -> None:
    """Raise Forbidden `session_required` for a key, where what it did would outlive the key."""
    if actor.is_key:
        raise Forbidden(
            "session_required",
            f"A key cannot {deed}.",
            hint="Sign in yourself: `deck login`.",
        )


def require(actor: Actor) -> None:
    """Raise Unauthenticated `step_up_required`, in the shape of RFC 9470, unless it is fresh."""
    if is_fresh(actor, clock.epoch()):
        return
    raise Unauthenticated(
        "step_up_required",
        "This needs a fresh proof that it is you; the last one is over ten minutes old.",
        hint="POST /v1/auth/step-up with your password or second factor, then repeat the request.",
        headers={
            "WWW-Authenticate": 'Bearer realm="clouddeck", '
            f'error="insufficient_user_authentication", max_age="{FRESH_SECONDS}"'
        },
    )
