"""What a function may do: each `Grant` of `chalicelib/resources/` as IAM statements.

Resources are exact ARNs. Where a star is left, IAM or the thing itself leaves no choice; every
such one stands with its reason in docs/security.md, and a test compares both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_iam as iam

from cdk import parameters
from cdk.names import LIVE_STAGE, Names
from cdk.settings import EDGE_REGION
from cdk.stack import DeckStack
from chalicelib import resources
from chalicelib.resources import Grant


@dataclass(frozen=True)
class Scope:
    """For whom statements are made: names, and what AWS invents, by parameter.

    A stack that makes such a thing itself says so in `own`, because a parameter of its own is
    not there yet when its functions are made.
    """

    stack: DeckStack
    own: dict[str, str]

    @property
    def names(self) -> Names:
        """Names of the installation."""
        return self.stack.names

    def value(self, what: str) -> str:
        """A value of `names.PARAMETERS`."""
        return self.own.get(what) or parameters.read(self.stack, what)


Meaning = Callable[[Scope], list[iam.PolicyStatement]]


def statements(
    stack: DeckStack, grants: Iterable[Grant], own: dict[str, str] | None = None
) -> list[iam.PolicyStatement]:
    """IAM statements of grants, in their order."""
    scope = Scope(stack, own or {})
    return [statement for grant in grants for statement in _MEANING[grant](scope)]


def _allow(actions: Iterable[str], *arns: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(arns))


def _core(*actions: str) -> Meaning:
    """All kinds of rows share one table, so there is no telling them apart here.

    Transactions ask for what their parts ask for.
    """

    def made(scope: Scope) -> list[iam.PolicyStatement]:
        table = scope.names.table_arn("core")
        indexes = [f"{table}/index/{name}" for name, _, _ in resources.INDEXES["core"]]
        allowed = ("GetItem", "BatchGetItem", "Query", *actions)
        return [
            _allow([f"dynamodb:{action}" for action in allowed], table),
            _allow(["dynamodb:Query"], *indexes),
        ]

    return made


def _events(prefix: str, *actions: str) -> Meaning:
    """Rights over one kind of rows of the table `events`, which all begin alike.

    The rows of the audit log are among them, and nobody is to change or remove one of those.
    """

    def made(scope: Scope) -> list[iam.PolicyStatement]:
        statement = _allow(
            [f"dynamodb:{action}" for action in actions], scope.names.table_arn("events")
        )
        statement.add_condition(
            "ForAllValues:StringLike", {"dynamodb:LeadingKeys": [f"{prefix}#*"]}
        )
        return [statement]

    return made


def _audit(scope: Scope) -> list[iam.PolicyStatement]:
    """Entries are put; what was announced may be forgotten when its entry is written."""
    return [
        *_events("AUDIT", "PutItem", "GetItem")(scope),
        *_events("TRAIL", "PutItem", "GetItem", "UpdateItem", "DeleteItem")(scope),
    ]


def _traffic(*actions: str) -> Meaning:
    """Rights over the rows of traffic, which share the table `usage` with buckets."""

    def made(scope: Scope) -> list[iam.PolicyStatement]:
        statement = _allow(
            [f"dynamodb:{action}" for action in actions], scope.names.table_arn("usage")
        )
        statement.add_condition("ForAllValues:StringLike", {"dynamodb:LeadingKeys": ["TRAFFIC#*"]})
        return [statement]

    return made


def _rate(scope: Scope) -> list[iam.PolicyStatement]:
    """Buckets share the table `usage` with what is metered, so their keys are named."""
    return [
        iam.PolicyStatement(
            actions=["dynamodb:UpdateItem"],
            resources=[scope.names.table_arn("usage")],
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["RATE#*"]}},
        )
    ]


def _objects(bucket: str, actions: list[str], *prefixes: str, listed: bool = False) -> Meaning:
    """Rights over the objects below prefixes.

    With `listed` an absent object is absent; whoever may not list a bucket gets 403 for it.
    """

    def made(scope: Scope) -> list[iam.PolicyStatement]:
        arn = scope.names.bucket_arn(bucket)
        found = [
            _allow([f"s3:{a}Object" for a in actions], *(f"{arn}/{prefix}*" for prefix in prefixes))
        ]
        return [*found, _allow(["s3:ListBucket"], arn)] if listed else found

    return made


def _bus(scope: Scope) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            actions=["events:PutEvents"],
            resources=[scope.names.bus_arn()],
            conditions={"StringEquals": {"events:source": resources.EVENT_SOURCE}},
        )
    ]


def _machines(scope: Scope) -> list[iam.PolicyStatement]:
    machines = (scope.names.machine_arn(machine.name) for machine in resources.MACHINES)
    return [_allow(["states:StartExecution"], *machines)]


def _executions(scope: Scope) -> list[iam.PolicyStatement]:
    names = scope.names
    executions = (
        names.arn("states", f"execution:{names.name(machine.name)}:*")
        for machine in resources.MACHINES
    )
    return [_allow(["states:DescribeExecution"], *executions)]


def _task(answer: str) -> Meaning:
    return lambda _scope: [_allow([f"states:SendTask{answer}"], "*")]


def _builds(action: str) -> Meaning:
    """An order is found among the newest builds before it is started, and before it is stopped."""
    actions = ("ListBuildsForProject", "BatchGetBuilds", action)
    return lambda scope: [_allow([f"codebuild:{a}" for a in actions], scope.names.builds_arn())]


def _starts(scope: Scope) -> list[iam.PolicyStatement]:
    """Earlier agents as well: an address signed before an upgrade must go on working."""
    return [*_builds("StartBuild")(scope), *_objects("sources", ["Get"], "runner/")(scope)]


def _build_logs(scope: Scope) -> list[iam.PolicyStatement]:
    group = scope.names.arn("logs", f"log-group:{scope.names.builds_log()}")
    return [
        _allow(["logs:FilterLogEvents"], f"{group}:*"),
        _allow(["logs:GetLogEvents"], f"{group}:log-stream:*"),
    ]


def _key(what: str, *actions: str) -> Meaning:
    return lambda scope: [_allow([f"kms:{action}" for action in actions], scope.value(what))]


def _connections(scope: Scope) -> list[iam.PolicyStatement]:
    api = scope.names.arn(
        "execute-api", f"{scope.value('live-id')}/{LIVE_STAGE}/POST/@connections/*"
    )
    return [_allow(["execute-api:ManageConnections"], api)]


def _kvs(scope: Scope) -> list[iam.PolicyStatement]:
    actions = ("DescribeKeyValueStore", "GetKey", "ListKeys", "PutKey", "DeleteKey", "UpdateKeys")
    store = scope.value("routes-store")
    return [_allow([f"cloudfront-keyvaluestore:{a}" for a in actions], store)]


def _purge(scope: Scope) -> list[iam.PolicyStatement]:
    names = scope.names
    identifiers = Fn.split(",", scope.value("distributions"), len(names.distributions()))
    arns = [names.distribution_arn(identifier) for identifier in identifiers]
    return [_allow(["cloudfront:CreateInvalidation"], *arns)]


def _codecommit(scope: Scope) -> list[iam.PolicyStatement]:
    """Which repositories will be connected is not known when the role is made."""
    reads = ("GetRepository", "GetBranch", "GetCommit", "GetPullRequest", "GitPull")
    return [_allow([f"codecommit:{a}" for a in reads], scope.names.arn("codecommit", "*"))]


def _codecommit_comment(scope: Scope) -> list[iam.PolicyStatement]:
    repositories = scope.names.arn("codecommit", "*")
    below = ("GetPullRequest", "PostCommentForPullRequest")  # at the newest commit
    return [
        _allow([f"codecommit:{a}" for a in below], repositories),
        _allow(["codecommit:UpdateComment"], "*"),  # one's own only, says CodeCommit
    ]


def _mail(scope: Scope) -> list[iam.PolicyStatement]:
    """From one address. SES has verified it, or its domain, and asks for a right over that one."""
    sender = scope.names.of.mail_from
    if not sender:
        return []
    identities = [scope.names.arn("ses", f"identity/{i}") for i in (sender, sender.split("@")[1])]
    statement = _allow(["ses:SendEmail"], *identities)
    statement.add_condition("StringEquals", {"ses:FromAddress": sender})
    return [statement]


def _tenants(scope: Scope) -> list[iam.PolicyStatement]:
    """Domains of people's own: which tenants and certificates there will be nobody knows yet.

    Without a distribution for tenants there is nothing to allow.
    """
    names = scope.names
    if "tenants" not in names.distributions():
        return []
    account = names.of.account
    tenants = f"arn:aws:cloudfront::{account}:distribution-tenant/*"
    identifiers = Fn.split(",", scope.value("distributions"), len(names.distributions()))
    distribution = names.distribution_arn(identifiers[names.distributions().index("tenants")])
    groups = f"arn:aws:cloudfront::{account}:connection-group/*"
    changing = ("Create", "Get", "Update", "Delete")
    certificates = names.arn("acm", "certificate/*", region=EDGE_REGION)
    kept = ("DescribeCertificate", "DeleteCertificate", "AddTagsToCertificate")
    return [
        _allow(
            [
                *(f"cloudfront:{verb}DistributionTenant" for verb in changing),
                "cloudfront:GetManagedCertificateDetails",
                "cloudfront:VerifyDnsConfiguration",
            ],
            tenants,
            distribution,
            groups,
        ),
        # looks for a tenant by its domain, before it has an ARN
        _allow(["cloudfront:GetDistributionTenantByDomain"], "*"),
        _allow([f"acm:{verb}" for verb in kept], certificates),
        # makes one, which has no ARN yet; over an ARN it replaces one of ours
        _allow(["acm:RequestCertificate", "acm:ImportCertificate"], "*"),
    ]


def _firewall(scope: Scope) -> list[iam.PolicyStatement]:
    """Guards of sites in the web ACL of the distributions, which `production` alone has."""
    names = scope.names
    if names.of.profile != "production":
        return []
    sets, groups = names.guard_arn("ipset"), names.guard_arn("rulegroup")
    verbs = ("Create", "Get", "Update", "Delete")
    # AWS's own groups are in the web ACL, which is written as a whole
    managed = names.arn("wafv2", "global/managedruleset/*", region=EDGE_REGION)
    return [
        _allow([f"wafv2:{verb}IPSet" for verb in verbs], sets),
        _allow([f"wafv2:{verb}RuleGroup" for verb in verbs], groups, sets),
        _allow(["wafv2:GetWebACL"], scope.value("firewall")),
        _allow(["wafv2:UpdateWebACL"], scope.value("firewall"), groups, managed),
        # asks about rules that are in no group yet; finds ids by names
        _allow(["wafv2:CheckCapacity", "wafv2:ListIPSets", "wafv2:ListRuleGroups"], "*"),
    ]


def _zones(_scope: Scope) -> list[iam.PolicyStatement]:
    """Zones that are made for teams; their ids are Route 53's to choose."""
    verbs = ("ChangeResourceRecordSets", "ListResourceRecordSets", "GetHostedZone")
    return [
        _allow(
            [f"route53:{verb}" for verb in (*verbs, "DeleteHostedZone")],
            "arn:aws:route53:::hostedzone/*",
        ),
        _allow(["route53:CreateHostedZone", "route53:ListHostedZonesByName"], "*"),
    ]


