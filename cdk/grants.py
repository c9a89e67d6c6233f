"""What a function may do: each `Grant` of `chalicelib/resources.py` as IAM statements.

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
from cdk.stack import DeckStack
from chalicelib import resources
from chalicelib.resources import Grant

_READ_ROWS = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
_WRITE_ROWS = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:ConditionCheckItem",
)


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


def statements(
    stack: DeckStack, grants: Iterable[Grant], own: dict[str, str] | None = None
) -> list[iam.PolicyStatement]:
    """IAM statements of grants, in their order."""
    scope = Scope(stack, own or {})
    return [statement for grant in grants for statement in _MEANING[grant](scope)]


def _allow(actions: Iterable[str], *arns: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(arns))


def _table(what: str, *, write: bool) -> Callable[[Scope], list[iam.PolicyStatement]]:
    def made(scope: Scope) -> list[iam.PolicyStatement]:
        table = scope.names.table_arn(what)
        indexes = [f"{table}/index/{name}" for name, _, _ in resources.INDEXES[what]]
        found = [_allow(_READ_ROWS + (_WRITE_ROWS if write else ()), table)]
        if indexes:
            found.append(_allow(["dynamodb:Query"], *indexes))
        return found

    return made


def _bucket(what: str, *, write: bool) -> Callable[[Scope], list[iam.PolicyStatement]]:
    """Objects below the prefixes that the bucket is for.

    Whoever may not list a bucket gets 403 for an absent object, where the store wants 404.
    """
    prefixes = next(bucket.holds for bucket in resources.BUCKETS if bucket.name == what)

    def made(scope: Scope) -> list[iam.PolicyStatement]:
        bucket = scope.names.bucket_arn(what)
        actions = ["s3:GetObject", *(("s3:PutObject",) if write else ())]
        return [
            _allow(actions, *(f"{bucket}/{prefix}*" for prefix in prefixes)),
            _allow(["s3:ListBucket"], bucket),
        ]

    return made


def _uploads(scope: Scope) -> list[iam.PolicyStatement]:
    bucket = scope.names.bucket_arn("sources")
    return [
        _allow(["s3:GetObject"], f"{bucket}/incoming/*"),
        _allow(["s3:ListBucket"], bucket),
    ]


def _runner(scope: Scope) -> list[iam.PolicyStatement]:
    """Earlier agents as well: an address signed before an upgrade must go on working."""
    return [_allow(["s3:GetObject"], f"{scope.names.bucket_arn('sources')}/runner/*")]


def _bus(scope: Scope) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            actions=["events:PutEvents"],
            resources=[scope.names.bus_arn()],
            conditions={"StringEquals": {"events:source": resources.EVENT_SOURCE}},
        )
    ]


def _machines(scope: Scope) -> list[iam.PolicyStatement]:
    names = scope.names
    machines = [machine.name for machine in resources.MACHINES]
    executions = [names.arn("states", f"execution:{names.name(m)}:*") for m in machines]
    return [
        _allow(["states:StartExecution"], *(names.machine_arn(m) for m in machines)),
        _allow(["states:DescribeExecution"], *executions),
    ]


def _tasks(_scope: Scope) -> list[iam.PolicyStatement]:
    return [_allow(["states:SendTaskSuccess", "states:SendTaskFailure"], "*")]


def _builder(scope: Scope) -> list[iam.PolicyStatement]:
    actions = ("StartBuild", "StopBuild", "BatchGetBuilds", "ListBuildsForProject")
    return [_allow([f"codebuild:{a}" for a in actions], scope.names.builds_arn())]


def _build_logs(scope: Scope) -> list[iam.PolicyStatement]:
    group = scope.names.arn("logs", f"log-group:{scope.names.builds_log()}")
    return [
        _allow(["logs:FilterLogEvents"], f"{group}:*"),
        _allow(["logs:GetLogEvents"], f"{group}:log-stream:*"),
    ]


def _data_key(scope: Scope) -> list[iam.PolicyStatement]:
    return [_allow(["kms:Encrypt", "kms:Decrypt"], scope.value("data-key"))]


def _signing_key(scope: Scope) -> list[iam.PolicyStatement]:
    return [_allow(["kms:Sign", "kms:GetPublicKey"], scope.value("signing-key"))]


def _verifying_key(scope: Scope) -> list[iam.PolicyStatement]:
    return [_allow(["kms:GetPublicKey"], scope.value("signing-key"))]


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


_MEANING: dict[Grant, Callable[[Scope], list[iam.PolicyStatement]]] = {
    "core": _table("core", write=True),
    "events": _table("events", write=True),
    "events:read": _table("events", write=False),
    "sites": _bucket("sites", write=True),
    "sites:read": _bucket("sites", write=False),
    "sources": _bucket("sources", write=True),
    "sources:read": _bucket("sources", write=False),
    "uploads:read": _uploads,
    "runner": _runner,
    "bus": _bus,
    "machines": _machines,
    "tasks": _tasks,
    "builder": _builder,
    "build-logs": _build_logs,
    "data-key": _data_key,
    "signing-key": _signing_key,
    "signing-key:read": _verifying_key,
    "connections": _connections,
    "kvs": _kvs,
    "purge": _purge,
}
