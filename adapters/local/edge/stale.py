"""Answers of backends that may be shown again: kept as RFC 9111 says of shared caches, and less.

An answer is kept only when it says so itself (`s-maxage`, or `public` with `max-age`), sets no
cookie and answers a plain request. While a backend gives no answer, one that is over may be shown
for a while (`stale-if-error`, RFC 5861, or what the backend's own rule allows).
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MOST_BYTES = 64 * 1024 * 1024
MOST_BODY = 2 * 1024 * 1024
_MOST_VARIANTS = 16
_LONGEST = 31_536_000
_KEPT_STATUS = frozenset((200, 203, 204, 301, 308, 404, 410))
_NEVER = ("no-store", "private", "no-cache")
_PART = re.compile(r'\s*([a-z-]+)\s*(?:=\s*"?([^",]*)"?)?\s*(?:,|\Z)', re.IGNORECASE)
_OVERHEAD = 1_000
_MOST_PURGED = 10_000
_MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two requests the same: site, deployment, host, where it leads, how to pack.

    `target` is a digest of where it leads: keys are remembered by the thousand, and strangers
    choose how long a query is. `secure` counts because backends are told it and send people on by
    it.
    """

    site: str
    deployment: str
    host: str
    path: str
    target: str
    encoding: str
    secure: bool = False


@dataclass(slots=True)
class Kept:
    """An answer, what it depends on of a request, and how long it is fresh and of use."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    vary: tuple[tuple[bytes, bytes], ...]
    stored: float
    fresh_until: float
    stale_until: float
    tags: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        said = (*self.headers, *self.vary)
        return len(self.body) + sum(len(n) + len(v) for n, v in said) + _OVERHEAD


@dataclass(slots=True)
class _Slot:
    variants: list[Kept] = field(default_factory=list)


Request = Iterable[tuple[bytes, bytes]]


def directives(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """What Cache-Control says, names in lower case; of two the first."""
    text = ",".join(v.decode("latin-1") for n, v in headers if n.lower() == b"cache-control")
    found: dict[str, str] = {}
    for name, value in _PART.findall(text[:2000]):
        found.setdefault(name.lower(), value.strip())
    return found


def lifetime(status: int, headers: list[tuple[bytes, bytes]]) -> float | None:
    """Seconds that an answer is fresh from now on, None when it must not be kept."""
    if status not in _KEPT_STATUS or _values(headers, b"set-cookie"):
        return None
    said = directives(headers)
    if any(name in said for name in _NEVER):
        return None
    if "s-maxage" in said:
        seconds = _seconds(said["s-maxage"])
    elif "public" in said:
        seconds = _seconds(said.get("max-age", ""))
    else:
        return None
    vary = {name.strip().lower() for name in b",".join(_values(headers, b"vary")).split(b",")}
    if not seconds or b"*" in vary or b"cookie" in vary:
        return None
    age = _seconds((_values(headers, b"age") or [b"0"])[0].decode("latin-1")) or 0
    left = seconds - age
    return float(left) if left > 0 else None


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for found, value in headers if found.lower() == name]


def _seconds(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal()):
        return None
    # Python reads no numbers of thousands of digits
    return min(int(text), _LONGEST) if len(text) <= _MOST_DIGITS else _LONGEST


class Answers:
    """Kept answers, in bounded memory; what was asked for longest ago goes first.

    `now` is seconds since 1970, for tests.
    """

    def __init__(self, now: Callable[[], float] = time.time, most_bytes: int = MOST_BYTES) -> None:
        self._now = now
        self._most = most_bytes
        self._slots: OrderedDict[Key, _Slot] = OrderedDict()
        self._purges: OrderedDict[str, int] = OrderedDict()
        self._purged = 0
        self.bytes = 0

    def fresh(self, key: Key, request: Request) -> Kept | None:
        """An answer that may be shown as if it came now."""
        found = self._find(key, request)
        return found if found is not None and found.fresh_until > self._now() else None

    def stale(self, key: Key, request: Request) -> Kept | None:
        """An answer that may be shown while the backend gives none."""
        found = self._find(key, request)
        return found if found is not None and found.stale_until > self._now() else None

    def _find(self, key: Key, request: Request) -> Kept | None:
        slot = self._slots.get(key)
        if slot is None:
            return None
        self._slots.move_to_end(key)
        for kept in slot.variants:
            if all(_joined(request, name) == value for name, value in kept.vary):
                return kept
        return None

    def age(self, kept: Kept) -> int:
        """Seconds since it was stored."""
        return max(0, int(self._now() - kept.stored))

    def keep(
        self,
        key: Key,
        request: Request,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        *,
        stale_seconds: int,
        purges: int,
    ) -> bool:
        """Keep an answer if it may be kept; whether it is.

        `purges` is what `purges` said when the backend was asked: an answer that was on its way
        while its site was purged may be what the purge was meant for.
        """
        seconds = lifetime(status, headers)
        if seconds is None or len(body) > MOST_BODY or self.purges(key.site) != purges:
            return False
        now = self._now()
        said = _seconds(directives(headers).get("stale-if-error", ""))
        vary = [n.strip().lower() for n in b",".join(_values(headers, b"vary")).split(b",")]
        tags = b",".join(_values(headers, b"cache-tag")).decode("latin-1")
        kept = Kept(
            status,
            headers,
            body,
            tuple((name, _joined(request, name)) for name in vary if name),
            now,
            now + seconds,
            now + seconds + (stale_seconds if said is None else said),
            frozenset(tag.strip() for tag in tags.split(",") if tag.strip()),
        )
        slot = self._slots.setdefault(key, _Slot())
        self._slots.move_to_end(key)
        names = {name for name, _ in kept.vary}
        # one that depends on other headers was made by another version of the backend
        left = [v for v in slot.variants if {n for n, _ in v.vary} == names and v.vary != kept.vary]
        self.bytes -= sum(v.size for v in slot.variants)
        slot.variants = [kept, *left][:_MOST_VARIANTS]
        self.bytes += sum(v.size for v in slot.variants)
        while self.bytes > self._most and len(self._slots) > 1:
            _, gone = self._slots.popitem(last=False)
            self.bytes -= sum(v.size for v in gone.variants)
        return True

    def purges(self, site: str) -> int:
        """A number that is another one after each purge of a site."""
        return self._purges.get(site, 0)

    def purge(
        self, site: str, *, tags: Iterable[str] = (), paths: Iterable[str] = (), all_: bool = False
    ) -> int:
        """Drop answers of a site: all, those with a tag, those of a path; how many.

        A path that ends with `*` stands for all that begin so.
        """
        self._purged += 1
        self._purges[site] = self._purged
        self._purges.move_to_end(site)
        if len(self._purges) > _MOST_PURGED:
            self._purges.popitem(last=False)
        named, exact = frozenset(tags), {path for path in paths if not path.endswith("*")}
        prefixes = tuple(path[:-1] for path in paths if path.endswith("*"))
        gone = 0
        for key in [key for key in self._slots if key.site == site]:
            slot = self._slots[key]
            hit = all_ or key.path in exact or key.path.startswith(prefixes or ("\0",))
            left = [] if hit else [v for v in slot.variants if not v.tags & named]
            dropped = [v for v in slot.variants if v not in left]
            gone += len(dropped)
            self.bytes -= sum(v.size for v in dropped)
            slot.variants = left
            if not left:
                del self._slots[key]
        return gone


def _joined(request: Request, name: bytes) -> bytes:
    return b",".join(value for found, value in request if found == name)
