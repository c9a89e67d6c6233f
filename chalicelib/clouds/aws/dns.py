"""A zone of Route 53 that the installation may write: hosts that lead to CloudFront.

An alias is answered by Route 53 itself, costs nothing, and may stand at the root of a zone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chalicelib.clouds.aws.domain_states import domain_name
from chalicelib.clouds.aws.session import client

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""The zone of every CloudFront name. Source: AWS, "AliasTarget"."""

_REGION = "us-east-1"
_TYPES = ("A", "AAAA")
_POLL_SECONDS = 3.0


class Zone:
    """One hosted zone, by its id."""

    def __init__(self, zone: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._zone = zone
        self._sleep = sleep

    def point(self, host: str, endpoint: str) -> str:
        """Let a host lead to a CloudFront name over IPv4 and IPv6; id of the change.

        Replaces addresses that stand there. Raises ClientError (InvalidChangeBatch) when the
        host is not of this zone, or a CNAME is in the way.
        """
        return self._change("UPSERT", [_alias(host, kind, endpoint) for kind in _TYPES])

    def remove(self, host: str) -> str:
        """Delete the records that lead to CloudFront, and no others; "" when there are none."""
        ours = [record for record in self._records(domain_name(host)) if _leads_to_us(record)]
        return self._change("DELETE", ours) if ours else ""

    def wait(self, change: str, seconds: float = 120) -> bool:
        """Until all servers of the zone know a change; False when that takes longer."""
        for _ in range(max(1, round(seconds / _POLL_SECONDS))):
            if self._route53.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC":
                return True
            self._sleep(_POLL_SECONDS)
        return False

    def _change(self, action: str, records: list[dict[str, Any]]) -> str:
        changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
        answer = self._route53.change_resource_record_sets(
            HostedZoneId=self._zone, ChangeBatch={"Changes": changes}
        )
        return str(answer["ChangeInfo"]["Id"])

    def _records(self, host: str) -> list[dict[str, Any]]:
        """What stands at a host: the list begins there and is in the order of names."""
        answer = self._route53.list_resource_record_sets(
            HostedZoneId=self._zone, StartRecordName=host, MaxItems="50"
        )
        return [r for r in answer["ResourceRecordSets"] if r["Name"].rstrip(".") == host]

    @property
    def _route53(self) -> Any:
        return client("route53", _REGION)


def _alias(host: str, kind: str, endpoint: str) -> dict[str, Any]:
    return {
        "Name": domain_name(host),
        "Type": kind,
        "AliasTarget": {
            "HostedZoneId": CLOUDFRONT_ZONE,
            "DNSName": domain_name(endpoint),
            "EvaluateTargetHealth": False,
        },
    }


def _leads_to_us(record: dict[str, Any]) -> bool:
    target = record.get("AliasTarget", {}).get("HostedZoneId")
    return record["Type"] in _TYPES and target == CLOUDFRONT_ZONE
