"""Streams: where entries go besides the log, in which dialect, and what happens when they cannot.

Datadog: logs intake v2. Splunk: HTTP Event Collector. `https`: any collector of one's own.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from chalicelib.audit.rules.chain import millis
from chalicelib.audit.rules.sentences import sentence

Kind = Literal["datadog", "splunk", "https"]
MOST = 5
"""Streams of one team."""

BATCH = 100
PAUSE_AFTER_MS = 24 * 3600 * 1000
_FIRST_WAIT_MS, _LONGEST_WAIT_MS = 30_000, 3_600_000
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")
_PATHS = {"datadog": "/api/v2/logs", "splunk": "/services/collector/event"}

Entry = dict[str, Any]


@dataclass(frozen=True)
class Parcel:
    """What is sent: body and headers."""

    body: bytes
    headers: dict[str, str]


def check_name(name: str) -> str:
    """A stream's name; raises ValueError with the rule."""
    if not _NAME.match(name):
        raise ValueError("A stream's name has 1 to 40 of a-z, 0-9 and '-', not '-' at either end.")
    return name


def address(kind: Kind, url: str) -> str:
    """The URL that is asked: without a path, the one that the kind of collector has."""
    parts = urlsplit(url)
    if kind in _PATHS and parts.path in {"", "/"}:
        return urlunsplit(parts._replace(path=_PATHS[kind]))
    return url


def parcel(kind: Kind, team: str, token: str, entries: list[Entry], now: int) -> Parcel:
    """Entries in the dialect of a collector; `now` is in seconds since 1970."""
    return _DIALECTS[kind](team, token, entries, now)


def taken(kind: Kind, status: int, body: bytes) -> bool:
    """Whether a collector's answer says that it has the entries."""
    if not 200 <= status < 300:
        return False
    if kind != "splunk":
        return True
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("code") == 0


def wait_ms(tries: int) -> int:
    """How long to wait after the n-th failure in a row, without the scatter."""
    return int(min(_LONGEST_WAIT_MS, _FIRST_WAIT_MS * 2 ** min(tries - 1, 20)))


def signature(token: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `<timestamp>.<body>`, hex."""
    return hmac.new(token.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def _datadog(team: str, token: str, entries: list[Entry], _now: int) -> Parcel:
    found = [
        {
            "ddsource": "clouddeck",
            "service": "clouddeck-audit",
            "ddtags": f"team:{team},action:{entry['action']},outcome:{entry['outcome']}",
            "timestamp": millis(entry["at"]),
            "message": _message(entry),
            "audit": entry,
        }
        for entry in entries
    ]
    return Parcel(_json(found), {"Content-Type": "application/json", "DD-API-KEY": token})


def _splunk(team: str, token: str, entries: list[Entry], _now: int) -> Parcel:
    found = [
        {
            "time": millis(entry["at"]) / 1000,
            "source": f"clouddeck:{team}",
            "sourcetype": "clouddeck:audit",
            "event": {"message": _message(entry), **entry},
        }
        for entry in entries
    ]
    return Parcel(
        b"\n".join(_json(event) for event in found),
        {"Content-Type": "application/json", "Authorization": f"Splunk {token}"},
    )


def _https(team: str, token: str, entries: list[Entry], now: int) -> Parcel:
    body = _json({"version": 1, "team": team, "entries": entries})
    first, last = entries[0]["sequence"], entries[-1]["sequence"]
    return Parcel(
        body,
        {
            "Content-Type": "application/json",
            "X-CloudDeck-Delivery": f"{team}-{first}-{last}",
            "X-CloudDeck-Timestamp": str(now),
            "X-CloudDeck-Signature": f"v1={signature(token, str(now), body)}",
        },
    )


_DIALECTS: dict[str, Callable[[str, str, list[Entry], int], Parcel]] = {
    "datadog": _datadog,
    "splunk": _splunk,
    "https": _https,
}


def _message(entry: Entry) -> str:
    actor = entry["actor"]
    return sentence(entry, str(actor.get("user") or actor.get("id")))


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
