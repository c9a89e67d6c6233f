"""What an installation consists of, once, as data.

`cdk/` builds AWS from this page and the embedded cloud registers it at every start. Names are
given without the installation's prefix. What says `only="aws"` exists because of a service that
a laptop does not have; the embedded cloud passes over it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Only = Literal["", "aws"]
Grant = Literal[
    "core",  # read and write the table and its indexes
    "core:read",
    "events",
    "usage",
    "sites",  # read and write the bucket
    "sites:read",
    "sources",
    "sources:read",
    "bus",  # put events on ours
    "machines",  # start, look at and stop executions
    "tasks",  # answer task tokens
    "builder",  # start, look for and stop builds
    "build-logs",  # read what the build machines logged
    "data-key",  # encrypt and decrypt
    "signing-key",  # sign, and read the public half
    "connections",  # send to open WebSockets
    "kvs",  # read and write the edge's store of routes
    "purge",  # drop a deployment from the edge's caches
]
"""Everything a function may be allowed; `cdk/grants.py` says what each means to IAM."""

TABLES = ("core", "events", "usage")
"""All three have string keys `pk`/`sk`, on demand, TTL attribute `ttl`; see INDEXES."""

INDEXES = {
    "core": (("gsi1", "gsi1pk", "gsi1sk"), ("gsi2", "gsi2pk", "gsi2sk")),
    "events": (),
    "usage": (),
}
"""Per table: (index, hash key, range key); projection ALL."""


@dataclass(frozen=True)
class Bucket:
    """A bucket. The store keeps keys below `holds` in it; `expire` is prefix -> days."""

    name: str
    holds: tuple[str, ...] = ()
    expire: dict[str, int] = field(default_factory=dict)
    only: Only = ""


BUCKETS = (
    Bucket("sites", holds=("blobs/", "manifests/", "shards/", "sizes/")),
    Bucket(
        "sources",
        holds=("sources/", "caches/", "incoming/", "runner/"),
        expire={"incoming/": 2, "caches/": 30, "sources/": 365},
    ),
    Bucket("logs", expire={"": 90}, only="aws"),
    Bucket("console", only="aws"),
)
BUS = "events"
EVENT_SOURCE = "clouddeck"


@dataclass(frozen=True)
class Function:
    """A Lambda function: `module` holds `handler(event, context)`."""

    name: str
    module: str
    memory_mb: int = 512
    timeout_seconds: int = 30
    grants: tuple[Grant, ...] = ()
    layers: tuple[str, ...] = ("core",)
    only: Only = ""


@dataclass(frozen=True)
class Rule:
    """An EventBridge rule: events of these kinds go to a function.

    Ours come over our own bus; `source` names a service of AWS, whose events come over the
    account's default bus, and `detail` narrows them down.
    """

    name: str
    kinds: tuple[str, ...]
    function: str
    source: str = EVENT_SOURCE
    detail: dict[str, Any] = field(default_factory=dict)
    only: Only = ""


@dataclass(frozen=True)
class Schedule:
    """A function called at a fixed rate with `{"schedule": name}`."""

    name: str
    rate: str
    function: str


@dataclass(frozen=True)
class Stream:
    """Changes of rows whose partition key begins with `prefix` go to a FIFO queue, in order.

    One function reads the queue; all messages are of one group, so one batch is worked on at a
    time.
    """

    name: str
    table: str
    prefix: str
    function: str
    batch: int = 10
    only: Only = "aws"


@dataclass(frozen=True)
class Machine:
    """A Step Functions state machine: `state_machines/<name>.asl.json`.

    Every `${name}` in the file is replaced by the ARN of the function `pipeline-<name>`.
    """

    name: str
    functions: tuple[str, ...] = field(default=())


PIPELINE = ("prepare", "build", "package", "publish", "verify", "promote", "notify", "fail")

_COMMON: tuple[Grant, ...] = ("core", "events", "bus")

FUNCTIONS = (
    *(
        Function(
            f"pipeline-{state}",
            f"functions.pipeline.{state}",
            memory_mb=1024 if state in {"package", "publish"} else 512,
            timeout_seconds=300 if state in {"prepare", "package", "publish"} else 60,
            grants=(
                *_COMMON,
                *(("sites", "sources") if state in {"prepare", "package", "publish"} else ()),
                *(("machines", "tasks", "builder", "data-key", "connections")),
            ),
        )
        for state in PIPELINE
    ),
    Function("on-git-push", "functions.events.git_push", grants=(*_COMMON, "machines", "data-key")),
    Function(
        "on-runner-end",
        "functions.events.runner_end",
        grants=(*_COMMON, "tasks", "builder", "build-logs", "data-key", "sources:read"),
        only="aws",
    ),
    Function(
        "sweep",
        "functions.schedules.sweep",
        timeout_seconds=120,
        grants=(*_COMMON, "sites", "sources", "machines", "tasks", "builder", "data-key"),
    ),
    Function(
        "publish-routes",
        "functions.edge.publish_routes",
        grants=("kvs",),
        layers=("core", "sigv4a"),
        only="aws",
    ),
    Function(
        "owner",
        "functions.install.owner",
        grants=("core", "data-key"),
        only="aws",
    ),
    *(
        Function(f"live-{event}", f"functions.live.{event}", grants=("core", "signing-key"))
        for event in ("connect", "message", "disconnect")
    ),
)

RULES = (
    Rule("git-push", ("git.push",), "on-git-push"),
    Rule(
        "runner-end",
        ("CodeBuild Build State Change",),
        "on-runner-end",
        source="aws.codebuild",
        detail={"build-status": ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"]},
        only="aws",
    ),
)
SCHEDULES = (Schedule("sweep", "rate(1 minute)", "sweep"),)
STREAMS = (Stream("routes", "core", "ROUTE#", "publish-routes"),)
MACHINES = (Machine("deploy", PIPELINE),)
