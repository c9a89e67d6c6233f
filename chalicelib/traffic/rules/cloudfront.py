"""CloudFront's access log (standard logging v2, w3c), and who is meant by its lines. Pure.

A file names its fields in a line `#Fields:`; a field may be absent, its value is `-` then. Source:
AWS, "Standard logging reference". Neither cookies nor queries nor addresses are among ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.tally import Tally

_HITS = {"Hit", "RefreshHit"}
_NOTE = re.compile(r"([A-Za-z0-9_=-]{20,120}) dpl ([0-7][0-9a-hjkmnp-tv-z]{25})\Z")


@dataclass(frozen=True, slots=True)
class Request:
    """One line: when (ms since 1970), at which host, and how it was answered in how many ms."""

    id: str
    at: int
    host: str
    status: int
    bytes: int
    milliseconds: float
    hit: bool


@dataclass(frozen=True, slots=True)
class Whose:
    """Project and deployment of a request; `kind` is `live` or `preview`."""

    site: str
    deployment: str
    kind: str


def requests(lines: Iterable[str]) -> Iterator[Request]:
    """The requests of a file; lines that cannot be read are passed over."""
    places: dict[str, int] = {}
    for line in lines:
        if line.startswith("#"):
            if line.startswith("#Fields:"):
                places = {name: n for n, name in enumerate(line.split()[1:])}
            continue
        found = _request(line.rstrip("\r\n").split("\t"), places) if places else None
        if found is not None:
            yield found


def _request(values: list[str], places: dict[str, int]) -> Request | None:
    def value(name: str) -> str:
        at = places.get(name, len(values))
        return values[at] if at < len(values) else "-"

    try:
        status = int(value("sc-status"))
        return Request(
            value("x-edge-request-id"),
            int(value("timestamp(ms)")),
            value("x-host-header").lower(),
            # 000: the visitor was gone before there was an answer
            status if 200 <= status <= 599 else 0,
            int(value("sc-bytes")),
            float(value("time-taken")) * 1000,
            value("x-edge-response-result-type") in _HITS,
        )
    except ValueError:
        return None


def note(text: str) -> tuple[str, str] | None:
    """(request id, deployment) of a line that the visitors' function wrote about a request.

    It writes one when a request was not answered by what is production.
    """
    found = _NOTE.match(text.strip())
    return (found[1], f"dpl_{found[2]}") if found else None


def counted(found: Iterable[Request], whose: Callable[[Request], Whose | None]) -> list[Told]:
    """Totals of a file by project, deployment and minute; what is nobody's is not counted."""
    tallies: dict[tuple[Whose, int], Tally] = {}
    for request in found:
        owner = whose(request) if request.status else None
        if owner is not None:
            tally = tallies.setdefault((owner, request.at // 60_000), Tally())
            tally.add(request.status, request.bytes, request.hit, request.milliseconds)
    return [
        Told(owner.site, owner.deployment, _minute(minute), owner.kind, tally.counts())
        for (owner, minute), tally in tallies.items()
    ]


def _minute(number: int) -> str:
    return datetime.fromtimestamp(number * 60, UTC).strftime("%Y-%m-%dT%H:%M")