def _edge_log(scope: Scope) -> list[iam.PolicyStatement]:
    """The log of the visitors' function is in the edge's region, one stream for each edge."""
    names = scope.names
    group = f"log-group:/aws/cloudfront/function/{names.name('viewer-request')}"
    return [
        *_objects("logs", ["Get"], "AWSLogs/", listed=True)(scope),
        _allow(["logs:FilterLogEvents"], f"{names.arn('logs', group, EDGE_REGION)}:*"),
    ]


_MEANING: dict[Grant, Meaning] = {
    "core": _core("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
    "core:read": _core(),
    "log": _events("LOG", "PutItem"),
    "log:read": _events("LOG", "Query"),
    "deliveries": _events("DLV", "PutItem", "GetItem", "DeleteItem"),
    "audit": _audit,
    "audit:read": _events("AUDIT", "Query", "GetItem"),
    "audit:waiting": _events("TRAIL", "Query"),
    "traffic": _traffic("UpdateItem", "BatchGetItem"),
    "traffic:read": _traffic("Query"),
    "edge-log": _edge_log,
    "rate": _rate,
    "blobs": _objects("sites", ["Put"], "blobs/"),
    "blobs:read": _objects("sites", ["Get"], "blobs/", "sizes/", listed=True),
    "shards": _objects("sites", ["Put"], "shards/"),
    "rules": _objects("sites", ["Put"], "rules/"),
    "rules:read": _objects("sites", ["Get"], "rules/", listed=True),
    "manifests": _objects("sites", ["Put"], "manifests/", "sizes/"),
    "manifests:read": _objects("sites", ["Get"], "manifests/", "shards/", listed=True),
    "manifests:remove": _objects("sites", ["Delete"], "manifests/", "sizes/"),
    "sources": _objects("sources", ["Put"], "sources/"),
    "sources:read": _objects("sources", ["Get"], "sources/", listed=True),
    "sources:remove": _objects("sources", ["Delete"], "sources/", listed=True),
    "attestations": _objects("sources", ["Get", "Put"], "attestations/", "sboms/", listed=True),
    "attestations:read": _objects("sources", ["Get"], "attestations/", "sboms/", listed=True),
    "advisories": _objects("sources", ["Get", "Put", "Delete"], "osv/", listed=True),
    "advisories:read": _objects("sources", ["Get"], "osv/", listed=True),
    "trees": _objects("sources", ["Get", "Put"], "trees/", listed=True),
    "uploads": _objects("sources", ["Put"], "incoming/"),
    "uploads:read": _objects("sources", ["Get"], "incoming/", listed=True),
    "caches": _objects("sources", ["Get", "Put"], "caches/", listed=True),
    "bus": _bus,
    "machines": _machines,
    "machines:read": _executions,
    "tasks": _task("Success"),
    "task-faults": _task("Failure"),
    "builds": _starts,
    "builds:stop": _builds("StopBuild"),
    "build-logs": _build_logs,
    "data-key:seal": _key("data-key", "Encrypt"),
    "data-key:open": _key("data-key", "Decrypt"),
    "signing-key": _key("signing-key", "Sign", "GetPublicKey"),
    "signing-key:read": _key("signing-key", "GetPublicKey"),
    "connections": _connections,
    "kvs": _kvs,
    "purge": _purge,
    "codecommit": _codecommit,
    "codecommit:comment": _codecommit_comment,
    "mail": _mail,
    "tenants": _tenants,
    "firewall": _firewall,
    "zones": _zones,
}
