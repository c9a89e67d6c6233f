"""Who is calling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The one behind a request: a person in a session, a key, a build, or the platform.

    `team`, `project`, `role` and `scopes` narrow what a key may do; all are empty for a person.
    `home` is the team that is meant when a request names none. Moments are seconds since 1970, 0
    for never: `proved_at` of the last proof of identity in this session, `mfa_at` of the last one
    by a second factor or a passkey. `sso` is the team whose own identity provider signed this
    session in; with `vouched` nobody but that provider says that there was a second factor. `ip`
    and `agent` say where the request came from.
    """

    kind: str  # "user" | "api_key" | "service" | "deploy_key" | "build" | "platform" | "anonymous"
    id: str
    user: str = ""
    team: str = ""
    role: str = ""
    scopes: frozenset[str] = frozenset()
    session: str = ""
    build: str = ""
    deployment: str = ""
    project: str = ""
    home: str = ""
    proved_at: int = 0
    mfa_at: int = 0
    sso: str = ""
    vouched: bool = False
    ip: str = ""
    agent: str = ""
    rate_per_minute: int = 0

    @property
    def is_key(self) -> bool:
        """Whether a machine's credential calls, not a person's session."""
        return self.kind in {"api_key", "service", "deploy_key"}

    def mfa_for(self, team: str) -> int:
        """When a second factor was proven, as far as this team may believe it.

        What a team's own identity provider says of it counts in that team alone: whoever runs the
        provider of one team must not pass for somebody with a second factor in all others.
        """
        return 0 if self.vouched and self.sso != team else self.mfa_at


PLATFORM = Actor(kind="platform", id="platform")
