"""Clients of AWS that a test answers, with every call written down as IAM would see it."""

from __future__ import annotations

import re
from typing import Any

from botocore import xform_name

from tests.fakes.cloud import client
from tests.infra.calls import ANY, Calls


class Watched:
    """A service's backend that tells what it is asked before it answers."""

    def __init__(self, calls: Calls, service: str, backend: Any) -> None:
        self._calls, self._service, self._backend = calls, service, backend

    def client(self) -> Any:
        """A client of the service, checked against botocore's model of it."""
        made = client(self._service, self._backend)
        name = made.meta.service_model.service_id.hyphenize()

        def told(params: dict[str, Any], model: Any, **_: Any) -> None:
            for action, resource in self._meant(model.name, params):
                self._calls.note(f"{self._service}:{action}", resource)

        made.meta.events.register_first(f"before-parameter-build.{name}.*", told)
        return made

    def _meant(self, operation: str, asked: dict[str, Any]) -> list[tuple[str, str]]:
        """What IAM is asked. Source: AWS, "Actions, resources, and condition keys"."""
        account = self._calls.names.of.account
        if self._service == "acm":
            found = [(operation, asked.get("CertificateArn", ANY))]
            tagged = [("AddTagsToCertificate", f"arn:aws:acm:us-east-1:{account}:certificate/new")]
            return found + (tagged if asked.get("Tags") else [])
        if self._service == "route53":
            zone = asked.get("HostedZoneId") or asked.get("Id")
            return [(operation, f"arn:aws:route53:::hostedzone/{zone}" if zone else ANY)]
        if self._service == "wafv2":
            return _of_waf(account, operation, asked)
        if xform_name(operation) in {"get_distribution_tenant_by_domain", "list_domain_conflicts"}:
            return [(operation, ANY)]
        over = [f"arn:aws:cloudfront::{account}:distribution-tenant/{asked.get('Id', 'dt_new')}"]
        if operation == "CreateDistributionTenant":
            group = asked["ConnectionGroupId"]
            over += ["<distributions>", f"arn:aws:cloudfront::{account}:connection-group/{group}"]
        return [(operation, arn) for arn in over]


def _of_waf(account: str, operation: str, asked: dict[str, Any]) -> list[tuple[str, str]]:
    """The thing itself, and all that the rules refer to."""
    if operation.startswith(("List", "Check")):
        return [(operation, ANY)]
    here = f"arn:aws:wafv2:us-east-1:{account}:global"
    kind = next(one for one in ("IPSet", "RuleGroup", "WebACL") if operation.endswith(one))
    own = "<firewall>" if kind == "WebACL" else f"{here}/{kind.lower()}/{asked['Name']}/id"
    named = list(re.findall(r"'ARN': '([^']+)'", str(asked.get("Rules", ""))))
    if "ManagedRuleGroupStatement" in str(asked.get("Rules", "")):
        named.append(f"{here}/managedruleset/AWS/id")
    return [
        (operation, arn)
        for arn in (own, *(arn.replace(":000000000000:", f":{account}:") for arn in named))
    ]


class FakeRoute53:
    """Hosted zones and their record sets."""

    def __init__(self) -> None:
        self.zones: dict[str, dict[str, Any]] = {}
        self.sets: dict[str, list[dict[str, Any]]] = {}

    def create_hosted_zone(self, **asked: Any) -> dict[str, Any]:
        identifier = f"Z{len(self.zones) + 1}"
        made = {"Id": f"/hostedzone/{identifier}", "Name": f"{asked['Name']}."}
        self.zones[identifier] = {**made, "CallerReference": asked["CallerReference"]}
        self.sets[identifier] = []
        said = self.get_hosted_zone(identifier)
        change = {"Id": "C1", "Status": "PENDING", "SubmittedAt": "2026-01-01T00:00:00Z"}
        return {**said, "ChangeInfo": change, "Location": "https://route53.test/1"}

    def get_hosted_zone(self, Id: str) -> dict[str, Any]:  # noqa: N803
        servers = {"NameServers": ["ns-1.awsdns.test"]}
        return {"HostedZone": self.zones[Id], "DelegationSet": servers}

    def list_hosted_zones_by_name(self, **asked: Any) -> dict[str, Any]:
        zones = list(self.zones.values())
        return {"HostedZones": zones, "IsTruncated": False, "MaxItems": asked["MaxItems"]}

    def change_resource_record_sets(self, **asked: Any) -> dict[str, Any]:
        there = self.sets[asked["HostedZoneId"]]
        for change in asked["ChangeBatch"]["Changes"]:
            told = change["ResourceRecordSet"]
            key = (told["Name"].rstrip("."), told["Type"])
            there[:] = [one for one in there if (one["Name"].rstrip("."), one["Type"]) != key]
            if change["Action"] == "UPSERT":
                there.append({**told, "Name": f"{key[0]}."})
        change = {"Id": "C2", "Status": "PENDING", "SubmittedAt": "2026-01-01T00:00:00Z"}
        return {"ChangeInfo": change}

    def list_resource_record_sets(self, **asked: Any) -> dict[str, Any]:
        found = sorted(self.sets[asked["HostedZoneId"]], key=lambda one: one["Name"])
        if name := asked.get("StartRecordName"):
            wanted = (name.rstrip("."), asked.get("StartRecordType"))
            found = [one for one in found if (one["Name"].rstrip("."), one["Type"]) == wanted]
        return {"ResourceRecordSets": found, "IsTruncated": False, "MaxItems": "100"}

    def delete_hosted_zone(self, Id: str) -> dict[str, Any]:  # noqa: N803
        del self.zones[Id], self.sets[Id]
        change = {"Id": "C3", "Status": "PENDING", "SubmittedAt": "2026-01-01T00:00:00Z"}
        return {"ChangeInfo": change}
