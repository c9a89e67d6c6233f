"""AwsSolutions, the rules of cdk-nag, and every finding that we live with: one table each.

A finding that no line explains stops the synthesis. Tests compare WILDCARDS with the table in
docs/security.md, and both with the templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct


@dataclass(frozen=True)
class Accepted:
    """A rule that does not fit, on the resources whose path is like `where`."""

    rule: str
    where: str
    reason: str


@dataclass(frozen=True)
class Wildcard:
    """A resource with a star that a role may have; `like` is a pattern of the ARN."""

    like: str
    reason: str


ACCEPTED = (
    Accepted("L1", "*", "the version of Python is the one that the layers were built for"),
    Accepted("SQS3", "*-lost/*", "it is a dead-letter queue itself, of a rule, schedule or pipe"),
    Accepted("S1", "data/bucket-logs/*", "logs about the bucket of logs would never end"),
    Accepted("CB4", "pipeline/builds/*", "a build leaves no artifacts that could be encrypted"),
    Accepted("APIG2", "api/chalice/*", "every route checks its request against its own model"),
    Accepted("CFR1", "*", "who may visit a site, and from where, is for the site to say"),
    Accepted(
        "CFR3", "edge/*", "logs are delivered by CloudWatch (v2), which the rule does not see"
    ),
    Accepted("CFR2", "console/console", "it serves a few files of ours and passes nothing on"),
    Accepted("CFR3", "console/console", "it serves a few files; what is done is in the API's log"),
    Accepted("CFR4", "console/console", "CloudFront's own address has no other setting for TLS"),
    Accepted("APIG4", "api/live-*", "connecting asks for a token; the rest is of a connection"),
)

OUTSIDE_PRODUCTION = (
    Accepted("S1", "data/bucket-*", "what visitors ask for is in CloudFront's log; this costs"),
    Accepted("SF1", "pipeline/machine-*", "errors are logged; all of it is in the history"),
    Accepted("SF2", "pipeline/machine-*", "traces are paid, so a hobby does without"),
    Accepted("CFR2", "*", "a firewall costs 5 dollars a month before its first request"),
    Accepted("APIG3", "api/stage", "a firewall costs 5 dollars a month before its first request"),
)

MANAGED = (
    Accepted(
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
        "AWSBackupServiceRolePolicyForBackup]",
        "data/backup-role/*",
        "AWS Backup changes what it calls; the policy is AWS's own and for that service alone",
    ),
    Accepted(
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
        "AmazonAPIGatewayPushToCloudWatchLogs]",
        "api/gateway-log-role/*",
        "API Gateway writes all its logs in a region by one role, which belongs to no stack alone",
    ),
)

WILDCARDS = (
    Wildcard(
        "arn:aws:logs:[*]:*:log-group:/aws/lambda/us-east-1.*:[*]",
        "Lambda@Edge writes in the region nearest to the visitor",
    ),
    Wildcard(
        "arn:aws:logs:*:log-group:*:log-stream:[*]", "streams get their names from their writer"
    ),
    Wildcard("arn:aws:logs:*:log-group:*/builds:[*]", "searching a group is asked of its streams"),
    Wildcard(
        "arn:aws:logs:us-east-1:*:log-group:/aws/cloudfront/function/*-viewer-request:[*]",
        "searching a group is asked of its streams",
    ),
    Wildcard("arn:aws:s3:::*-logs-*/AWSLogs/[*]", "CloudWatch names the files of the access log"),
    Wildcard("arn:aws:s3:::*-sites-*/*/[*]", "an object's name is its content's hash"),
    Wildcard("arn:aws:s3:::*-console-*/[*]", "which files the console has is for its build to say"),
    Wildcard("arn:aws:s3:::*-sources-*/*/[*]", "an object's name holds ids of builds and uploads"),
    Wildcard(
        "arn:aws:codecommit:*:[*]",
        "which repositories people connect is known later; only the account's and region's own",
    ),
    Wildcard(
        "arn:aws:states:*:execution:*-deploy:[*]", "an execution is named after its deployment"
    ),
    Wildcard("arn:aws:states:*:execution:*-domain:[*]", "an execution is named after its domain"),
    Wildcard("arn:aws:states:*:execution:*-rollout:[*]", "an execution is named after its rollout"),
    Wildcard(
        "arn:aws:cloudfront::*:distribution-tenant/[*]",
        "each domain of somebody's own is a tenant, whose id CloudFront chooses",
    ),
    Wildcard(
        "arn:aws:cloudfront::*:connection-group/[*]",
        "tenants name the group they are served through",
    ),
    Wildcard(
        "arn:aws:acm:us-east-1:*:certificate/[*]",
        "certificates of domains of people's own get their ids from ACM",
    ),
    Wildcard(
        "arn:aws:wafv2:us-east-1:*:global/ipset/*-guard-[*]",
        "guards of sites are named after projects, and AWS WAF gives them ids",
    ),
    Wildcard(
        "arn:aws:wafv2:us-east-1:*:global/rulegroup/*-guard-[*]",
        "guards of sites are named after projects, and AWS WAF gives them ids",
    ),
    Wildcard(
        "arn:aws:wafv2:us-east-1:*:global/managedruleset/[*]",
        "the web ACL is written as a whole, with AWS's own rules in it",
    ),
    Wildcard(
        "arn:aws:route53:::hostedzone/[*]",
        "zones of teams are made later; the product keeps to those in its own rows",
    ),
    Wildcard("arn:aws:execute-api:*/live/POST/@connections/[*]", "who is connected is known later"),
    Wildcard(
        "[*]",
        "IAM knows no resource for it: task tokens, X-Ray, comments of one's own in CodeCommit, "
        "deliveries of a machine's log, looking for a tenant by its domain, ordering or importing "
        "a certificate, making a zone, weighing rules of AWS WAF and listing what it has",
    ),
)
"""A role's resource with a star must be like one of them: `[*]` is a star, `*` is any text."""


