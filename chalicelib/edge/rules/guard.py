"""What a site refuses before anything else is asked: addresses, countries, robots, rates. Pure.

A project's guard is one JSON document (`docs/guard.md`), which routes carry as text. AWS enforces
it with AWS WAF, the local edge with `judge`; what both cannot say alike is not in it.
"""

from __future__ import annotations

import ipaddress
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Action = Literal["block", "challenge"]

WINDOWS = (60, 120, 300, 600)
"""Seconds over which requests are counted, as AWS WAF has them."""
LEAST_LIMIT = 10
MOST_LIMIT = 2_000_000
MAX_ADDRESSES = 500
MAX_COUNTRIES = 250
MAX_AGENTS = 20
MAX_RATES = 10
MAX_BYTES = 24 * 1024
"""Of the document as compact JSON: a route is one file and one row."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BAD_AGENTS = (
    *("acunetix", "dirbuster", "fimap", "gobuster", "havij", "jbrofuzz", "masscan", "muieblackcat"),
    *("nessus", "netsparker", "nikto", "nmap", "nuclei", "openvas", "sqlmap", "w3af", "webshag"),
    *("wpscan", "zgrab", "zmeu"),
)
"""What scanners call themselves when nobody told them to lie; compared in lower case."""


class BadGuardError(ValueError):
    """A guard that says nothing usable."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Networks, as the sorted first and last numbers of ranges that do not touch; by version."""

    four: tuple[tuple[int, ...], tuple[int, ...]]
    six: tuple[tuple[int, ...], tuple[int, ...]]

    def holds(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """Whether an address is in one of them."""
        firsts, lasts = self.four if address.version == 4 else self.six
        at = bisect_right(firsts, int(address)) - 1
        return at >= 0 and int(address) <= lasts[at]


@dataclass(frozen=True, slots=True)
class Agent:
    """What to do about requests whose User-Agent contains a text (lower case)."""

    contains: str
    action: Literal["allow", "block", "challenge"]


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` requests in `window` seconds, counted for each value of `key`.

    `path` is one path, or a beginning with `*` after it. `key` is `ip`, `header:<name>` or
    `cookie:<name>`; requests without that header or cookie are not counted.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    key: str
    window: int
    limit: int
    action: Action

    def fits(self, method: str, path: str) -> bool:
        """Whether a request of this decoded path is counted; a slash at its end is no matter."""
        if self.methods and method not in self.methods:
            return False
        closed = path.rstrip("/") + "/"
        if self.path.endswith("*"):
            return closed.startswith(self.path[:-1])
        return closed == self.path.rstrip("/") + "/"


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard, ready to judge. `only` are the countries that may come, none for all."""

    allow: Ranges
    deny: Ranges
    only: frozenset[str]
    never: frozenset[str]
    agents: tuple[Agent, ...]
    known: Action | None
    unnamed: Action | None
    rates: tuple[Rate, ...]
    under_attack: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """What a guard looks at. `path` is decoded; `cleared`: a challenge was passed before."""

    address: str
    country: str
    method: str
    path: str
    agent: str
    header: Callable[[str], str]
    cookie: Callable[[str], str]
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What happens to a request that does not simply go on; `why` is for the log.

    `retry_after` in seconds, 0 when there is nothing to wait for.
    """

    action: Action
    why: str
    retry_after: int = 0


class Counter(Protocol):
    """Whoever counts."""

    def over(self, key: tuple[str, str], window: int, limit: int) -> int:
        """Count one; seconds to wait when that is more than `limit` in `window` s, else 0."""


def judge(guard: Guard, visit: Visit, counter: Counter) -> Ruling | None:
    """What a guard says of a request; None lets it go on.

    In this order: addresses that are allowed are asked nothing more; addresses and countries that
    are denied; robots; an attack under way; rates. Who passed a challenge gets no other one for a
    while, but is counted all the same.
    """
    address = _address(visit.address)
    if address is not None and guard.allow.holds(address):
        return None
    if address is not None and guard.deny.holds(address):
        return Ruling("block", "address")
    if visit.country in guard.never or (guard.only and visit.country not in guard.only):
        return Ruling("block", "country")
    robot = _robot(guard, visit.agent)
    challenge = Ruling("challenge", "under_attack") if guard.under_attack else None
    if robot is not None:
        if robot.action == "block":
            return robot
        challenge = robot
    if challenge is not None and not visit.cleared:
        return challenge
    return _rated(guard, visit, counter)


def _robot(guard: Guard, agent: str) -> Ruling | None:
    """What the name that a visitor gives itself leads to; the first rule that fits counts."""
    name = agent.lower()
    for rule in guard.agents:
        if rule.contains in name:
            return None if rule.action == "allow" else Ruling(rule.action, "agent")
    if not name:
        return Ruling(guard.unnamed, "unnamed") if guard.unnamed else None
    if guard.known and any(bad in name for bad in BAD_AGENTS):
        return Ruling(guard.known, "robot")
    return None


def _rated(guard: Guard, visit: Visit, counter: Counter) -> Ruling | None:
    """Count for every rule that fits; the longest wait of one that blocks comes before the rest."""
    found: Ruling | None = None
    for rate in guard.rates:
        if not rate.fits(visit.method, visit.path):
            continue
        value = key_value(rate.key, visit)
        if not value:
            continue
        wait = counter.over((rate.name, value), rate.window, rate.limit)
        if not wait or (rate.action == "challenge" and visit.cleared):
            continue
        ruling = Ruling(rate.action, f"rate:{rate.name}", wait)
        if found is None or (ruling.action, -ruling.retry_after) < (
            found.action,
            -found.retry_after,
        ):
            found = ruling
    return found


def key_value(key: str, visit: Visit) -> str:
    """What a rate is counted by; empty when the request lacks it. A network of IPv6 is one."""
    kind, _, name = key.partition(":")
    if kind == "header":
        return visit.header(name)
    if kind == "cookie":
        return visit.cookie(name)
    return network_of(visit.address)


def network_of(address: str) -> str:
    """An address as visitors are told apart: of IPv6 the first 64 bits, which one person has."""
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Address(int(found) >> 64 << 64))
    return "" if found is None else str(found)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def read(text: str) -> Guard:
    """A guard as routes carry it; raises BadGuardError for one that nobody checked."""
    try:
        told = json.loads(text)
        addresses, countries, bots = told["addresses"], told["countries"], told["bots"]
        return Guard(
            allow=ranges(addresses["allow"]),
            deny=ranges(addresses["deny"]),
            only=frozenset(map(_country, countries["allow"])),
            never=frozenset(map(_country, countries["deny"])),
            agents=tuple(_agent(one) for one in bots["agents"]),
            known=_action(bots["known"]),
            unnamed=_action(bots["unnamed"]),
            rates=tuple(_rate(one) for one in told["rates"]),
            under_attack=bool(told["under_attack"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadGuardError(str(error)[:200]) from error


def ranges(networks: Iterable[str]) -> Ranges:
    """Networks in CIDR notation, those that overlap made one; raises ValueError."""
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for text in networks:
        found.append(ipaddress.ip_network(text))
    four = list(ipaddress.collapse_addresses(n for n in found if n.version == 4))
    six = list(ipaddress.collapse_addresses(n for n in found if n.version == 6))
    return Ranges(_numbers(four), _numbers(six))


def _numbers(
    networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    pairs = sorted((int(n.network_address), int(n.broadcast_address)) for n in networks)
    return tuple(first for first, _ in pairs), tuple(last for _, last in pairs)


_CODE = re.compile(r"[A-Z]{2}\Z")


def _country(told: Any) -> str:
    if not isinstance(told, str) or not _CODE.match(told):
        raise ValueError(f"not a country: {told!r}")
    return told


def _action(told: Any) -> Action | None:
    if told not in {"off", "block", "challenge"}:
        raise ValueError(f"no such action: {told!r}")
    return None if told == "off" else told


def _agent(told: Any) -> Agent:
    if told["action"] not in {"allow", "block", "challenge"} or not told["contains"]:
        raise ValueError("not a rule about agents")
    return Agent(str(told["contains"]).lower(), told["action"])


def _rate(told: Any) -> Rate:
    action = _action(told["action"])
    if action is None or told["window"] not in WINDOWS or type(told["limit"]) is not int:
        raise ValueError("not a rate")
    return Rate(
        str(told["name"]),
        str(told["path"]),
        tuple(str(method) for method in told["methods"]),
        str(told["key"]),
        told["window"],
        told["limit"],
        action,
    )
