"""Whether somebody may come in the way they came: asked before a session begins.

Identity knows people and their proofs. On which way in a person's organisation insists is known
to a subject above it, which `wiring.py` installs here.
"""

from __future__ import annotations

from collections.abc import Callable

Gate = Callable[[str, str], None]
"""Gets an e-mail address and the team whose identity provider it came by (empty: none of a
team's); raises Forbidden."""

_gates: list[Gate] = []


def install(gate: Gate) -> None:
    """Say who decides."""
    _gates[:] = [gate]


def check(email: str, sso: str = "") -> None:
    """Raise Forbidden unless a person of this address may come in by `sso`."""
    for gate in _gates:
        gate(email, sso)
