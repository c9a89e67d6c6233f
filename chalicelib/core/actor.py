"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The one behind a request: a person in a session, an API key, a build, or the platform.

    `team` and `scopes` narrow what a key may do; both are empty for a person. `home` is the team
    that is meant when a request names none.
    """

    kind: str  # "user" | "api_key" | "build" | "platform"
    id: str
    user: str = ""
    team: str = ""
    scopes: frozenset[str] = frozenset()
    session: str = ""
    build: str = ""
    deployment: str = ""
    project: str = ""
    home: str = ""


PLATFORM = Actor(kind="platform", id="platform")
