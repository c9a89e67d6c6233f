"""Conditions of policies: when, with which proof, from where, in which environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ENVIRONMENTS = ("production", "preview", "development")
"""Those of every project; people make others."""
ELSEWHERE = "-"
"""Stands for every environment that no policy names: none can be called that."""
MAX_ENVIRONMENTS = 20
DAY_MINUTES = 24 * 60
MAX_CIDRS = 20
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_ENVIRONMENT = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?\Z")
_MAPPED = IPv6Network("::ffff:0:0/96")


class PolicyError(ValueError):
    """What is wrong with a policy, and where: a JSON pointer and a code."""

    def __init__(self, pointer: str, detail: str, code: str = "") -> None:
        super().__init__(detail)
        code = code or "invalid_policy"
        self.pointer = pointer
        self.detail = detail
        self.code = code


@dataclass(frozen=True)
class Window:
    """Days of the week and minutes of the day, in a time zone.

    `start` is inside and `end` is not, in minutes after midnight. When `end` is not later than
    `start` the window goes over midnight and belongs to the day on which it starts.
    """

    days: tuple[str, ...]
    start: int
    end: int
    timezone: str

    def words(self) -> str:
        """For people."""
        days = "every day" if self.days == DAYS else "on " + ", ".join(self.days)
        if (self.start, self.end) == (0, DAY_MINUTES):
            return f"{days} ({self.timezone})"
        return f"{days} from {_clock(self.start)} to {_clock(self.end)} ({self.timezone})"


@dataclass(frozen=True)
class Proof:
    """A second factor in the session, at most so many minutes ago; or, not `required`, none."""

    required: bool
    max_age_minutes: int | None

    def words(self) -> str:
        """For people."""
        which = "with" if self.required else "without"
        age = f" of the last {self.max_age_minutes} minutes" if self.max_age_minutes else ""
        return f"{which} a second factor{age}"


@dataclass(frozen=True)
class Conditions:
    """All of them must hold; None asks for nothing."""

    time: Window | None = None
    mfa: Proof | None = None
    network: tuple[str, ...] | None = None
    environment: tuple[str, ...] | None = None

    def words(self) -> str:
        """For people."""
        parts = []
        if self.environment is not None:
            parts.append("in " + " or ".join(self.environment))
        if self.time is not None:
            parts.append(self.time.words())
        if self.network is not None:
            parts.append("from " + " or ".join(self.network))
        if self.mfa is not None:
            parts.append(self.mfa.words())
        return " and ".join(parts)


def conditions_of(given: Mapping[str, Any] | None) -> Conditions:
    """Conditions from JSON; raises PolicyError."""
    given = {name: value for name, value in (given or {}).items() if value is not None}
    return Conditions(
        time=_window(given["time"]) if "time" in given else None,
        mfa=_proof(given["mfa"]) if "mfa" in given else None,
        network=_network(given["network"]) if "network" in given else None,
        environment=_environment(given["environment"]) if "environment" in given else None,
    )


def _window(given: Mapping[str, Any]) -> Window:
    base = "/conditions/time"
    days = tuple(given.get("days") or DAYS)
    for day in days:
        if day not in DAYS:
            raise PolicyError(f"{base}/days", f"{str(day)[:20]!r} is none of {', '.join(DAYS)}.")
    start = _minutes(given.get("from") or "00:00", f"{base}/from")
    end = _minutes(given.get("to") or "24:00", f"{base}/to")
    if start == end:
        raise PolicyError(f"{base}/to", "The window has no length: `from` and `to` are the same.")
    if set(days) == set(DAYS) and (start, end) == (0, DAY_MINUTES):
        raise PolicyError(base, "This is always; leave the condition out.")
    zone = str(given.get("timezone") or "UTC")
    if zone_of(zone) is None:
        raise PolicyError(
            f"{base}/timezone",
            f"There is no time zone {zone[:60]!r}; use a name such as Europe/Berlin.",
        )
    return Window(tuple(day for day in DAYS if day in days), start, end, zone)


def _minutes(text: str, pointer: str) -> int:
    if text == "24:00":
        if pointer.endswith("from"):
            raise PolicyError(pointer, "A window starts before 24:00; use 00:00 of the next day.")
        return DAY_MINUTES
    found = _CLOCK.match(text)
    if found is None:
        raise PolicyError(pointer, f"{text[:20]!r} is no time of day such as 09:30.")
    return int(found[1]) * 60 + int(found[2])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@lru_cache(maxsize=128)
def zone_of(name: str) -> Any:
    """A time zone of the IANA database; None when there is none of that name."""
    from zoneinfo import ZoneInfo

    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+/-]{0,59}", name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # a folder of zones is a PermissionError or so
        return None


def _proof(given: Mapping[str, Any]) -> Proof:
    age = given.get("max_age_minutes")
    if age is not None and not 1 <= int(age) <= 30 * DAY_MINUTES:
        raise PolicyError("/conditions/mfa/max_age_minutes", "1 to 43200 minutes.")
    return Proof(bool(given.get("required", True)), None if age is None else int(age))


def _network(given: Mapping[str, Any]) -> tuple[str, ...]:
    pointer = "/conditions/network/cidrs"
    cidrs = list(given.get("cidrs") or [])
    if not 1 <= len(cidrs) <= MAX_CIDRS:
        raise PolicyError(pointer, f"Name 1 to {MAX_CIDRS} networks.")
    return tuple(dict.fromkeys(_cidr(str(c), f"{pointer}/{n}") for n, c in enumerate(cidrs)))


def _cidr(text: str, pointer: str) -> str:
    if "%" in text:
        raise PolicyError(pointer, f"{text[:60]!r} has a zone; an address from outside has none.")
    try:
        found = ip_network(text)
    except ValueError:
        raise PolicyError(pointer, _cidr_fault(text)) from None
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        plain = found.network_address.ipv4_mapped
        return str(IPv4Network((int(plain or 0), found.prefixlen - 96)))
    return str(found)


def _cidr_fault(text: str) -> str:
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        return f"{text[:60]!r} is no network such as 203.0.113.0/24 or 2001:db8::/32."
    return f"{text[:60]!r} is an address within a network; the network is {meant}."


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """A caller's address; IPv4 that came as IPv6 is IPv4 again. None when it is not known."""
    try:
        found = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or IPv6Address(int(found))
    return found


