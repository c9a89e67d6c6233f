"""The templates of an installation as CDK wrote them, and what stands in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATEFUL = frozenset(
    {
        *("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key"),
        *("AWS::CloudFront::KeyValueStore", "AWS::Backup::BackupVault"),
    }
)
"""Resources whose replacement would lose what is in them."""

FAMILIES = {
    "AWS::CloudFront::Distribution": "CloudFront distributions",
    "AWS::CloudFront::Function": "CloudFront functions",
    "AWS::CloudFront::KeyValueStore": "KeyValueStores",
    "AWS::DynamoDB::Table": "tables",
    "AWS::DynamoDB::GlobalTable": "tables",
    "AWS::S3::Bucket": "buckets",
    "AWS::KMS::Key": "keys",
    "AWS::Lambda::Function": "functions",
    "AWS::StepFunctions::StateMachine": "state machines",
    "AWS::CodeBuild::Project": "build projects",
    "AWS::SQS::Queue": "queues",
    "AWS::Events::EventBus": "event buses",
    "AWS::Events::Rule": "event rules",
    "AWS::ApiGateway::RestApi": "REST APIs",
    "AWS::ApiGatewayV2::Api": "WebSocket APIs",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::WAFv2::WebACL": "web ACLs",
    "AWS::CertificateManager::Certificate": "certificates",
    "AWS::Route53::RecordSet": "DNS records",
    "AWS::IAM::Role": "roles",
}
"""What a person wants to know of, in their words; everything else is counted as a sum."""


@dataclass(frozen=True)
class Made:
    """A stack: its name in AWS, its region and its resources (logical id -> document)."""

    name: str
    region: str
    resources: dict[str, dict[str, Any]]

    def types(self) -> Counter[str]:
        """How many resources of which type."""
        return Counter(resource["Type"] for resource in self.resources.values())

    def words(self) -> str:
        """`3 tables, 4 buckets, 2 keys and 12 others`."""
        counted: Counter[str] = Counter()
        for kind, number in self.types().items():
            counted[FAMILIES.get(kind, "")] += number
        others = counted.pop("", 0)
        known = ", ".join(
            f"{number} {_few(name, number)}" for name, number in counted.most_common()
        )
        if not known:
            return f"{others} resources"
        return f"{known} and {others} others" if others else known


def _few(name: str, number: int) -> str:
    return name if number != 1 else name.removesuffix("es" if name.endswith("ses") else "s")


def read(folder: Path) -> list[Made]:
    """The stacks of an assembly, in the order in which they are deployed."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    artifacts = {
        name: artifact
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    made = []
    for name in _in_order(artifacts):
        artifact = artifacts[name]
        template = folder / artifact["properties"]["templateFile"]
        made.append(
            Made(
                artifact["properties"].get("stackName", name),
                artifact["environment"].rpartition("/")[2],
                json.loads(template.read_text(encoding="utf-8")).get("Resources", {}),
            )
        )
    return made


def _in_order(artifacts: dict[str, Any]) -> list[str]:
    """Names so that each follows what it depends on."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in artifacts:
            return
        for before in artifacts[name].get("dependencies", ()):
            visit(before)
        order.append(name)

    for name in artifacts:
        visit(name)
    return order


def fixed(stacks: list[Made]) -> dict[str, int]:
    """How many of what costs by standing there: to compare with `cdk.cost.model.FIXTURES`."""
    types = sum((stack.types() for stack in stacks), Counter[str]())
    rules = [
        rule
        for stack in stacks
        for resource in stack.resources.values()
        if resource["Type"] == "AWS::WAFv2::WebACL"
        for rule in resource["Properties"].get("Rules", ())
    ]
    return {
        "keys": types["AWS::KMS::Key"],
        "alarms": types["AWS::CloudWatch::Alarm"],
        "dashboards": types["AWS::CloudWatch::Dashboard"],
        "acls": types["AWS::WAFv2::WebACL"],
        "acl_rules": len(rules),
        "backups": types["AWS::Backup::BackupPlan"],
    }