def check(app: cdk.App, *, production: bool) -> None:
    """Have the app checked when it is synthesized; what a table explains is no finding."""
    import cdk_nag

    accepted = (*ACCEPTED, *MANAGED, *(() if production else OUTSIDE_PRODUCTION))
    for node in app.node.find_all():
        for found in accepted:
            if fnmatchcase(node.node.path, found.where) and cdk.CfnResource.is_cfn_resource(node):
                _accept(node, found.rule, found.reason)
        for resource in sorted(set(starred(node))):
            known = explained(resource)
            if known is not None:
                _accept(node, f"IAM5[Resource::{resource}]", known.reason)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))


def _accept(node: IConstruct, rule: str, reason: str) -> None:
    cdk.Validations.of(node).acknowledge(
        cdk.Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason)
    )


def explained(resource: str) -> Wildcard | None:
    """The line of WILDCARDS that a resource with a star is like."""
    return next((known for known in WILDCARDS if fnmatchcase(resource, known.like)), None)


def starred(node: IConstruct) -> Iterator[str]:
    """Resources with a star in the policies of a role, as cdk-nag writes them."""
    if isinstance(node, iam.CfnRole):
        policies: list[dict[str, Any]] = cdk.Stack.of(node).resolve(node.policies) or []
        documents = [policy["policyDocument"] for policy in policies]
    elif isinstance(node, iam.CfnPolicy):
        documents = [cdk.Stack.of(node).resolve(node.policy_document)]
    else:
        return
    for document in documents:
        for statement in document["Statement"]:
            found = statement.get("Resource", [])
            for resource in found if isinstance(found, list) else [found]:
                if "*" in (text := flat(resource)):
                    yield text


def flat(value: Any) -> str:
    """An ARN as one text, with references as `<name>`."""
    if isinstance(value, str):
        return value
    ((kind, content),) = value.items()
    if kind == "Ref":
        return f"<{content}>"
    if kind == "Fn::GetAtt":
        return f"<{'.'.join(content)}>"
    if kind == "Fn::Join":
        return str(content[0]).join(flat(part) for part in content[1])
    if kind == "Fn::Sub":
        return str(content).replace("${", "<").replace("}", ">")
    return f"<{kind}>"
