"""Asking DNS: by the name servers of this machine, or the one that `CLOUDDECK_NAMESERVER` names."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, NoReturn

from chalicelib.core.config import settings
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 5.0
_LONGEST_CHAIN = 8


def resolver() -> Resolver:
    """Whom this process asks; a name server is given as address or `address:port`."""
    from dns.resolver import Resolver

    named = settings().nameserver
    if not named:
        return Resolver()
    found = Resolver(configure=False)
    host, _, port = named.rpartition(":") if named.count(":") == 1 else (named, "", "")
    found.nameservers = [str(ipaddress.ip_address(host.strip("[]")))]
    found.port = int(port) if port else 53
    return found


def texts_of(name: str, ask: Resolver) -> list[str]:
    """Every TXT record of a name; raises Unavailable when DNS does not answer."""
    found = _answers(name, "TXT", ask)
    return [b"".join(record.strings).decode("utf-8", "replace") for record in found]


def addresses_of(name: str, ask: Resolver) -> set[str]:
    """Every address of a name, wherever its aliases lead; raises Unavailable."""
    return {str(record.address) for kind in ("A", "AAAA") for record in _answers(name, kind, ask)}


def leads_to(name: str, target: str, ask: Resolver) -> bool:
    """Whether a name leads to another one: by its aliases, or by having its addresses alone.

    The latter is how the root of a zone leads anywhere. Raises Unavailable.
    """
    place = name
    for _ in range(_LONGEST_CHAIN):
        if place == target:
            return True
        found = _answers(place, "CNAME", ask)
        if not found:
            break
        place = str(found[0].target).rstrip(".").lower()
    there = addresses_of(name, ask)
    return bool(there) and there <= addresses_of(target, ask)


def _answers(name: str, kind: str, ask: Resolver) -> list[Any]:
    import dns.exception
    import dns.resolver

    try:
        return list(ask.resolve(f"{name}.", kind, lifetime=SECONDS, search=False))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        _silent(name, error)


def _silent(name: str, error: Exception) -> NoReturn:
    raise Unavailable(
        "dns_unavailable",
        f"DNS does not answer for {name}: {type(error).__name__}.",
        hint="Check that the domain's name servers answer, and try again.",
        retry_after=30,
    ) from None
