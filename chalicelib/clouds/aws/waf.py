"""The guards of sites in AWS WAF: one rule group each, in the web ACL of the distributions.

Names follow from the project, so nothing has to be remembered: IP sets `<prefix>-guard-<project>-
<what>`, a group `<prefix>-guard-<project>-<capacity>`. A group's capacity can never be changed, so
a guard that outgrows it moves into another group. Everything is looked at before it is changed and
may be repeated; whoever changes the same thing at the same time is told by a lock token, and tries
again. CloudFront's firewall lives in us-east-1.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from chalicelib.clouds.aws import waf_rules
from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings

REGION = "us-east-1"
SCOPE = {"Scope": "CLOUDFRONT"}
CAPACITY = 1_500
"""Units that a web ACL may use; each 500 more would cost 0.20 dollars per million requests."""

STEP = 50
"""Capacity of groups is rounded up to this, so that small changes do not move a guard."""

_FIRST = 1_000
"""Priority of the first guard; the installation's own rules come before."""

_TRIES = 6
_CROSSED = {"WAFOptimisticLockException", "WAFUnavailableEntityException"}
_IN_USE = {"WAFAssociatedItemException"}
"""Spreading the news that something is not referred to any more takes AWS WAF some seconds."""

_REFUSED = {
    "WAFLimitsExceededException",
    "WAFInvalidParameterException",
    "WAFInvalidOperationException",
    "WAFConfigurationWarningException",
}
_KEPT = (
    *("Name", "Id", "DefaultAction", "Description", "Rules", "VisibilityConfig"),
    *("DataProtectionConfig", "CustomResponseBodies", "CaptchaConfig", "ChallengeConfig"),
    *("TokenDomains", "AssociationConfig", "OnSourceDDoSProtectionConfig", "ApplicationConfig"),
)
"""What an update of a web ACL has to say again, or it is gone."""

Json = dict[str, Any]
_Answer = TypeVar("_Answer")


class GuardRefusedError(Exception):
    """AWS WAF does not take a guard; the text is for whoever made it."""


def refusal(settings: Settings, document: Mapping[str, Any]) -> str:
    """Why a guard cannot be put into force here; empty when it can."""
    if not _acl_of(settings):
        return (
            "This installation has no firewall, which a guard needs:"
            " only the profile `production` has one."
        )
    return waf_rules.refusal(document)


def _acl_of(settings: Settings) -> str:
    return "" if settings.firewall == "none" else settings.firewall


