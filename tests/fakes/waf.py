"""AWS WAF of CloudFront: sets of networks, groups of rules, one web ACL.

It refuses what AWS WAF refuses for what others hold, for old lock tokens, unknown references and
rules that do not fit; weights are those of AWS's documentation, as far as guards use them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.cloud import Fault

ACL = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/test-edge/acl-1"
Json = dict[str, Any]


@dataclass
class FakeWaf:
    """`crossing` writes find that somebody else was faster; `spreading` deletions come too soon.

    `page` is how many entries a list has at a time.
    """

    crossing: int = 0
    spreading: int = 0
    page: int = 100
    most_rates: int = 10
    things: dict[str, Json] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    acl: Json = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True}
        common = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
        limit = {"Limit": 30_000, "AggregateKeyType": "IP", "EvaluationWindowSec": 300}
        own: list[Json] = [
            {"Name": "rate", "Action": {"Block": {}}, "Statement": {"RateBasedStatement": limit}},
            {
                "Name": "common",
                "OverrideAction": {"None": {}},
                "Statement": {"ManagedRuleGroupStatement": common},
            },
        ]
        rules = [
            {**rule, "Priority": at, "VisibilityConfig": {**seen, "MetricName": rule["Name"]}}
            for at, rule in enumerate(own)
        ]
        self.acl = {
            "Name": "test-edge",
            "Id": "acl-1",
            "ARN": ACL,
            "Rules": rules,
            "DefaultAction": {"Allow": {}},
            "Description": "of the edge",
            "VisibilityConfig": {**seen, "MetricName": "test-edge"},
            "TokenDomains": ["example.com"],
        }
        self.tokens = {ACL: "t0"}

    def guards(self) -> list[str]:
        """Names of the rules of the web ACL that ask for a group of somebody's."""
        return [r["Name"] for r in self.acl["Rules"] if "RuleGroupReference" in str(r["Statement"])]

    def named(self) -> set[str]:
        return {one["Name"] for one in self.things.values()}

    # what AWS WAF answers

    def list_ip_sets(self, **asked: Any) -> Json:
        return self._list("IPSets", "/ipset/", asked)

    def list_rule_groups(self, **asked: Any) -> Json:
        return self._list("RuleGroups", "/rulegroup/", asked)

    def create_ip_set(self, **asked: Any) -> Json:
        return self._create("ipset", asked, {})

    def create_rule_group(self, **asked: Any) -> Json:
        assert weigh(asked["Rules"]) <= asked["Capacity"]
        self._references(asked["Rules"])
        return self._create("rulegroup", asked, {})

    def get_ip_set(self, **asked: Any) -> Json:
        return self._get("IPSet", asked)

    def get_rule_group(self, **asked: Any) -> Json:
        return self._get("RuleGroup", asked)

    def update_ip_set(self, **asked: Any) -> Json:
        return self._update(asked, ("Addresses",))

    def update_rule_group(self, **asked: Any) -> Json:
        there = self._at(asked)
        if weigh(asked["Rules"]) > there["Capacity"]:
            raise Fault("WAFLimitsExceededException", "capacity")
        self._references(asked["Rules"])
        return self._update(asked, ("Rules", "VisibilityConfig", "CustomResponseBodies"))

    def delete_ip_set(self, **asked: Any) -> Json:
        return self._delete(
            asked, [r for one in self.things.values() for r in one.get("Rules", [])]
        )

    def delete_rule_group(self, **asked: Any) -> Json:
        return self._delete(asked, self.acl["Rules"])

    def check_capacity(self, **asked: Any) -> Json:
        self._references(asked["Rules"])
        assert "CustomResponseBodyKey" not in str(asked["Rules"])
        return {"Capacity": weigh(asked["Rules"])}

    def get_web_acl(self, **asked: Any) -> Json:
        assert asked == {"ARN": ACL}
        return {"WebACL": {**self.acl, "Capacity": self._used()}, "LockToken": self.tokens[ACL]}

    def update_web_acl(self, **asked: Any) -> Json:
        self._crossed(ACL, asked["LockToken"])
        rules = asked["Rules"]
        assert len({rule["Priority"] for rule in rules}) == len(rules)
        self._references(rules)
        before, self.acl = self.acl, {**asked, "ARN": ACL}
        rates = sum("RateBasedStatement" in str(r["Statement"]) for r in rules)
        rates += sum(str(self.things[arn]["Rules"]).count("RateBased") for arn in _arns(rules))
        if rates > self.most_rates or self._used() > 5_000:
            self.acl = before
            raise Fault("WAFLimitsExceededException", "rate-based statements per web ACL")
        for own in ("Scope", "LockToken"):
            del self.acl[own]
        return self._written("update_web_acl", ACL)

    # how it keeps that

    def _used(self) -> int:
        groups = (self.things[arn]["Capacity"] for arn in _arns(self.acl["Rules"]))
        return 702 + sum(groups)  # 700 of AWS's common rules, 2 of the rate

    def _list(self, where: str, kind: str, asked: Json) -> Json:
        found = [one for arn, one in sorted(self.things.items()) if kind in arn]
        first = int(asked.get("NextMarker", 0))
        shown = [{k: one[k] for k in ("Name", "Id", "ARN")} for one in found]
        more = {"NextMarker": str(first + self.page)} if len(found) > first + self.page else {}
        return {where: shown[first : first + self.page], **more}

    def _create(self, kind: str, asked: Json, more: Json) -> Json:
        if asked["Name"] in self.named():
            raise Fault("WAFDuplicateItemException")
        self._count += 1
        own = {"Id": f"id-{self._count}", "LockToken": "t0"}
        arn = f"arn:aws:wafv2:us-east-1:000000000000:global/{kind}/{asked['Name']}/{own['Id']}"
        self.things[arn] = {**asked, **more, "ARN": arn, "Id": own["Id"]}
        self.tokens[arn] = "t0"
        self.writes.append(f"create_{kind}")
        return {"Summary": {**own, "ARN": arn, "Name": asked["Name"]}}

    def _get(self, what: str, asked: Json) -> Json:
        there = self._at(asked)
        shown = {k: v for k, v in there.items() if k not in {"Scope", "Tags"}}
        return {what: shown, "LockToken": self.tokens[there["ARN"]]}

    def _update(self, asked: Json, kept: tuple[str, ...]) -> Json:
        there = self._at(asked)
        self._crossed(there["ARN"], asked["LockToken"])
        there |= {key: asked[key] for key in kept}
        return self._written("update", there["ARN"])

    def _delete(self, asked: Json, rules: list[Json]) -> Json:
        arn = self._at(asked)["ARN"]
        self._crossed(arn, asked["LockToken"])
        if arn in _arns(rules) or self.spreading > 0:
            self.spreading -= 1
            raise Fault("WAFAssociatedItemException")
        del self.things[arn]
        self.writes.append("delete")
        return {}

    def _at(self, asked: Json) -> Json:
        for one in self.things.values():
            if (one["Name"], one["Id"]) == (asked["Name"], asked["Id"]):
                return one
        raise Fault("WAFNonexistentItemException")

    def _crossed(self, arn: str, token: str) -> None:
        if self.crossing > 0:
            self.crossing -= 1
            self.tokens[arn] += "x"
        if token != self.tokens[arn]:
            raise Fault("WAFOptimisticLockException")

    def _references(self, rules: list[Json]) -> None:
        if any(arn not in self.things for arn in _arns(rules)):
            raise Fault("WAFNonexistentItemException")

    def _written(self, what: str, arn: str) -> Json:
        self.writes.append(what)
        self.tokens[arn] += "+"
        return {"NextLockToken": self.tokens[arn]}


def _every(told: Any) -> Iterator[Json]:
    """All objects below one."""
    if isinstance(told, dict):
        yield told
        for one in told.values():
            yield from _every(one)
    elif isinstance(told, list):
        for one in told:
            yield from _every(one)


def _arns(rules: list[Json]) -> list[str]:
    return [one["ARN"] for one in _every(rules) if "ARN" in one]


def weigh(rules: list[Json]) -> int:
    """Units of rules, without what AWS WAF saves where things are used twice."""
    units = 0
    for one in _every(rules):
        for kind, base in (
            *(("LabelMatchStatement", 1), ("IPSetReferenceStatement", 1)),
            *(("GeoMatchStatement", 1), ("SizeConstraintStatement", 1)),
            *(("RegexMatchStatement", 3), ("ByteMatchStatement", 2), ("RateBasedStatement", 2)),
        ):
            units += base if kind in one else 0
        units += 30 * len(one.get("CustomKeys", ()))
        units += 10 * sum(t["Type"] != "NONE" for t in one.get("TextTransformations", ()))
    return units
