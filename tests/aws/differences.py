"""Where the emulator is not AWS, as data: what a template loses, and what it says otherwise there.

Every entry says why. The tests hold what was done to the templates against these tables, so that
nothing is passed over in silence. Pure: documents go in and come out.
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

LACKING = {
    "AWS::CloudWatch::Alarm": "no alarm out of several metrics; the others are there",
    "AWS::Backup::BackupSelection": "it has vaults and plans, and backs nothing up",
    "AWS::Events::Archive": "it archives events, but not in CloudFormation",
    "AWS::WAFv2::WebACLAssociation": "its firewall guards nothing",
    "AWS::Budgets::Budget": "it has budgets, but not in CloudFormation",
    "AWS::CloudFront::ConnectionGroup": "it has groups, but not in CloudFormation (see deploy.py)",
    "AWS::Logs::Delivery": "it delivers no logs",
    "AWS::Logs::DeliveryDestination": "it delivers no logs",
    "AWS::Logs::DeliverySource": "it delivers no logs",
    "AWS::Pipes::Pipe": "its pipes end in SNS or Step Functions, ours in SQS (see pipe.py)",
}
"""Types that are left out -> why."""

STANDS_FOR = {"aws.codebuild": "codebuild.test"}
"""Sources of events -> what the events of whoever stands in say."""

OTHERWISE = {
    "address": "API Gateway answers below the emulator's own address, over plain HTTP",
    "gateway responses": "it passes them over in the description of an API (deploy.py puts them)",
    "runtime": "its Python has no boto3, which Lambda's has: what CloudFormation calls gets a path",
    "tls": "it is asked over plain HTTP, which our buckets and queues refuse",
    "key by alias": "IAM knows a key that is named by its alias by that alias alone",
    "builds by id": "IAM does not look up which project a build belongs to",
    "store of routes": "IAM knows no resources of the KeyValueStore",
    "streams of tables": "IAM does not look up which table a stream belongs to",
    "log groups": "IAM leaves `:*` off the ARN of a log group, and knows no streams",
    "source of events": "IAM has no `events:source`",
    "events of AWS": "like AWS it takes them from nobody else, and its CodeBuild sends none",
    "leading keys": "IAM has no `dynamodb:LeadingKeys`",
    "tenants of distributions": "IAM knows no resource of CloudFront but distributions",
    "sender of mail": "IAM knows neither the identity that mail is from nor `ses:FromAddress`",
}
"""What is said otherwise -> why. Each widens exactly the statements that cannot hold otherwise."""


@dataclass
class Fitted:
    """A template that the emulator takes; what it lost by type, and what it says otherwise."""

    template: Json
    left_out: dict[str, list[str]] = field(default_factory=dict)
    otherwise: Counter[str] = field(default_factory=Counter)


def fit(template: Json, gateway: str, prefix: str, boto3: str) -> Fitted:
    """The template as the emulator takes it.

    `gateway` is the address below which the emulator answers for API Gateway, `boto3` a folder
    that holds it.
    """
    fitted = Fitted(copy.deepcopy(template))
    _leave_out(fitted)
    _runtime(fitted, boto3)
    _sources(fitted)
    described = [one for _, one in _resources(fitted) if "Body" in one.get("Properties", {})]
    fitted.otherwise["gateway responses"] += len(described)
    fitted.otherwise += Counter()  # without zeros
    fitted.template = _addresses(fitted.template, gateway, fitted.otherwise)
    for document in _policies(fitted.template):
        document["Statement"] = [
            read
            for statement in document["Statement"]
            for read in _read(statement, prefix, fitted.otherwise)
        ]
    for logical in [name for name, made in _resources(fitted) if _empty_policy(made)]:
        del fitted.template["Resources"][logical]
    return fitted


def _resources(fitted: Fitted) -> list[tuple[str, Json]]:
    return list(fitted.template["Resources"].items())


def _leave_out(fitted: Fitted) -> None:
    gone = {name for name, made in _resources(fitted) if _lacking(made)}
    for name in sorted(gone):
        made = fitted.template["Resources"].pop(name)
        fitted.left_out.setdefault(made["Type"], []).append(name)
    for _, made in _resources(fitted):
        after = made.get("DependsOn", [])
        left = [name for name in ([after] if isinstance(after, str) else after) if name not in gone]
        made.pop("DependsOn", None)
        if left:
            made["DependsOn"] = left
    for name, output in list(fitted.template.get("Outputs", {}).items()):
        if any(lost in json.dumps(output["Value"]) for lost in gone):
            del fitted.template["Outputs"][name]


def _lacking(made: Json) -> bool:
    if made["Type"] == "AWS::CloudWatch::Alarm":
        return "Metrics" in made["Properties"]
    return made["Type"] in LACKING


def _runtime(fitted: Fitted, boto3: str) -> None:
    for _, made in _resources(fitted):
        if made["Type"] != "AWS::Lambda::Function" or made["Properties"].get("Layers"):
            continue
        if not made["Properties"]["Handler"].startswith("functions."):  # the edge has no libraries
            fitted.otherwise["runtime"] += 1
            environment = made["Properties"].setdefault("Environment", {})
            environment.setdefault("Variables", {})["PYTHONPATH"] = boto3


def _sources(fitted: Fitted) -> None:
    for _, made in _resources(fitted):
        if made["Type"] == "AWS::Events::Rule":
            pattern = made["Properties"]["EventPattern"]
            read = [STANDS_FOR.get(source, source) for source in pattern["source"]]
            fitted.otherwise["events of AWS"] += read != pattern["source"]
            pattern["source"] = read


def _empty_policy(made: Json) -> bool:
    document = made.get("Properties", {}).get("PolicyDocument")
    return isinstance(document, dict) and not document["Statement"]


def _addresses(node: Any, gateway: str, otherwise: Counter[str]) -> Any:
    """`https://<id>.execute-api.<region>.amazonaws.com/<stage>` -> below `gateway`."""
    if isinstance(node, list):
        return [_addresses(item, gateway, otherwise) for item in node]
    if not isinstance(node, dict):
        return node
    parts = node["Fn::Join"][1] if "Fn::Join" in node else []
    if len(parts) == 3 and str(parts[0]) in {"https://", "wss://"}:
        host = re.fullmatch(r"\.execute-api\.[a-z0-9-]+\.amazonaws\.com(/\w+)", str(parts[2]))
        if host:
            otherwise["address"] += 1
            base = gateway.replace("http", "ws", 1) if parts[0] == "wss://" else gateway
            return {"Fn::Join": ["", [f"{base}/", parts[1], host[1]]]}
    return {name: _addresses(item, gateway, otherwise) for name, item in node.items()}


def _policies(node: Any) -> Iterator[Json]:
    """Every policy in a template, whoever it belongs to."""
    if isinstance(node, list):
        for item in node:
            yield from _policies(item)
    elif isinstance(node, dict):
        if isinstance(node.get("Statement"), list):
            yield node
        for item in node.values():
            yield from _policies(item)


def _read(statement: Json, prefix: str, otherwise: Counter[str]) -> Iterator[Json]:
    """A statement in the emulator's words: itself, others beside it, or nothing."""
    conditions = json.dumps(statement.get("Condition", {}))
    if statement["Effect"] == "Deny" and re.search("aws:SecureTransport|s3:TlsVersion", conditions):
        otherwise["tls"] += 1
        return
    if statement["Effect"] == "Deny" or "Principal" in statement:
        yield statement
        return
    said = dict(statement)
    for reading, key in (("source of events", "events:source"), ("leading keys", "LeadingKeys")):
        if key in conditions:
            otherwise[reading] += 1
            said.pop("Condition")
    yield said
    for reading, extra in _READINGS.items():
        if more := extra(said, prefix):
            otherwise[reading] += 1
            yield {"Effect": "Allow", **more}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _actions(statement: Json, pattern: str) -> list[str]:
    return [action for action in _listed(statement["Action"]) if re.fullmatch(pattern, action)]