class Firewall:
    """The web ACL of one installation (setting `firewall`, an ARN)."""

    def __init__(self, settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._acl = _acl_of(settings)
        self._prefix = f"{settings.prefix}-guard-"
        self._sleep = sleep

    def put(self, project: str, document: Mapping[str, Any], text: str, hosts: list[str]) -> None:
        """Put a checked guard into force; `text` is the same as routes carry it.

        `hosts` are the site's own first, then those that people brought. Raises GuardRefusedError
        when AWS WAF cannot, or will not: what was in force stays, but for the networks.
        """
        if not self._acl:
            raise GuardRefusedError("This installation has no firewall.")
        if reason := waf_rules.refusal(document):
            raise GuardRefusedError(reason)
        try:
            patterns = waf_rules.host_patterns(hosts[0], hosts[1:])
            sets = waf_rules.ip_sets(document)
            arns = {one.name: self._ip_set(self._name(project, one.name), one) for one in sets}
            rules = waf_rules.rules(text, patterns, arns, f"guard-{project}")
            group = self._group(project, rules)
            self._attach(project, group)
            self._clean(project, {group, *arns.values()})
        except ValueError as error:
            raise GuardRefusedError(str(error)) from error
        except self._waf.exceptions.ClientError as error:
            if code_of(error) not in _REFUSED:
                raise
            raise GuardRefusedError(_told(error)) from error

    def remove(self, project: str) -> None:
        """Take everything of a project out of the firewall; nothing when it has nothing there."""
        if self._acl and (self._groups(project) or self._sets(project)):
            self._attach(project, "")
            self._clean(project, set())

    def _name(self, project: str, what: str) -> str:
        return f"{self._prefix}{project}-{what}"

    def _ip_set(self, name: str, wanted: waf_rules.IpSet) -> str:
        """The ARN of an IP set that holds these networks and no others."""

        def write() -> str:
            found = self._find("list_ip_sets", "IPSets", name)
            networks = list(wanted.networks)
            if not found:
                answer = self._waf.create_ip_set(
                    **SCOPE, Name=name, IPAddressVersion=wanted.version, Addresses=networks
                )
                return str(answer["Summary"]["ARN"])
            named = {**SCOPE, "Name": name, "Id": found[0]["Id"]}
            there = self._waf.get_ip_set(**named)
            if sorted(there["IPSet"]["Addresses"]) != sorted(networks):
                self._waf.update_ip_set(**named, Addresses=networks, LockToken=there["LockToken"])
            return str(found[0]["ARN"])

        return self._again(write)

    def _group(self, project: str, rules: list[Json]) -> str:
        """The ARN of a group with these rules, of which there is room for in the web ACL."""
        # answers weigh nothing, and their texts are known to groups only
        weighed = [{**rule, "Action": {"Block": {}}} for rule in rules]
        needed = self._again(lambda: self._waf.check_capacity(**SCOPE, Rules=weighed)["Capacity"])
        reserved = -(-int(needed) // STEP) * STEP
        name = self._name(project, str(reserved))
        said = {
            "Rules": rules,
            "VisibilityConfig": waf_rules.seen(f"guard-{project}"),
            "CustomResponseBodies": waf_rules.BODIES,
        }

        def write() -> str:
            found = [one for one in self._groups(project) if one["Name"] == name]
            if not found:
                self._make_room(project, reserved)
                made = self._waf.create_rule_group(**SCOPE, Name=name, Capacity=reserved, **said)
                return str(made["Summary"]["ARN"])
            named = {**SCOPE, "Name": name, "Id": found[0]["Id"]}
            there = self._waf.get_rule_group(**named)
            if any(there["RuleGroup"].get(key) != value for key, value in said.items()):
                self._waf.update_rule_group(**named, **said, LockToken=there["LockToken"])
            return str(found[0]["ARN"])

        return self._again(write)

    def _make_room(self, project: str, reserved: int) -> None:
        """Raises GuardRefusedError when the web ACL cannot take a group of this capacity."""
        acl = self._waf.get_web_acl(ARN=self._acl)["WebACL"]
        used = int(acl.get("Capacity", 0)) - self._held(project, acl.get("Rules", ()))
        if used + reserved > CAPACITY:
            raise GuardRefusedError(
                f"The installation's firewall has {max(0, CAPACITY - used)} of {CAPACITY} units"
                f" left, and this guard needs {reserved}: fewer rates need less."
            )

    def _held(self, project: str, rules: Iterable[Json]) -> int:
        """What the group that a project has in the web ACL now takes: its name says so."""
        for rule in rules:
            if rule["Name"] == f"guard-{project}":
                arn = rule["Statement"]["RuleGroupReferenceStatement"]["ARN"]
                return int(arn.split("/")[-2].rpartition("-")[2])
        return 0

    def _attach(self, project: str, group: str) -> None:
        """Let the web ACL ask a group, and no other one of the project; none when `group` is ""."""

        def write() -> None:
            answer = self._waf.get_web_acl(ARN=self._acl)
            acl = answer["WebACL"]
            rules = attached(acl.get("Rules", []), f"guard-{project}", group)
            if rules == acl.get("Rules", []):
                return
            said = {key: acl[key] for key in _KEPT if key in acl}
            token = answer["LockToken"]
            self._waf.update_web_acl(**SCOPE, **{**said, "Rules": rules}, LockToken=token)

        self._again(write)

    def _clean(self, project: str, kept: set[str]) -> None:
        """Delete what a project had before and needs no more; groups first, they name sets."""
        for group in self._groups(project):
            if group["ARN"] not in kept:
                self._delete("delete_rule_group", "get_rule_group", group)
        for one in self._sets(project):
            if one["ARN"] not in kept:
                self._delete("delete_ip_set", "get_ip_set", one)

    def _delete(self, delete: str, get: str, found: Json) -> None:
        named = {**SCOPE, "Name": found["Name"], "Id": found["Id"]}

        def write() -> None:
            token = getattr(self._waf, get)(**named)["LockToken"]
            getattr(self._waf, delete)(**named, LockToken=token)

        try:
            self._again(write)
        except self._waf.exceptions.WAFNonexistentItemException:
            return  # somebody else has deleted it

    def _groups(self, project: str) -> list[Json]:
        return self._find("list_rule_groups", "RuleGroups", self._name(project, ""))

    def _sets(self, project: str) -> list[Json]:
        return self._find("list_ip_sets", "IPSets", self._name(project, ""))

    def _find(self, operation: str, where: str, name: str) -> list[Json]:
        """What is called so, or begins so when the name ends with a hyphen."""
        found: list[Json] = []
        more: Json = {}
        while True:
            answer = getattr(self._waf, operation)(**SCOPE, Limit=100, **more)
            found += [
                one
                for one in answer.get(where, ())
                if one["Name"] == name or (name.endswith("-") and one["Name"].startswith(name))
            ]
            if not answer.get("NextMarker"):
                return found
            more = {"NextMarker": answer["NextMarker"]}

    def _again(self, write: Callable[[], _Answer]) -> _Answer:
        """Do it again from the beginning while somebody else changes the same thing."""
        for attempt in range(_TRIES):
            try:
                return write()
            except self._waf.exceptions.ClientError as error:
                if code_of(error) not in _CROSSED | _IN_USE or attempt == _TRIES - 1:
                    raise
            self._sleep(random.uniform(0.3, 0.6) * 2**attempt)  # noqa: S311  # jitter
        raise AssertionError("the last try returns or raises")

    @property
    def _waf(self) -> Any:
        return client("wafv2", REGION)


def attached(rules: list[Json], name: str, group: str) -> list[Json]:
    """The rules of a web ACL when the rule of this name asks a group; without a group, without it.

    The order of the others stays.
    """
    others = [rule for rule in rules if rule["Name"] != name]
    if not group:
        return others
    mine = next((rule for rule in rules if rule["Name"] == name), None)
    last = max([_FIRST - 1, *(int(rule["Priority"]) for rule in others)])
    made: Json = {
        "Name": name,
        "Priority": mine["Priority"] if mine else last + 1,
        "Statement": {"RuleGroupReferenceStatement": {"ARN": group}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": waf_rules.seen(name),
    }
    if mine is None:
        return [*others, made]
    return [made if rule is mine else rule for rule in rules] if mine != made else rules


def _told(error: Exception) -> str:
    """What AWS WAF said, for whoever made the guard."""
    said = getattr(error, "response", {}).get("Error", {})
    if said.get("Code") == "WAFLimitsExceededException":
        return (
            "A limit of AWS WAF is reached: an installation has 10 rates and 50 guards, and the"
            " account 100 lists of networks."
        )
    return f"AWS WAF does not take this guard: {str(said.get('Message', ''))[:300]}"
