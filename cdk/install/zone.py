"""The domain: its hosted zone in Route 53, found or made, and whether the world knows of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from cdk.install import dns
from cdk.install.aws import Account, pages
from cdk.install.problems import Refused
from cdk.install.terminal import Finding


@dataclass(frozen=True)
class Zone:
    """A public hosted zone; `name` has no dot at its end."""

    id: str
    name: str


def public_zones(account: Account) -> list[Zone]:
    """Every public zone of the account."""
    client = account.client("route53")
    return [
        Zone(zone["Id"].rpartition("/")[2], zone["Name"].rstrip(".").lower())
        for zone in pages(client, "list_hosted_zones", "HostedZones")
        if not zone.get("Config", {}).get("PrivateZone")
    ]


def fitting(zones: list[Zone], domain: str) -> list[Zone]:
    """The zones that `domain` lies in, as near to it as there are."""
    around = [z for z in zones if domain == z.name or domain.endswith(f".{z.name}")]
    nearest = max((len(zone.name) for zone in around), default=0)
    return [zone for zone in around if len(zone.name) == nearest]


def find(account: Account, domain: str, named: str = "") -> Zone | None:
    """The zone for a domain: the named one, or the only one that fits; None when none does.

    Raises Refused when the named one does not fit or several do.
    """
    zones = public_zones(account)
    if named:
        chosen = next((zone for zone in zones if zone.id == named), None)
        if chosen is None:
            hint = f"The account has: {', '.join(f'{z.id} ({z.name})' for z in zones) or 'none'}."
            raise Refused("zone_not_found", f"There is no public hosted zone {named}", hint)
        if not fitting([chosen], domain):
            raise Refused(
                "zone_does_not_fit",
                f"{domain} does not lie in the zone {chosen.name}",
                f"Name a domain such as apps.{chosen.name}.",
            )
        return chosen
    found = fitting(zones, domain)
    if len(found) > 1:
        raise Refused(
            "zone_not_clear",
            f"{len(found)} hosted zones fit {domain}",
            f"Name one: {', '.join(f'--zone {zone.id}' for zone in found)}.",
        )
    return found[0] if found else None


def create(account: Account, domain: str) -> Zone:
    """Make a public zone for a domain that has none.

    The reference makes a request that is repeated after a lost answer make one zone, not two.
    """
    answer = account.client("route53").create_hosted_zone(
        Name=domain,
        CallerReference=f"clouddeck-{time.time_ns()}",
        HostedZoneConfig={"Comment": "CloudDeck: sites", "PrivateZone": False},
    )
    return Zone(answer["HostedZone"]["Id"].rpartition("/")[2], domain)


def own_name_servers(account: Account, zone: Zone) -> set[str]:
    """The name servers that Route 53 gave a zone."""
    answer = account.client("route53").get_hosted_zone(Id=zone.id)
    return {name.rstrip(".").lower() for name in answer["DelegationSet"]["NameServers"]}


def delegation(account: Account, zone: Zone) -> Finding:
    """Whether the public DNS points at this zone; certificates are issued only then."""
    wanted = own_name_servers(account, zone)
    public = dns.name_servers(zone.name)
    listed = ", ".join(sorted(wanted))
    if public is None:
        hint = f"Make sure that {zone.name} is delegated to: {listed}."
        return Finding("dns", "warn", "no resolver could be asked from here", hint)
    if not public:
        hint = f"Enter these name servers for {zone.name} at its registrar: {listed}."
        return Finding("dns", "fail", f"{zone.name} is not delegated to anybody yet", hint)
    if not public & wanted:
        hint = f"Delegate it to {listed}, or name the zone that the world sees with --zone."
        detail = f"{zone.name} is delegated elsewhere: {', '.join(sorted(public))}"
        return Finding("dns", "fail", detail, hint)
    return Finding("dns", "ok", f"{zone.name} ({zone.id}) is delegated to this zone")
