"""The route row of a site: the truth about what its name leads to."""

from __future__ import annotations

import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.edge.rules.access import Doors
from chalicelib.edge.rules.routes import Access, read
from functions.edge.origin.remote import Remote, UnreachableError

_MOST = 4096
"""Rows that are remembered, and as many names without one."""

_PAUSE_SECONDS = 2.0
_MAX_BYTES = 512 * 1024
_BARE = re.compile(r"(?:dpl_)?([0-7][0-9a-hjkmnp-tv-z]{25})\Z")
_HEADERS = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.GetItem",
}

_NO_DOORS = Doors("", "")

LAG_SECONDS = 300
"""No edge is so late, by far."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """A site's route. Deployments stand here without their prefix, as in addresses of the edge.

    `past` says of those that were live when they were replaced, in ms since 1970; the rest is as
    in `ports.SiteRoute`. `doors` are the addresses at which people are let in.
    """

    site: str
    team: str
    production: str | None
    canary: str | None
    gone: bool
    revoked: frozenset[str]
    skew_seconds: int = 0
    past: tuple[tuple[str, int], ...] = ()
    looks: frozenset[str] = frozenset()
    access: Access | None = None
    down: frozenset[str] = frozenset()
    doors: Doors = _NO_DOORS

    def was_live(self, deployment: str, now_ms: int) -> bool:
        """Whether a deployment was live so lately that a visitor may have a page of it.

        Or that an edge, which hears of a change within a minute, may still think that it is.
        """
        window = max(self.skew_seconds, LAG_SECONDS) * 1000
        return any(known == deployment and now_ms - at <= window for known, at in self.past)


Held = tuple[float, Row | None]
"""When the table said so, and what."""


class UnknownRouteError(Exception):
    """The table is out of reach, and nothing was ever heard of this site."""


class Routes:
    """Route rows, remembered for a moment.

    When the table is out of reach the last row that was seen counts, however old it is, and the
    table is left alone for a moment so that not every visitor waits for it: sites outlive the
    control plane. Names that nobody has are remembered apart: whoever invents them by the thousand
    makes no room among the rows that such a time needs.
    """

    def __init__(
        self,
        remote: Remote,
        table: str,
        memo_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remote = remote
        self._table = table
        self._memo = memo_seconds
        self._clock = clock
        self._rows: OrderedDict[str, Held] = OrderedDict()
        self._absent: OrderedDict[str, Held] = OrderedDict()
        self._silent_until = 0.0

    def get(self, slug: str, *, anew: bool = False) -> Row | None:
        """The row, None when there is no such site; raises UnknownRouteError.

        With `anew` what was read a moment ago does not count: the edge's store, which follows the
        table, may be ahead of that.
        """
        held = self._held(slug)
        if held is not None and not anew and self.is_fresh(slug):
            return held[1]
        if self._clock() >= self._silent_until:
            try:
                row = self._read(slug)
            except UnreachableError as error:
                log.warning("route of %s not read, the last one counts: %s", slug, error)
                self._silent_until = self._clock() + _PAUSE_SECONDS
            except BadRowError as error:  # the fault of one site: others are still asked about
                log.error("route of %s not usable, the last one counts: %s", slug, error)
            else:
                self._remember(slug, row)
                return row
        if held is None:
            raise UnknownRouteError(slug)
        return held[1]

    def is_fresh(self, slug: str) -> bool:
        """Whether `get` goes by what the table said a moment ago, and not by an older memory.

        Whatever follows from that is not to be kept: the site may have changed hands since.
        """
        held = self._held(slug)
        return held is not None and self._clock() - held[0] < self._memo

    def _held(self, slug: str) -> Held | None:
        return self._rows.get(slug) or self._absent.get(slug)

    def _remember(self, slug: str, row: Row | None) -> None:
        kept, other = (self._absent, self._rows) if row is None else (self._rows, self._absent)
        other.pop(slug, None)
        kept[slug] = (self._clock(), row)
        kept.move_to_end(slug)
        if len(kept) > _MOST:
            kept.popitem(last=False)

    def _read(self, slug: str) -> Row | None:
        """Ask the table. Consistently: a revoked deployment must not come back after its purge."""
        wish = {
            "TableName": self._table,
            "Key": {"pk": {"S": f"ROUTE#{slug}"}, "sk": {"S": "META"}},
            "ConsistentRead": True,
        }
        status, data = self._remote.ask(
            "POST", "/", _HEADERS, json.dumps(wish).encode(), limit=_MAX_BYTES
        )
        if status != 200:
            raise UnreachableError(f"DynamoDB answered {status}: {data[:200]!r}")
        return parse_row(data)


class BadRowError(ValueError):
    """A row that says nothing usable."""


def parse_row(data: bytes) -> Row | None:
    """The answer to GetItem; None when there is no item. Raises BadRowError."""
    try:
        item: dict[str, Any] | None = json.loads(data).get("Item")
        if item is None:
            return None
        production, canary = (_text(item.get(name)) for name in ("production", "canary"))
        more = read(json.loads(_text(item.get("more")) or "{}"))
        return Row(
            site=str(item["site"]["S"]),
            team=str(item["team"]["S"]),
            production=None if production is None else bare(production),
            canary=None if canary is None else bare(canary),
            gone=bool(item.get("gone", {}).get("BOOL", False)),
            revoked=frozenset(bare(name) for name in _texts(item.get("revoked"))),
            skew_seconds=int(item.get("skew_seconds", {}).get("N", 0)),
            past=tuple((bare(one), at) for one, at in more["past"]),
            looks=frozenset(more["looks"]),
            access=more["access"],
            down=frozenset(more["down"]),
            doors=Doors(*json.loads(_text(item.get("doors")) or '["", ""]')),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRowError(f"the route row is not usable: {error!r}") from error


def bare(deployment: str) -> str:
    """A deployment id without its prefix; raises ValueError when it is none."""
    match = _BARE.match(deployment)
    if not match:
        raise ValueError(f"{deployment!r} is no deployment")
    return match.group(1)


def _text(attribute: dict[str, Any] | None) -> str | None:
    """A string attribute; an empty one, NULL and none at all are the same."""
    return (attribute or {}).get("S") or None


def _texts(attribute: dict[str, Any] | None) -> list[str]:
    """A set or a list of strings."""
    known = attribute or {}
    return [*known.get("SS", ()), *(str(entry["S"]) for entry in known.get("L", ()))]
