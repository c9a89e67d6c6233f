"""Roles: one per function, no action with a star, no resource with one that is not explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from cdk import grants, nag
from cdk.api_stack import API
from chalicelib import resources
from tests.infra.stacks import Stacks

DOCS = Path(__file__).resolve().parents[2] / "docs" / "security.md"
ROLE, POLICY, FUNCTION = "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::Lambda::Function"


_BOUND = ("states", "scheduler", "pipes", "codebuild")
"""Services that could be asked by another account to use a role of ours."""


_ABSENT = {
    "hobby": (":distribution-tenant/", ":connection-group/", ":acm:", ":wafv2:"),
    "standard": (":wafv2:",),
    "production": (),
}
"""Stars that a profile does without, because it has nothing that they are for."""

_BY_NO_RESOURCE = {
    "states:SendTaskSuccess",
    "states:SendTaskFailure",
    "codecommit:UpdateComment",  # one's own comments only
    "cloudfront:GetDistributionTenantByDomain",
    "acm:RequestCertificate",
    "acm:ImportCertificate",
    "route53:CreateHostedZone",
    "route53:ListHostedZonesByName",
    "wafv2:CheckCapacity",
    "wafv2:ListIPSets",
    "wafv2:ListRuleGroups",
}
"""Actions for which there is no resource to name; which a profile has, `_ABSENT` says."""


def statements(made: Stacks) -> list[tuple[str, dict[str, Any]]]:
    """(where, statement) of everything that any role of ours may do."""
    found = []
    for where, role in made.found(ROLE):
        for policy in role["Properties"].get("Policies", []):
            found += [(where, s) for s in policy["PolicyDocument"]["Statement"]]
    for where, policy in made.found(POLICY):
        found += [(where, s) for s in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert found
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def documented() -> dict[str, str]:
    """The table of docs/security.md: pattern -> reason."""
    section = DOCS.read_text(encoding="utf-8").partition("## Roles on AWS")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, re.MULTILINE)
    assert rows
    return dict(rows)


def shown(like: str) -> str:
    """A pattern as people read it: `*` is a star, `…` is any text."""
    return like.replace("[*]", "[]").replace("*", "…").replace("[]", "*")


def test_no_action_has_a_star(made: Stacks) -> None:
    for where, statement in statements(made):
        assert "NotAction" not in statement, where
        for action in listed(statement["Action"]):
            assert "*" not in action, (where, action)


def test_stars_in_resources_are_those_of_the_documented_table(made: Stacks) -> None:
    used = set()
    for where, statement in statements(made):
        assert "NotResource" not in statement, where
        for resource in listed(statement["Resource"]):
            text = nag.flat(resource)
            if "*" not in text:
                continue
            known = nag.explained(text)
            assert known is not None, (where, text)
            used.add(known.like)
    every = {wildcard.like for wildcard in nag.WILDCARDS}
    absent = {like for like in every if any(one in like for one in _ABSENT[made.profile])}
    assert used == every - absent
    assert documented() == {shown(wildcard.like): wildcard.reason for wildcard in nag.WILDCARDS}


def test_what_has_no_resource_is_little(made: Stacks) -> None:
    found = {
        action
        for _, statement in statements(made)
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    absent = {"hobby": ("acm", "cloudfront", "wafv2"), "standard": ("wafv2",), "production": ()}
    ours = {action for action in found if action.partition(":")[0] not in {"logs", "xray"}}
    wanted = {a for a in _BY_NO_RESOURCE if a.partition(":")[0] not in absent[made.profile]}
    assert ours == wanted


def test_every_function_has_a_role_of_its_own_and_of_its_name(made: Stacks) -> None:
    roles = {
        logical.partition("/")[2]: role["Properties"]["RoleName"]
        for logical, role in made.found(ROLE)
        if "RoleName" in role["Properties"]
    }
    for where, function in made.found(FUNCTION):
        if where.startswith("edge/"):  # both halves of the origin read the same rows and objects
            continue
        role = roles[function["Properties"]["Role"]["Fn::GetAtt"][0]]
        assert role == function["Properties"]["FunctionName"], where


def test_roles_trust_one_service_and_that_only_for_us(made: Stacks) -> None:
    ours = 0
    for where, role in made.found(ROLE):
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            assert set(statement["Principal"]) == {"Service"}, where
            services = set(listed(statement["Principal"]["Service"]))
            if services & {f"{s}.amazonaws.com" for s in _BOUND}:
                ours += 1
                account = statement["Condition"]["StringEquals"]["aws:SourceAccount"]
                assert account == made.names.of.account
    assert ours == 3 + len(resources.MACHINES)  # the pipe, the schedules, the builds


def test_managed_policies_are_the_explained_ones(made: Stacks) -> None:
    for where, role in made.found(ROLE):
        for policy in role["Properties"].get("ManagedPolicyArns", []):
            rule = f"IAM4[Policy::{nag.flat(policy)}]"
            assert rule in {accepted.rule for accepted in nag.MANAGED}, where


def test_the_machine_may_call_its_functions_and_no_others(made: Stacks) -> None:
    (machine,) = (
        role["Properties"]
        for _, role in made.found(ROLE, "pipeline")
        if role["Properties"].get("RoleName") == made.names.name("machine-deploy")
    )
    (policy,) = machine["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    called = {nag.flat(arn).strip("<>").partition(".")[0] for arn in statement["Resource"]}
    steps = {
        logical.partition("/")[2]
        for logical, function in made.found(FUNCTION, "pipeline")
        if function["Properties"]["FunctionName"].startswith(made.names.name("pipeline-"))
        and function["Properties"]["Handler"].startswith("functions.pipeline.")
    }
    assert called == steps
    assert len(steps) == len(resources.PIPELINE)


def test_a_build_may_write_its_log_and_nothing_else(made: Stacks) -> None:
    (role,) = (
        role["Properties"]
        for _, role in made.found(ROLE, "pipeline")
        if role["Properties"].get("RoleName") == made.names.name("builds")
    )
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert statement["Resource"].endswith(f":log-group:{made.names.builds_log()}:log-stream:*")
    assert "ManagedPolicyArns" not in role
    (project,) = made.every("AWS::CodeBuild::Project")
    logical = project["ServiceRole"]["Fn::GetAtt"][0]
    attached = [p for p in made.every(POLICY) if {"Ref": logical} in p.get("Roles", [])]
    assert attached == []


def test_every_grant_means_something_and_somebody_has_it() -> None:
    defined = set(get_args(resources.Grant))
    assert set(grants._MEANING) == defined
    used = {grant for spec in (*resources.FUNCTIONS, API) for grant in spec.grants}
    assert used == defined


def test_who_publishes_cannot_write_files_and_who_packages_cannot_publish() -> None:
    of = {spec.name: set(spec.grants) for spec in (*resources.FUNCTIONS, API)}
    assert {name for name, granted in of.items() if "blobs" in granted} == {"api"}
    assert {name for name, granted in of.items() if "manifests" in granted} == {"pipeline-publish"}
    signing = {name for name, granted in of.items() if "signing-key" in granted}
    assert signing == {"api", "sign-logs", "pipeline-attest"}
    purging = {name for name, granted in of.items() if "purge" in granted}  # and of previews
    withdrawing = {"rollout-withdraw", "rollout-shift"}  # a canary that is taken back
    assert purging == {"api", "sweep", "pipeline-promote", "on-git-pull-request"} | withdrawing
    assert {name for name, granted in of.items() if "kvs" in granted} == {"publish-routes"}
