"""Who a visitor is to the network: their address, and the country it belongs to.

An address comes from the connection, or from proxies that the edge trusts. Countries come from a
file of ranges that whoever runs the edge puts there (lines `first,last,CC`, as public lists of
them have it), or from a header that a trusted proxy sets.
"""

from __future__ import annotations

import csv
import ipaddress
import logging
import re
import time
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.local.edge.serving import Request


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MAX_FILE_BYTES = 128 * 1024 * 1024
_LOOK_SECONDS = 30.0
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_HEADER = b"x-clouddeck-country"
_FORWARDED = b"x-forwarded-for"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Table:
    """Ranges of addresses, sorted; those of IPv4 in 12 bytes each."""

    first4: array[int]
    last4: array[int]
    code4: array[int]
    six: list[tuple[int, int, int]]
    codes: list[str]

    def of(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
        """The country of an address; empty when no range has it."""
        number = int(address)
        if address.version == 4:
            at = bisect_right(self.first4, number) - 1
            return self.codes[self.code4[at]] if at >= 0 and number <= self.last4[at] else ""
        at = bisect_right(self.six, (number, 2**129, 0)) - 1
        return self.codes[self.six[at][2]] if at >= 0 and number <= self.six[at][1] else ""


def read_table(path: Path) -> Table:
    """A file of ranges; raises ValueError that names the line, OSError when it cannot be read."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"more than {MAX_FILE_BYTES} bytes")
    codes: dict[str, int] = {}
    four: list[tuple[int, int, int]] = []
    six: list[tuple[int, int, int]] = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, line in enumerate(csv.reader(file), start=1):
            if not line or line[0].startswith("#"):
                continue
            try:
                first, last = (ipaddress.ip_address(text.strip()) for text in line[:2])
                country = line[2].strip().upper()
            except (ValueError, IndexError) as error:
                raise ValueError(f"line {number}: {error}") from None
            if first.version != last.version or int(first) > int(last):
                raise ValueError(f"line {number}: not a range")
            if not _COUNTRY.match(country):
                continue  # such lists write down what belongs to nobody as well
            code = codes.setdefault(country, len(codes))
            (four if first.version == 4 else six).append((int(first), int(last), code))
    four.sort()
    six.sort()
    firsts, lasts, numbers = array("I"), array("I"), array("H")
    for begin, end, code in four:
        firsts.append(begin)
        lasts.append(end)
        numbers.append(code)
    return Table(firsts, lasts, numbers, six, list(codes))


class Whereabouts:
    """The address and the country of whoever asks.

    `trusted` are networks whose `X-Forwarded-For` and `X-CloudDeck-Country` are believed. A file
    that cannot be read leaves the last good one in force.
    """

    def __init__(self, path: Path, trusted: tuple[Network, ...]) -> None:
        self._path = path
        self._trusted = trusted
        self._knows = lru_cache(4096)(self._trusts)
        self._table: Table | None = None
        self._mark: tuple[int, int] | None = None
        self._look_at = 0.0

    def address(self, request: Request) -> str:
        """The visitor's address; that of the connection unless a trusted proxy names another.

        Each proxy adds whom it heard to the end of the header, so it is read from there, as long
        as the one who said it is trusted.
        """
        address = request.peer
        if not self._knows(address):
            return address
        said = b",".join(value for name, value in request.all if name == _FORWARDED)
        for text in reversed(said.decode("latin-1").split(",")):
            candidate = text.strip()
            try:
                ipaddress.ip_address(candidate)
            except ValueError:
                return address
            address = candidate
            if not self._trusts(address):
                break
        return address

    def country(self, request: Request) -> str:
        """The visitor's country (ISO 3166, two capital letters); empty when nobody knows."""
        if self._knows(request.peer):
            for name, value in request.all:
                if name == _HEADER:
                    told = value.decode("latin-1").strip().upper()
                    return told if _COUNTRY.match(told) else ""
        return self.of(self.address(request))

    def of(self, address: str) -> str:
        """The country of an address by the file of ranges."""
        self._refresh()
        if self._table is None:
            return ""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return ""
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return self._table.of(found)

    def _trusts(self, address: str) -> bool:
        """Whether an address is a trusted proxy's; `_knows` remembers it of who connects."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._trusted)

    def _refresh(self) -> None:
        """Read the file again when it changed; at most every half minute that is looked for."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_SECONDS
        try:
            stat = self._path.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            if mark != self._mark:
                self._mark = mark
                self._table = read_table(self._path)
        except FileNotFoundError:
            self._table, self._mark = None, None
        except (OSError, ValueError) as error:
            log.warning("countries cannot be read from %s: %s", self._path, error)
