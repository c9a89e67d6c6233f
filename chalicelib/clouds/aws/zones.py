"""DNS zones in Route 53 that the installation makes for its teams.

Only zones that were made here are ever touched: their ids come from rows of ours, never from a
person, for the account has other zones.
"""

from __future__ import annotations

import hashlib
from typing import Any

from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings
from chalicelib.edge.rules.domains import RecordSet

_REGION = "us-east-1"
_MANAGED = {"A", "AAAA", "CNAME", "MX", "TXT", "CAA"}
_MOST_A_CHANGE = 500


class HostedZones:
    """Public hosted zones of one account."""

    kind = "route53"

    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.prefix

    def create(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Make a zone; asked again it is the same one, by its caller reference."""
        reference = f"{self._prefix}-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
        made = self._made_before(name, reference) or self._route53.create_hosted_zone(
            Name=name,
            CallerReference=reference,
            HostedZoneConfig={"Comment": f"CloudDeck {self._prefix}: a team's zone"},
        )
        identifier = str(made["HostedZone"]["Id"]).rpartition("/")[2]
        return identifier, tuple(made["DelegationSet"]["NameServers"])

    def remove(self, zone: str) -> None:
        """Delete a zone; Route 53 wants it empty, so its records go first."""
        route53 = self._route53
        try:
            found = [r for r in self._listed(zone) if r["Type"] not in {"NS", "SOA"}]
            for at in range(0, len(found), _MOST_A_CHANGE):
                self._change(zone, "DELETE", found[at : at + _MOST_A_CHANGE])
            route53.delete_hosted_zone(Id=zone)
        except route53.exceptions.ClientError as error:
            if code_of(error) != "NoSuchHostedZone":
                raise

    def records(self, zone: str) -> list[RecordSet]:
        """The record sets that can be managed; those with weights or regions are left out."""
        return [
            _said(found)
            for found in self._listed(zone)
            if found["Type"] in _MANAGED and "SetIdentifier" not in found
        ]

    def put(self, zone: str, wanted: RecordSet) -> None:
        """Write a record set; raises ValueError with Route 53's reason when it is refused."""
        record = {
            "Name": wanted.name,
            "Type": wanted.type,
            "TTL": wanted.ttl,
            "ResourceRecords": [{"Value": _written(wanted.type, v)} for v in wanted.values],
        }
        route53 = self._route53
        try:
            self._change(zone, "UPSERT", [record])
        except route53.exceptions.ClientError as error:
            if code_of(error) != "InvalidChangeBatch":
                raise
            raise ValueError(str(error)) from None

    def drop(self, zone: str, name: str, kind: str) -> bool:
        """Remove a record set, exactly as it is there."""
        answer = self._route53.list_resource_record_sets(
            HostedZoneId=zone, StartRecordName=name, StartRecordType=kind, MaxItems="1"
        )
        found = [
            r
            for r in answer["ResourceRecordSets"]
            if _name(r["Name"]) == name and r["Type"] == kind and kind in _MANAGED
        ]
        if found:
            self._change(zone, "DELETE", found)
        return bool(found)

    def _change(self, zone: str, action: str, records: list[dict[str, Any]]) -> None:
        self._route53.change_resource_record_sets(
            HostedZoneId=zone,
            ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": r} for r in records]},
        )

    def _listed(self, zone: str) -> list[dict[str, Any]]:
        pages = self._route53.get_paginator("list_resource_record_sets")
        return [
            found
            for page in pages.paginate(HostedZoneId=zone)
            for found in page["ResourceRecordSets"]
        ]

    def _made_before(self, name: str, reference: str) -> dict[str, Any] | None:
        """The zone that an earlier try made, whose answer got lost."""
        answer = self._route53.list_hosted_zones_by_name(DNSName=name, MaxItems="100")
        for zone in answer["HostedZones"]:
            if _name(zone["Name"]) == name and zone["CallerReference"] == reference:
                return dict(self._route53.get_hosted_zone(Id=zone["Id"]))
        return None

    @property
    def _route53(self) -> Any:
        return client("route53", _REGION)


def _name(text: str) -> str:
    r"""A name as people write it: Route 53 puts a dot at its end, and `\052` for a star."""
    return text.rstrip(".").replace("\\052", "*")


def _said(found: dict[str, Any]) -> RecordSet:
    name, kind = _name(found["Name"]), str(found["Type"])
    if "AliasTarget" in found:
        return RecordSet(name, kind, 60, (f"ALIAS {_name(found['AliasTarget']['DNSName'])}",))
    values = (_read(kind, one["Value"]) for one in found.get("ResourceRecords", ()))
    return RecordSet(name, kind, int(found.get("TTL", 300)), tuple(sorted(values)))


def _written(kind: str, value: str) -> str:
    """A value as Route 53 wants it: texts in quotes, in strings of at most 255 bytes."""
    if kind == "TXT":
        return " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))
    return value


def _read(kind: str, value: str) -> str:
    if kind == "TXT":
        return "".join(part for number, part in enumerate(value.split('"')) if number % 2)
    return value.rstrip(".") if kind == "CNAME" else value
