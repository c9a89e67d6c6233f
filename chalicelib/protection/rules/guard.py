"""A guard as people write it: checked, completed, and each fault named."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.edge.rules import guard as edge

_CODE = re.compile(r"[A-Z]{2}\Z")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")
_KEY = re.compile(r"ip\Z|(?:header|cookie):[A-Za-z0-9!#$%&'+^_`|~.-]{1,64}\Z")
_PATH = re.compile(r"/[^\x00-\x1f\x7f*?#]{0,199}\*?\Z")
_MOST_AGENT = 100


@dataclass(frozen=True)
class GuardFault:
    """What is wrong, and where (a JSON pointer)."""

    pointer: str
    detail: str


def empty() -> dict[str, Any]:
    """A guard that refuses nothing."""
    return {
        "addresses": {"allow": [], "deny": []},
        "countries": {"allow": [], "deny": []},
        "bots": {"known": "off", "unnamed": "off", "agents": []},
        "rates": [],
        "under_attack": False,
    }


def faults(document: Mapping[str, Any]) -> list[GuardFault]:
    """What is wrong with a guard whose fields have the right types, and what would be right."""
    found = [
        *_addresses(document["addresses"]),
        *_countries(document["countries"]),
        *_agents(document["bots"]["agents"]),
        *_rates(document["rates"]),
    ]
    size = len(compact(document))
    if not found and size > edge.MAX_BYTES:
        found.append(GuardFault("", f"The guard has {size} bytes; at most {edge.MAX_BYTES} fit."))
    return found


def compact(document: Mapping[str, Any]) -> str:
    """The text that routes carry."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def completed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A guard with networks and countries written in one way, each once, sorted."""
    addresses, countries = document["addresses"], document["countries"]
    return {
        **document,
        "addresses": {name: _networks(addresses[name]) for name in ("allow", "deny")},
        "countries": {name: sorted(set(countries[name])) for name in ("allow", "deny")},
    }


def _networks(texts: Iterable[str]) -> list[str]:
    found = {ipaddress.ip_network(text, strict=False) for text in texts}
    return [str(one) for one in sorted(found, key=lambda n: (n.version, n.network_address, n))]


def _addresses(told: Mapping[str, list[str]]) -> Iterable[GuardFault]:
    if len(told["allow"]) + len(told["deny"]) > edge.MAX_ADDRESSES:
        yield GuardFault("/addresses", f"A guard names at most {edge.MAX_ADDRESSES} networks.")
    for name in ("allow", "deny"):
        for index, text in enumerate(told[name]):
            try:
                network = ipaddress.ip_network(text, strict=False)
            except ValueError:
                detail = (
                    f"{text[:60]!r} is no network; write 203.0.113.0/24, 2001:db8::/32 or 1.2.3.4."
                )
                yield GuardFault(f"/addresses/{name}/{index}", detail)
                continue
            if network.prefixlen == 0:
                detail = "This is every address there is; protect the site instead."
                yield GuardFault(f"/addresses/{name}/{index}", detail)


def _countries(told: Mapping[str, list[str]]) -> Iterable[GuardFault]:
    for name in ("allow", "deny"):
        if len(told[name]) > edge.MAX_COUNTRIES:
            yield GuardFault(f"/countries/{name}", f"At most {edge.MAX_COUNTRIES} countries.")
        for index, text in enumerate(told[name]):
            if not _CODE.match(text):
                detail = f"{text[:20]!r} is no country; write two capital letters, such as DE."
                yield GuardFault(f"/countries/{name}/{index}", detail)
    if told["allow"] and told["deny"]:
        detail = "Name the countries that may come, or those that may not: not both."
        yield GuardFault("/countries", detail)


def _agents(told: list[dict[str, str]]) -> Iterable[GuardFault]:
    if len(told) > edge.MAX_AGENTS:
        yield GuardFault("/bots/agents", f"A guard names at most {edge.MAX_AGENTS} agents.")
    for index, agent in enumerate(told):
        text = agent["contains"]
        if (
            not text.strip()
            or len(text) > _MOST_AGENT
            or not (text.isascii() and text.isprintable())
        ):
            detail = f"Write 1 to {_MOST_AGENT} printable ASCII characters of the name."
            yield GuardFault(f"/bots/agents/{index}/contains", detail)


def _rates(told: list[dict[str, Any]]) -> Iterable[GuardFault]:
    if len(told) > edge.MAX_RATES:
        yield GuardFault("/rates", f"A guard has at most {edge.MAX_RATES} rates.")
    names: set[str] = set()
    for index, rate in enumerate(told):
        at = f"/rates/{index}"
        name = str(rate["name"])
        if not _NAME.match(name):
            yield GuardFault(f"{at}/name", "A name has 1 to 40 of a-z, 0-9 and -.")
        elif name in names:
            yield GuardFault(f"{at}/name", f"There is a rate called {name!r} already.")
        names.add(name)
        if not _PATH.match(rate["path"]):
            detail = "Write a path such as /login, or a beginning such as /api/*."
            yield GuardFault(f"{at}/path", detail)
        if not _KEY.match(rate["key"]):
            yield GuardFault(f"{at}/key", "Count by ip, header:<name> or cookie:<name>.")
        if rate["window"] not in edge.WINDOWS:
            shown = ", ".join(map(str, edge.WINDOWS))
            yield GuardFault(f"{at}/window", f"A window has {shown} seconds.")
        if not edge.LEAST_LIMIT <= rate["limit"] <= edge.MOST_LIMIT:
            detail = f"A limit is between {edge.LEAST_LIMIT} and {edge.MOST_LIMIT} requests."
            yield GuardFault(f"{at}/limit", detail)
