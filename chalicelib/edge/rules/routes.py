"""What a site's route says beyond its deployment, and which of two routes of a slug counts. Pure.

A route is told in three places: as a row of the table, as a file of the local edge, and in part as
a record of the KeyValueStore. `said` and the readers here are what the first two have in common.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

PAST = 150
"""So many deployments that were live a site remembers at most; see `SiteRoute.past`."""

LOOKS = 12
"""So many things about a request the rules of a deployment may look at."""

_LOOK = re.compile(
    r"(?:country|language|query|authorization|(?:cookie|header):[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64})\Z"
)
_DEPLOYMENT = re.compile(r"dpl_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")
_KEY = re.compile(r"[0-9a-f]{64}\Z")
_SHARE = re.compile(r"[0-9a-z]{8}\Z")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}\Z")


class BadRouteError(ValueError):
    """A route that says nothing usable."""


@dataclass(frozen=True, slots=True)
class Match:
    """Who sees a canary whatever its weight: a header or cookie with one of these values, or
    visitors from these countries (ISO 3166, two letters; `name` is empty then).
    """

    kind: Literal["header", "cookie", "country"]
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a site. `previews` are all its addresses but production.

    Whoever has shown who they are carries a token signed with `key` (`rules/access.py`);
    `revoked` are share links that were taken back before their time.
    """

    scope: Literal["previews", "all"]
    mode: Literal["password", "team"]
    key: str
    revoked: tuple[str, ...] = ()


class Placed(Protocol):
    """What a route says of its place in time."""

    @property
    def site(self) -> str:
        """Id of the project; ids sort by the time they were made."""

    @property
    def generation(self) -> int:
        """Number of the pointer's move, counted within one site."""

    @property
    def revision(self) -> int:
        """Number of the change of the project's settings."""


def replaces(new: Placed, current: Placed) -> bool:
    """Whether `new` may stand where `current` stands.

    Within a site the higher generation counts, of one generation the higher revision, and an equal
    one may be told again. Whoever writes a route has read pointer and project after its own
    change, so the last one to read saw both. A slug that was freed belongs to a younger site,
    whose count begins anew: whatever the older one still says, coming late, is over.
    """
    if new.site != current.site:
        return new.site > current.site
    return (new.generation, new.revision) >= (current.generation, current.revision)


class Telling(Protocol):
    """The part of a route that `said` tells."""

    @property
    def match(self) -> Match | None:
        """Who sees the canary whatever its weight."""

    @property
    def past(self) -> tuple[tuple[str, int], ...]:
        """(deployment, ms since 1970 when it was replaced), the last one first."""

    @property
    def looks(self) -> tuple[str, ...]:
        """What about a request its rules look at."""

    @property
    def access(self) -> Access | None:
        """Who may see it."""

    @property
    def guard(self) -> str:
        """What it refuses, as JSON; empty for nothing."""

    @property
    def down(self) -> tuple[str, ...]:
        """Names of backends that do not answer."""


def said(route: Telling) -> dict[str, Any]:
    """As JSON has it, without what there is nothing to say of."""
    told: dict[str, Any] = {}
    if route.match:
        told["match"] = [route.match.kind, route.match.name, list(route.match.values)]
    if route.past:
        told["past"] = [list(one) for one in route.past[:PAST]]
    if route.looks:
        told["looks"] = list(route.looks)
    if route.access:
        one = route.access
        told["access"] = [one.scope, one.mode, one.key, list(one.revoked)]
    if route.guard:
        told["guard"] = route.guard
    if route.down:
        told["down"] = list(route.down)
    return told


def read(told: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a route that `said` told; raises BadRouteError."""
    try:
        return {
            "match": _match(told["match"]) if told.get("match") else None,
            "past": tuple(_past(one) for one in told.get("past", ())[:PAST]),
            "looks": tuple(_text(_LOOK, one) for one in told.get("looks", ())[:LOOKS]),
            "access": _access(told["access"]) if told.get("access") else None,
            "guard": _guard(told.get("guard", "")),
            "down": tuple(_text(_NAME, one) for one in told.get("down", ())),
        }
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadRouteError(str(error)[:200]) from error


def _match(told: Any) -> Match:
    kind, name, values = told
    if kind not in {"header", "cookie", "country"}:
        raise ValueError(f"no such match: {kind!r}")
    checked = "" if kind == "country" else _text(_NAME, name)
    return Match(kind, checked, tuple(_word(value) for value in values))


def _word(told: Any) -> str:
    if not isinstance(told, str):
        raise TypeError("a match has texts")
    return told


def _past(told: Any) -> tuple[str, int]:
    deployment, at = told
    if type(at) is not int:
        raise ValueError(f"not a time: {at!r:.40}")
    return _text(_DEPLOYMENT, deployment), at


def _access(told: Any) -> Access:
    scope, mode, key, revoked = told
    if scope not in {"previews", "all"} or mode not in {"password", "team"}:
        raise ValueError("no such access")
    return Access(scope, mode, _text(_KEY, key), tuple(_text(_SHARE, one) for one in revoked))


def _guard(told: Any) -> str:
    if not isinstance(told, str):
        raise TypeError("a guard is a text")
    return told


def _text(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.match(value):
        raise ValueError(f"not usable: {value!r}")
    return value
