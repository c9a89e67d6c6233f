"""Questions that wait for an answer: a second factor, a passkey."""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find
from chalicelib.identity.rows.sessions import Proof
from chalicelib.identity.rules import digest


class ChallengeRow(CoreRow):
    """A question, bound to what was proven before it: `CHALLENGE#hash of its id` / `META`."""

    purpose = UnicodeAttribute()
    """`mfa`, `sign_in` (passkey alone), `step_up` or `enrol`."""
    user = UnicodeAttribute(default="")
    nonce = BinaryAttribute(legacy_encoding=False)
    """What a passkey has to sign."""
    began = NumberAttribute(default=0)
    """`mfa`: as of the session that it is to open."""
    expires_at = NumberAttribute()
    answers = NumberAttribute(default=0)
    via = UnicodeAttribute(default="")
    sso = UnicodeAttribute(default="")

    @property
    def proof(self) -> Proof:
        """What was proven before the question."""
        return Proof(self.via, sso=self.sso)


def new_challenge(identifier: str, purpose: str, nonce: bytes, seconds: int) -> ChallengeRow:
    """A challenge that is not saved yet; `identifier` is a secret, or names a session."""
    expires = clock.epoch(seconds)
    return ChallengeRow(
        f"CHALLENGE#{digest(identifier)}",
        "META",
        purpose=purpose,
        nonce=nonce,
        expires_at=expires,
        ttl=expires,
    )


def challenge_of(identifier: str) -> ChallengeRow | None:
    """A challenge by its identifier."""
    return find(ChallengeRow, f"CHALLENGE#{digest(identifier)}")
