"""What of a team's projects somebody may see: lists leave out the rest."""

from __future__ import annotations

from functools import cache

from chalicelib.teams.actions import Membership
from chalicelib.teams.actions.authority import decide
from chalicelib.teams.rules.decision import Resource


class Sight:
    """The decisions about one caller, each made once; nothing is read for them."""

    def __init__(self, by: Membership) -> None:
        self._by = by
        self.sees = cache(self._sees)

    def _sees(self, permission: str, project: str, environment: str = "") -> bool:
        granted = self._by.granted
        if granted is None:
            raise ValueError("A membership that was not read decides nothing.")
        on = Resource("project", project, environment=environment)
        return decide(granted.standing, permission, on).allowed
