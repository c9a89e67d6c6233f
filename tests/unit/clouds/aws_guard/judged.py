"""What a rule group of AWS WAF would do with a request, for the statements that guards use.

Written from AWS's documentation alone, so that a guard can be held against it. Rates are not
counted: every rate whose scope fits is told.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    host: str = "shop.apps.example.com"
    address: str = "198.51.100.7"
    country: str = "DE"
    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=lambda: {"user-agent": "Mozilla/5.0"})
    token: bool = False


def decide(rules: list[Json], sets: Mapping[str, list[str]], asked: Asked) -> str:
    """`block`, `challenge`, or names of the rates that count the request, space-separated."""
    labels: set[str] = set()
    counted = []
    for rule in sorted(rules, key=lambda one: one["Priority"]):
        statement = rule["Statement"]
        if "RateBasedStatement" in statement:
            if holds(statement["RateBasedStatement"]["ScopeDownStatement"], sets, asked, labels):
                counted.append(rule["Name"])
            continue
        if not holds(statement, sets, asked, labels):
            continue
        labels |= {one["Name"] for one in rule.get("RuleLabels", ())}
        if "Block" in rule["Action"]:
            return "block"
        if "Challenge" in rule["Action"] and not asked.token:
            return "challenge"
    return " ".join(counted)


def holds(statement: Json, sets: Mapping[str, list[str]], asked: Asked, labels: set[str]) -> bool:
    ((kind, said),) = statement.items()
    below = lambda one: holds(one, sets, asked, labels)  # noqa: E731
    if kind in {"AndStatement", "OrStatement"}:
        assert len(said["Statements"]) >= 2
        return (all if kind == "AndStatement" else any)(map(below, said["Statements"]))
    if kind == "NotStatement":
        return not below(said["Statement"])
    if kind == "LabelMatchStatement":
        return said["Key"] in labels
    if kind == "GeoMatchStatement":
        return asked.country in said["CountryCodes"]
    if kind == "IPSetReferenceStatement":
        networks = map(ipaddress.ip_network, sets[said["ARN"]])
        return any(ipaddress.ip_address(asked.address) in one for one in networks)
    value = _field(said["FieldToMatch"], asked)
    if value is None:
        return False
    for one in sorted(said["TextTransformations"], key=lambda t: t["Priority"]):
        value = _TRANSFORMED[one["Type"]](value)
    if kind == "SizeConstraintStatement":
        assert said["ComparisonOperator"] == "GT"
        return len(value) > said["Size"]
    assert kind == "RegexMatchStatement"
    assert len(said["RegexString"]) <= 200
    return re.search(said["RegexString"], value) is not None


def _field(what: Json, asked: Asked) -> str | None:
    if "UriPath" in what:
        return asked.path
    if "Method" in what:
        return asked.method
    name = what["SingleHeader"]["Name"]
    return asked.host if name == "host" else asked.headers.get(name)


_TRANSFORMED = {
    "NONE": str,
    "LOWERCASE": str.lower,
    "URL_DECODE": unquote_plus,
    "NORMALIZE_PATH": lambda text: re.sub("/{2,}", "/", text),
}