def _environment(given: Any) -> tuple[str, ...]:
    pointer = "/conditions/environment"
    names = tuple(given)
    for name in names:
        if not _ENVIRONMENT.match(str(name)) or name == "all":
            raise PolicyError(
                pointer,
                f"{str(name)[:40]!r} is no environment: {', '.join(ENVIRONMENTS)}, or one of a "
                "project's own.",
            )
    if not names:
        raise PolicyError(pointer, "Name at least one environment.")
    if len(names) > MAX_ENVIRONMENTS:
        raise PolicyError(pointer, f"Name at most {MAX_ENVIRONMENTS} environments.")
    known = tuple(name for name in ENVIRONMENTS if name in names)
    return known + tuple(sorted(set(names) - set(known)))


def environments_of(policies: Mapping[str, Any]) -> tuple[str, ...]:
    """Every environment that stored policies may tell from others, and one that they do not name.

    What touches all of them is asked about each of these. Of a Cedar text every word that can be
    a name counts.
    """
    found: set[str] = set()
    for given in policies.values():
        found |= set((given.get("conditions") or {}).get("environment") or ())
        text = str(given.get("cedar") or "")
        if "environment" in text:
            found |= {w for w in re.findall(r'"([^"\\\s]{1,20})"', text) if _ENVIRONMENT.match(w)}
    return (*ENVIRONMENTS, *sorted(found - set(ENVIRONMENTS)), ELSEWHERE)