def _keys(statement: Json, prefix: str) -> Json:
    """Which key it is, its reference tells: `...datakey...` or `...signingkey...`."""
    actions = _actions(statement, "kms:.*")
    referred = re.findall("(data|signing)-?key", json.dumps(statement["Resource"]))
    names = [name for key in sorted(set(referred)) for name in _ALIASES[key]]
    aliases = [f"arn:aws:kms:*:*:alias/{prefix}-{name}" for name in names]
    return {"Action": actions, "Resource": aliases} if actions and aliases else {}


_ALIASES = {"data": ("data",), "signing": ("signing", "signing-previous")}
"""An alias that leads to no key is absent to AWS, whoever asks; here IAM is asked first."""


def _builds(statement: Json, _prefix: str) -> Json:
    actions = _actions(statement, "codebuild:(BatchGetBuilds|StopBuild)")
    return {"Action": actions, "Resource": "*"} if actions else {}


def _streams(statement: Json, _prefix: str) -> Json:
    actions = _actions(statement, "dynamodb:(DescribeStream|GetRecords|GetShardIterator)")
    return {"Action": actions, "Resource": "*"} if actions else {}


def _routes(statement: Json, _prefix: str) -> Json:
    actions = _actions(statement, "cloudfront-keyvaluestore:.*")
    return {"Action": actions, "Resource": "*"} if actions else {}


def _mail(statement: Json, _prefix: str) -> Json:
    actions = _actions(statement, "ses:SendEmail")
    return {"Action": actions, "Resource": "*"} if actions else {}


def _tenants(statement: Json, _prefix: str) -> Json:
    pattern = "cloudfront:(.*DistributionTenant|GetManagedCertificateDetails|VerifyDns.*)"
    actions = _actions(statement, pattern)
    return {"Action": actions, "Resource": "*"} if actions else {}


def _logs(statement: Json, _prefix: str) -> Json:
    actions = _actions(statement, "logs:(FilterLogEvents|GetLogEvents)")
    groups = re.findall(r"arn:aws:logs:[^:]+:[^:]+:log-group:[^:\"]+", json.dumps(statement))
    return {"Action": actions, "Resource": sorted(set(groups))} if actions and groups else {}


_READINGS: dict[str, Callable[[Json, str], Json]] = {
    "key by alias": _keys,
    "builds by id": _builds,
    "store of routes": _routes,
    "streams of tables": _streams,
    "log groups": _logs,
    "tenants of distributions": _tenants,
    "sender of mail": _mail,
}
