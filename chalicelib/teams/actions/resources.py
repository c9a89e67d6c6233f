"""Finding what a policy or a simulation names: the subjects above know their own things."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.core.errors import not_found
from chalicelib.teams.rules.decision import Resource

Finder = Callable[[str], tuple[str, Resource] | None]
"""From an id or name to the team it belongs to and what it is; None when there is none."""

_PREFIXES = {"prj_": "project", "dpl_": "deployment", "upl_": "upload"}
_finders: dict[str, Finder] = {}


def find_with(kind: str, finder: Finder) -> None:
    """Register who finds resources of a kind."""
    _finders[kind] = finder


def locate(team: str, text: str) -> Resource:
    """A resource of a team, from `kind:id`, an id, or a project's slug; `team` is the team.

    Raises NotFound for another team's exactly as for an absent one.
    """
    kind, colon, reference = text.partition(":")
    if text == "team":
        return Resource("team", team)
    if not colon:
        kind, reference = _PREFIXES.get(text[:4], "project"), text
    finder = _finders.get(kind)
    found = finder(reference) if finder is not None and reference else None
    if found is None or found[0] != team:
        raise not_found(kind if finder is not None else "resource", reference or text)
    return found[1]
