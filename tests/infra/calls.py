"""What the functions ask of AWS, written down as IAM would see it: (function, action, resource).

The ports are the fakes of the other tests; a port's method is written down as the calls that
its implementation in `chalicelib/clouds/aws` makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from cdk.names import LIVE_STAGE, Names
from chalicelib.clouds.aws.repositories import StoredSources
from chalicelib.ports import Services
from chalicelib.resources import bucket_of

ANY = "*"
_WRITES = {"put": "Put", "put_file": "Put", "signed_put": "Put", "delete": "Delete"}
_PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}

CODECOMMIT: dict[str, tuple[str, ...]] = {
    "repository": ("GetRepository",),
    "tip": ("GetBranch", "GetCommit", "GitPull"),  # git, for tags
    "heads": ("GitPull",),
    "pull": ("GetPullRequest",),
    "fetch": ("GitPull",),
    "comment": ("GetPullRequest", "PostCommentForPullRequest", "UpdateComment"),
    "report": (),
    "hook": (),
    "unhook": (),
}
"""What `clouds/aws/codecommit.py` calls, by the method of a provider."""

SPEAKING = {"repository", "tip", "heads", "pull", "fetch"}
"""Methods of a provider that speak git with a server, perhaps over SSH."""


@dataclass
class Calls:
    """Everything that was asked, by whom; `runner` is the key of the build agent."""

    names: Names
    runner: str = "runner/agent.pyz"
    made: set[tuple[str, str, str]] = field(default_factory=set)
    hosts: set[tuple[str, str]] = field(default_factory=set)
    acting: str = ""

    @contextmanager
    def by(self, function: str) -> Iterator[None]:
        """What happens inside is done by a function."""
        before, self.acting = self.acting, function
        try:
            yield
        finally:
            self.acting = before

    def note(self, action: str, resource: str) -> None:
        """Write one call down; what a test does itself is nobody's."""
        if self.acting:
            self.made.add((self.acting, action, resource))

    def watch(self, services: Services) -> Services:
        """The same services, with everything that is asked of them written down."""
        store = _Watched(services.store, self._of_store)
        return replace(
            services,
            store=store,
            workflow=_Watched(services.workflow, self._of_workflow),
            bus=_Watched(services.bus, self._of_bus),
            builder=_Watched(services.builder, self._of_builder),
            edge=_Watched(services.edge, self._of_edge),
            keys=_Watched(services.keys, self._of_keys),
            live=_Watched(services.live, self._of_live),
            mail=_Watched(services.mail, self._of_mail),
            repositories=StoredSources(store),  # type: ignore[arg-type]  # watched all the same
        )

    def host(self, what: str) -> None:
        """A git host was asked; were it CodeCommit, these calls would be made."""
        if not self.acting:
            return
        self.hosts.add((self.acting, what))
        for action in CODECOMMIT[what]:
            anywhere = action == "UpdateComment"  # one's own, which no resource names
            resource = ANY if anywhere else self.names.arn("codecommit", "site")
            self.note(f"codecommit:{action}", resource)

    def dynamodb(self, operation: str, request: dict[str, Any]) -> None:
        """A call of DynamoDB; a transaction asks for what its parts ask for."""
        if "TransactItems" in request:
            for item in request["TransactItems"]:
                for kind, part in item.items():
                    self._table(_PARTS[kind], part)
        elif "RequestItems" in request:
            for table, part in request["RequestItems"].items():
                for key in part["Keys"]:
                    self._table(operation, {"TableName": table, "Key": key})
        else:
            self._table(operation, request)

    def _table(self, operation: str, request: dict[str, Any]) -> None:
        table = str(request["TableName"]).rpartition("-")[2]
        arn = self.names.table_arn(table)
        index = request.get("IndexName")
        if table in {"events", "usage"}:  # where roles are held to kinds of rows
            arn = f"{arn}#{_leading_key(request)}"
        self.note(f"dynamodb:{operation}", f"{arn}/index/{index}" if index else arn)

    def _of_store(self, method: str, given: tuple[Any, ...]) -> None:
        keys = given[0] if method == "delete" else [given[0]]
        for key in keys:
            bucket = self.names.bucket_arn(bucket_of(key))
            if method == "sizes":
                self.note("s3:ListBucket", bucket)
                continue
            action = _WRITES.get(method, "Get")
            self.note(f"s3:{action}Object", f"{bucket}/{key}")
            if method in {"get", "size"}:  # or an absent object would look forbidden
                self.note("s3:ListBucket", bucket)

    def _of_workflow(self, method: str, given: tuple[Any, ...]) -> None:
        if method == "start":
            self.note("states:StartExecution", self.names.machine_arn(given[0]))
        elif method == "status":
            name = f"execution:{self.names.name(given[0])}:{given[1]}"
            self.note("states:DescribeExecution", self.names.arn("states", name))
        else:
            said = {"succeed": "SendTaskSuccess", "fail": "SendTaskFailure"}[method]
            self.note(f"states:{said}", ANY)

    def _of_bus(self, _method: str, _given: tuple[Any, ...]) -> None:
        self.note("events:PutEvents", self.names.bus_arn())

    def _of_builder(self, method: str, _given: tuple[Any, ...]) -> None:
        wanted = {"start": "StartBuild", "stop": "StopBuild"}[method]
        for action in ("ListBuildsForProject", "BatchGetBuilds", wanted):
            self.note(f"codebuild:{action}", self.names.builds_arn())
        if method == "start":
            self.note("s3:GetObject", f"{self.names.bucket_arn('sources')}/{self.runner}")

    def _of_edge(self, method: str, given: tuple[Any, ...]) -> None:
        if method in {"put", "revoke"}:
            self.note("dynamodb:UpdateItem", self.names.table_arn("core"))
        gone = method == "put" and given[0].gone
        if gone or method in {"revoke", "forget", "purge"}:
            self.note("cloudfront:CreateInvalidation", "<distributions>")

    def _of_keys(self, method: str, _given: tuple[Any, ...]) -> None:
        for action in {
            "wrap": ("Encrypt",),
            "unwrap": ("Decrypt",),
            "signing_key": ("Sign", "GetPublicKey"),
            "verifying_keys": ("GetPublicKey",),
        }[method]:
            key = "<signing-key>" if "sign" in method or "verify" in method else "<data-key>"
            self.note(f"kms:{action}", key)

    def _of_mail(self, _method: str, _given: tuple[Any, ...]) -> None:
        self.note("ses:SendEmail", self.names.arn("ses", f"identity/{self.names.of.mail_from}"))

    def _of_live(self, _method: str, given: tuple[Any, ...]) -> None:
        path = f"<live-id>/{LIVE_STAGE}/POST/@connections/{given[0]}"
        self.note("execute-api:ManageConnections", self.names.arn("execute-api", path))


def _leading_key(request: dict[str, Any]) -> str:
    """The kind of rows that a call is about: what stands before `#` in its partition key."""
    if "KeyConditionExpression" in request:
        values = request["ExpressionAttributeValues"].values()
        keys = [str(value["S"]) for value in values if "#" in value.get("S", "")]
        return keys[0].partition("#")[0]
    key = request.get("Key") or request["Item"]
    return str(key["pk"]["S"]).partition("#")[0]


class _Watched:
    """A port that tells what it is asked before it does it."""

    def __init__(self, port: Any, told: Callable[[str, tuple[Any, ...]], None]) -> None:
        self._port, self._told = port, told

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def asked(*given: Any, **named: Any) -> Any:
            if name == "delete":
                given = (list(given[0]),)
            self._told(name, given)
            return found(*given, **named)

        return asked
