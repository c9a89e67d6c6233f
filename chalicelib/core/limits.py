"""Who may ask how often: every request takes a token out of a bucket in the table `usage`.

A bucket belongs to a class of requests and to whoever asks: a key, a person, a build, else the
address the request came from. A burst costs one conditional write a request, because this process
remembers the newest arrival time that it saw of a bucket. That time only grows, so what is
remembered may be too small but never too large, and may refuse by itself: a flood costs nothing.

When the table is out of reach, requests pass uncounted, except for those by which somebody guesses
passwords or sends mail. The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute

from chalicelib.core.actor import Actor
from chalicelib.core.errors import TooMany, Unavailable
from chalicelib.core.observe import logger
from chalicelib.core.rates import CLASSES, FREE, Bucket, Class, bucket
from chalicelib.core.table import UsageRow, out_of_reach, update_or_see

if TYPE_CHECKING:
    from chalicelib.core.http import Route

KEEP_SECONDS = 3600
REMEMBERED = 4096
_TRIES = 4
SCARCE = frozenset({"expensive", "sign_in", "mail"})
"""Classes in which a key has no bucket to itself."""

_OWN_BURST_SECONDS = 15
_WHOSE = {"user": "you", "build": "this build", "anonymous": "your address"}


class BucketRow(UsageRow):
    """A bucket: `RATE#class#subject` / `META`; `arrival` as `core/rates.py` explains it."""

    arrival = NumberAttribute()


@dataclass(frozen=True)
class Taken:
    """What a bucket said to one request."""

    allowed: bool
    arrival: int


@dataclass
class Limiter:
    """Counts requests. `factor` multiplies every limit, 0 counts nothing; `now` is microseconds."""

    factor: float = 1.0
    now: Callable[[], int] = field(default=lambda: time.time_ns() // 1_000)
    _seen: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, route: Route, actor: Actor) -> dict[str, str]:
        """Count a request: the headers of its answer. Raises TooMany, or Unavailable."""
        if self.factor <= 0:
            return {}
        headers: dict[str, str] = {}
        for kind, whose in buckets_of(route, actor):
            found = self._count(kind, whose, actor)
            headers = headers or found  # those of the narrower one, which comes first
        return headers

    def _count(self, kind: Class, whose: str, actor: Actor) -> dict[str, str]:
        whole = _bucket(kind, self.factor)
        now = self.now()
        try:
            taken = self.take(f"RATE#{kind.name}#{whose}", whole, now)
        except Exception as error:
            if not out_of_reach(error):
                raise
            return _uncounted(kind)
        headers = _headers(kind, whole, taken, now)
        if not taken.allowed:
            raise _refusal(kind, whole, actor, headers, whole.more_in(taken.arrival, now))
        return headers

    def take(self, pk: str, whole: Bucket, now: int) -> Taken:
        """Take a token out of a bucket: one write, two when the bucket is not as remembered."""
        seen = self._seen.get(pk)
        row = BucketRow(pk, "META")
        for _ in range(_TRIES):
            if seen is not None and seen > whole.latest(now):
                return Taken(False, seen)
            done, found = _add(row, whole, now, idle=seen is None or seen <= now)
            seen = None if found is None else int(found.arrival)
            if seen is not None:
                self._remember(pk, seen)
            if done and seen is not None:
                return Taken(True, seen)
        # others take faster than we can; so the bucket is as good as empty
        return Taken(False, max(seen or 0, whole.latest(now) + whole.interval))

    def _remember(self, pk: str, arrival: int) -> None:
        with self._lock:
            self._seen[pk] = max(arrival, self._seen.pop(pk, 0))
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)


def buckets_of(route: Route, actor: Actor) -> list[tuple[Class, str]]:
    """The classes that a request counts in, and whose bucket of each; none for what is free.

    Keys are made by the dozen. So what is scarce is counted for a person with all their keys, and
    for the machines of a team together; a rate of a key's own comes on top of it.
    """
    kind = class_of(route, actor)
    if kind is None:
        return []
    if not actor.is_key or kind.name not in SCARCE:
        return [(kind, subject(actor))]
    together = (CLASSES[kind.name], actor.user or actor.team)
    return [(kind, subject(actor)), together] if actor.rate_per_minute else [together]


def class_of(route: Route, actor: Actor) -> Class | None:
    """The class that a request counts in; None for what is free.

    Somebody whose token was refused is anonymous on a route that is not public.
    """
    if route.limit == FREE:
        return None
    if actor.kind == "anonymous":
        if route.permission != "public":
            return CLASSES["refused"]
        return CLASSES["public" if route.limit in {"read", "write"} else route.limit]
    if actor.kind == "build":
        return CLASSES["runner"]
    return _own(CLASSES[route.limit], actor.rate_per_minute)


def _own(kind: Class, rate: int) -> Class:
    """The class of a key that was given a rate: one for all that it reads and writes.

    What is expensive stays as limited as for everybody.
    """
    if not rate:
        return kind
    if kind.name in {"read", "write"}:
        burst = max(1, rate * _OWN_BURST_SECONDS // 60)
        return Class("key", rate, burst, "requests with this key")
    return Class(kind.name, min(kind.rate, rate), min(kind.burst, rate), kind.what, kind.closed)


def subject(actor: Actor) -> str:
    """Whose bucket: a key's, a build's, a person's, else the address's."""
    if actor.kind != "anonymous":
        return actor.id if actor.is_key or not actor.user else actor.user
    return network(actor.ip)


def network(ip: str) -> str:
    """What one subscriber of the Internet has: an IPv4 address, or 64 bits of an IPv6 one."""
    try:
        found: IPv4Address | IPv6Address = ip_address(ip.partition("%")[0])
    except ValueError:
        return "unknown"  # one bucket for all of them, so that nobody gains by it
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)


def _bucket(kind: Class, factor: float) -> Bucket:
    return bucket(kind.rate * factor, kind.burst * factor)


def _add(row: BucketRow, whole: Bucket, now: int, *, idle: bool) -> tuple[bool, BucketRow | None]:
    kind = BucketRow
    ttl = (now + whole.burst * whole.interval) // 1_000_000 + KEEP_SECONDS
    if idle:
        return update_or_see(
            row,
            [kind.arrival.set(now + whole.interval), kind.ttl.set(ttl)],
            kind.arrival.does_not_exist() | (kind.arrival <= now),
        )
    return update_or_see(
        row,
        [kind.arrival.set(kind.arrival + whole.interval), kind.ttl.set(ttl)],
        (kind.arrival > now) & (kind.arrival <= whole.latest(now)),
    )


def _headers(kind: Class, whole: Bucket, taken: Taken, now: int) -> dict[str, str]:
    left = whole.left(taken.arrival, now) if taken.allowed else 0
    return {
        "RateLimit-Policy": f'"{kind.name}";q={whole.burst};w={whole.window}',
        "RateLimit": f'"{kind.name}";r={left};t={whole.more_in(taken.arrival, now)}',
    }


def _refusal(
    kind: Class, whole: Bucket, actor: Actor, headers: dict[str, str], wait: int
) -> TooMany:
    whose = _WHOSE.get(actor.kind) or _whose_keys(kind, actor)
    rate = max(1, 60_000_000 // whole.interval)
    return TooMany(
        "rate_limited",
        f"Too many {kind.what} from {whose}: {rate} a minute are taken, {whole.burst} at once. "
        f"The next one is taken in {wait} s.",
        hint="Wait as long as Retry-After says; the header RateLimit tells what is left.",
        headers={"Retry-After": str(wait), **headers},
    )


def _whose_keys(kind: Class, actor: Actor) -> str:
    if kind.name not in SCARCE:
        return "this key"
    return "you and your keys" if actor.user else "the machines of this team"


def _uncounted(kind: Class) -> dict[str, str]:
    if kind.closed:
        raise Unavailable(
            "limits_unavailable",
            f"Nobody can count {kind.what} right now, so none are taken.",
            hint="The same request may work in a moment.",
        )
    logger().warning("request not counted", extra={"class": kind.name})
    return {}
