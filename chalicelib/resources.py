"""What an installation consists of, once, as data.

`cdk/` builds AWS from this page and the embedded cloud registers it at every start. Names are
given without the installation's prefix. What says `only="aws"` exists because of a service that
a laptop does not have; the embedded cloud passes over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

Only = Literal["", "aws"]
Grant = Literal[
    "core",  # read and write rows, look into the indexes
    "core:read",
    "log",  # add lines to the log of a build (table `events`)
    "log:read",
    "deliveries",  # remember which events came (table `events`)
    "audit",  # add entries to the audit log, and announce them (table `events`)
    "audit:read",
    "audit:waiting",  # find what was announced and not written
    "traffic",  # write down what visitors did (table `usage`)
    "traffic:read",
    "edge-log",  # read CloudFront's access log, and what its function noted of requests
    "rate",  # take tokens out of the buckets that limit requests (table `usage`)
    "blobs",  # write files of sites
    "blobs:read",  # and see which are there
    "shards",  # write parts of manifests
    "rules",  # write the tables of rules that manifests name
    "rules:read",
    "manifests",  # write manifests, after which a deployment can be seen
    "manifests:read",
    "manifests:remove",  # of previews whose time is over
    "sources",  # put the trees that builds begin with
    "sources:read",
    "sources:remove",
    "trees",  # write down what is in a source, and read it again
    "attestations",  # write bills of materials and signed statements
    "attestations:read",
    "advisories",  # write the copy of the advisories
    "advisories:read",
    "uploads",  # write lists of files
    "uploads:read",
    "caches",  # read and write what builds keep for the next one
    "bus",  # put events on ours
    "machines",  # start executions
    "machines:read",
    "tasks",  # answer task tokens
    "task-faults",  # answer them by an error
    "builds",  # look for builds and start them; read the agent, to sign its address
    "builds:stop",
    "build-logs",  # read what the build machines logged
    "data-key:seal",
    "data-key:open",
    "signing-key",  # sign, and read the public half
    "signing-key:read",  # the public half checks signatures
    "connections",  # send to open WebSockets
    "kvs",  # read and write the edge's store of routes
    "purge",  # drop a deployment from the edge's caches
    "codecommit",  # read the account's repositories
    "codecommit:comment",  # write below their pull requests
    "mail",  # send mail from the installation's address
    "tenants",  # domains of people's own at the edge, and their certificates
    "zones",  # DNS zones that were made for teams
    "firewall",  # what guards of sites are in front of the distributions
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
    Bucket("sites", holds=("blobs/", "manifests/", "shards/", "sizes/", "rules/")),
    Bucket(
        "sources",
        # trees: what is in a source; attestations and sboms: of a deployment; osv: known faults
        holds=(
            *("sources/", "trees/", "caches/", "incoming/", "runner/"),
            *("attestations/", "sboms/", "osv/"),
        ),
        expire={"incoming/": 2, "caches/": 30, "sources/": 365, "trees/": 365},
    ),
    Bucket("logs", holds=("AWSLogs/",), expire={"": 90}, only="aws"),
    Bucket("console", only="aws"),
)


def bucket_of(key: str) -> str:
    """Name of the bucket that holds a key, or every key below a prefix.

    Raises ValueError for what no bucket holds: whoever asks has made a mistake.
    """
    for bucket in BUCKETS:
        if key.startswith(bucket.holds):
            return bucket.name
    raise ValueError(f"no bucket holds {key[:200]!r}: it is below no prefix of resources.BUCKETS")


BUS = "events"
EVENT_SOURCE = "clouddeck"


@dataclass(frozen=True)
class Function:
    """A Lambda function: `module` holds `handler(event, context)`; `disk_mb` is its /tmp."""

    name: str
    module: str
    memory_mb: int = 512
    timeout_seconds: int = 30
    disk_mb: int = 512
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

    Every `${name}` in the file is replaced by the ARN of the function `<of>-<name>`. Beside the
    machine of deployments a state tells its function the name of its machine, as `machine`.
    """

    name: str
    functions: tuple[str, ...] = field(default=())
    of: str = "pipeline"


PIPELINE = (
    *("prepare", "build", "package", "attest", "publish", "verify", "promote"),
    *("notify", "fail"),
)

# Whoever may end a deployment stops its build, answers the task that waits for it, says that its
# slot is free, writes into its log and tells those who watch.
_ENDS: tuple[Grant, ...] = ("core", "tasks", "builds:stop", "bus", "connections")
_FAILS: tuple[Grant, ...] = (*_ENDS, "log")
_STARTS: tuple[Grant, ...] = (*_FAILS, "data-key:seal", "data-key:open", "builds")

_CORE: tuple[str, ...] = ("core",)
# of whoever may have to speak SSH with a git server: asks it for a commit, or fetches one
_ASKS_HOSTS: tuple[str, ...] = (*_CORE, "git")

_PIPELINE: dict[str, tuple[Grant, ...]] = {
    # an uploaded tree is compared with the blobs that arrived; the token of the build is sealed
    "prepare": (
        *(*_FAILS, "sources:read", "uploads:read", "blobs:read", "data-key:seal"),
        # a commit is fetched from its git host, with a credential that is opened for it
        *("sources", "codecommit"),
        # was this very source built before? variables are opened for the answer
        *("trees", "data-key:open", "manifests:read"),
        "uploads",  # the list of files that are taken instead of building
    ),
    # starts whichever builds are next; one whose machine is over gets another order and token
    "build": (*_STARTS, "task-faults"),
    # `manifests:read` because parts that the last deployment has are not written again; rules stand
    # in the source and in files of the output
    "package": (
        *(*_FAILS, "uploads:read", "manifests:read", "shards"),
        *("rules", "trees", "sources:read", "blobs:read"),
    ),
    # the files that are signed for, the lock files of the source, what is known against them
    "attest": (
        *(*_FAILS, "uploads:read", "blobs:read", "manifests:read", "sources:read", "trees"),
        *("attestations", "advisories:read", "signing-key"),
    ),
    "publish": (*_FAILS, "uploads:read", "blobs:read", "manifests"),
    "verify": _FAILS,  # asks the edge as a visitor does; tells it a route by a row of `core`
    # a preview whose pull request was closed meanwhile is removed
    "promote": (*_ENDS, "manifests:remove", "purge", "machines"),
    "notify": ("core", "bus", "audit"),
    "fail": _FAILS,
}

ROLLOUT = ("begin", "shift", "look", "settle", "withdraw")

# Moving the pointer tells the edge by a row and writes the audit log; a canary that is taken back
# is dropped from caches, which a shift does too that a person's word has overtaken. Each of them
# may find that the rollout is over, and says so on the bus.
_ROLLOUT: dict[str, tuple[Grant, ...]] = {
    "begin": ("core", "traffic:read", "bus"),
    "shift": ("core", "audit", "purge", "bus"),
    # goes on in another execution after a while
    "look": ("core", "traffic:read", "machines", "bus"),
    "settle": ("core", "audit", "connections", "bus"),
    "withdraw": ("core", "audit", "purge", "bus"),
}

_ON_GIT: dict[str, tuple[Grant, ...]] = {
    "push": (),
    "tag": (),
    "pull-request": ("manifests:remove", "purge"),  # a closed one takes its previews along
}

FUNCTIONS = (
    *(
        Function(
            f"pipeline-{state}",
            f"functions.pipeline.{state}",
            memory_mb=1024 if state in {"prepare", "package", "attest", "publish"} else 512,
            timeout_seconds=300 if state in {"prepare", "package", "attest", "publish"} else 60,
            # a source from a git host arrives whole before the store gets it
            disk_mb=5120 if state == "prepare" else 512,
            grants=_PIPELINE[state],
            layers=_ASKS_HOSTS if state == "prepare" else _CORE,
        )
        for state in PIPELINE
    ),
    *(
        Function(
            f"rollout-{state}",
            f"functions.rollouts.{state}",
            timeout_seconds=120,  # checks may be asked three times each
            grants=_ROLLOUT[state],
        )
        for state in ROLLOUT
    ),
    # what begins a deployment; `sources:read` for what the git host said of the commit; `bus`
    # because an event that comes again finds its deployment over, and says so again; a host is
    # asked with a token that was sealed
    *(
        Function(
            f"on-git-{kind}",
            f"functions.events.git_{kind.replace('-', '_')}",
            timeout_seconds=60,
            grants=(
                *(*_ENDS, "machines", "sources:read", "audit", "data-key:open"),
                *("codecommit", *more),
            ),
            layers=_ASKS_HOSTS,
        )
        for kind, more in _ON_GIT.items()
    ),
    # a deploy hook was called, or a schedule is due: begins a deployment as a push does, of the
    # commit that the git host has at that moment
    Function(
        "on-deploy-asked",
        "functions.events.deploy_asked",
        timeout_seconds=60,
        grants=(*_ENDS, "machines", "sources:read", "audit", "data-key:open", "codecommit"),
        layers=_ASKS_HOSTS,
    ),
    Function("due", "functions.schedules.due", timeout_seconds=60, grants=("core", "bus")),
    # reads which backends the rules of live sites name, and asks them
    Function(
        "health",
        "functions.schedules.health",
        timeout_seconds=60,
        grants=("core", "bus", "rules:read"),
    ),
    Function(
        "on-runner-end",
        "functions.events.runner_end",
        # a lost runner is replaced: another order with another token
        grants=(*_STARTS, "build-logs"),
        only="aws",
    ),
    Function(
        "on-osv-uploaded",
        "functions.events.osv_uploaded",
        memory_mb=3008,  # an export is read as a whole: npm's has 200,000 advisories
        timeout_seconds=900,
        grants=("advisories",),
    ),
    # an edge that counts by itself tells its totals; on AWS they are read out of its log. Whose a
    # project is says to which team's sum they are added
    Function("on-edge-traffic", "functions.events.edge_traffic", grants=("core:read", "traffic")),
    Function(
        "on-edge-log",
        "functions.events.edge_log",
        memory_mb=1769,  # one whole processor: a file may have a million lines
        timeout_seconds=600,
        grants=("core", "traffic", "edge-log"),
        only="aws",
    ),
    # settings that a route speaks of were changed: the edge is told of the site and its aliases
    Function(
        "on-route-changed",
        "functions.events.route_changed",
        timeout_seconds=120,
        grants=("core",),
    ),
    # and AWS WAF of its guard: apart, because what that refuses must not hold up a route
    Function(
        "on-guard-changed",
        "functions.events.guard_changed",
        timeout_seconds=120,
        grants=("core", "firewall"),
        only="aws",
    ),
    Function("on-slot-free", "functions.events.slot_free", timeout_seconds=60, grants=_STARTS),
    # the credential of the repository is opened
    Function(
        "on-feedback",
        "functions.events.feedback",
        grants=("core", "data-key:open", "codecommit:comment"),
    ),
    Function(
        "on-codecommit",
        "functions.events.codecommit",
        grants=("core", "deliveries", "bus"),
        only="aws",
    ),
    Function(
        "poll",
        "functions.schedules.poll",
        timeout_seconds=120,
        grants=("core", "bus", "data-key:open", "codecommit"),
        layers=_ASKS_HOSTS,
    ),
    Function("on-errand", "functions.events.errand", grants=("core", "mail")),
    Function(
        "on-team-changed",
        "functions.events.team_changed",
        grants=("core", "connections"),
    ),
    # to browsers: the key that says who sends is opened
    Function(
        "on-push-due",
        "functions.events.push_due",
        timeout_seconds=60,
        grants=("core", "data-key:open"),
    ),
    Function(
        "sweep",
        "functions.schedules.sweep",
        timeout_seconds=120,
        # does what was left undone by any of the others, but packages and publishes nothing:
        # for that it starts the machine again
        grants=(
            *(*_FAILS, "machines", "machines:read", "audit"),
            *("data-key:seal", "data-key:open", "builds"),
            # and of the deletion of a project
            *("sources:read", "sources:remove", "purge"),
            "manifests:remove",  # of previews whose time is over
        ),
    ),
    Function(
        "audit",
        "functions.schedules.audit",
        timeout_seconds=120,
        # the tokens of streams are sealed; who watches a team hears of entries that come late
        grants=("core", "audit", "audit:read", "audit:waiting", "data-key:open", "bus"),
    ),
    Function(
        "sign-logs",
        "functions.schedules.sign_logs",
        timeout_seconds=120,
        # what talks to strangers' collectors has no right to sign, and this one talks to nobody
        grants=("core", "audit", "audit:read", "signing-key"),
    ),
    # a domain is proven, told to the edge and spoken of: in its log, on the bus, by mail
    *(
        Function(
            name,
            module,
            timeout_seconds=120,
            grants=(
                *("core", "tenants", "machines", "bus", "audit", "mail"),
                *("data-key:seal", "data-key:open"),  # of the key that proofs are made with
            ),
        )
        for name, module in (
            ("domain-look", "functions.domains.look"),
            ("certificates", "functions.schedules.certificates"),
        )
    ),
    Function(
        "on-project-deleted",
        "functions.events.project_deleted",
        grants=("core", "machines"),
    ),
    Function(
        "publish-routes",
        "functions.edge.publish_routes",
        grants=("kvs",),  # the routes come with the messages: it reads no table
        layers=("core", "sigv4a"),
        only="aws",
    ),
    Function(
        "owner",
        "functions.install.owner",
        grants=("core", "audit"),
        only="aws",
    ),
    Function("live-connect", "functions.live.connect", grants=("core", "signing-key:read")),
    Function("live-message", "functions.live.message", grants=("core", "log:read", "connections")),
    Function("live-disconnect", "functions.live.disconnect", grants=("core",)),
)

API_GRANTS: tuple[Grant, ...] = (
    *_FAILS,
    *("log:read", "deliveries", "rate", "machines", "machines:read", "builds"),
    "traffic:read",
    *("audit", "audit:read"),
    # whoever signs an address hands on a right of its own, so it may do what runners and people do
    *("blobs", "blobs:read", "manifests:read", "rules:read", "uploads", "uploads:read", "caches"),
    *("sources:read", "sources:remove"),
    *("attestations:read", "advisories"),
    *("data-key:seal", "data-key:open", "signing-key", "purge", "mail"),
    "codecommit",
    *("tenants", "zones"),
)
"""Of the one function behind the API, which is Chalice's and stands in `app.py`."""

API_LAYERS = (*_ASKS_HOSTS, "saml")

RULES = (
    Rule("git-push", ("git.push",), "on-git-push"),
    Rule("deploy-asked", ("deploy.asked",), "on-deploy-asked"),
    Rule("git-tag", ("git.tag",), "on-git-tag"),
    Rule("git-pull-request", ("git.pull_request",), "on-git-pull-request"),
    Rule("edge-traffic", ("edge.traffic",), "on-edge-traffic"),
    Rule("edge-log", ("Object Created",), "on-edge-log", source="aws.s3", only="aws"),
    Rule("route-changed", ("route.changed",), "on-route-changed"),
    Rule(
        "guard-changed",
        ("route.changed", "domain.changed", "project.deleted"),
        "on-guard-changed",
        only="aws",
    ),
    Rule("slot-free", ("build.slot_free",), "on-slot-free"),
    Rule("feedback", ("deployment.started", "deployment.finished"), "on-feedback"),
    Rule("errand", ("errand.due",), "on-errand"),
    Rule("team-changed", ("team.changed",), "on-team-changed"),
    Rule(
        "push-due",
        (
            *("deployment.finished", "rollout.finished", "rollout.paused"),
            *("domain.changed", "domain.expiring"),
        ),
        "on-push-due",
    ),
    Rule("project-deleted", ("project.deleted",), "on-project-deleted"),
    Rule("osv-uploaded", ("osv.uploaded",), "on-osv-uploaded"),
    Rule(
        "codecommit",
        ("CodeCommit Repository State Change", "CodeCommit Pull Request State Change"),
        "on-codecommit",
        source="aws.codecommit",
        only="aws",
    ),
    Rule(
        "runner-end",
        ("CodeBuild Build State Change",),
        "on-runner-end",
        source="aws.codebuild",
        detail={"build-status": ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"]},
        only="aws",
    ),
)
SCHEDULES = (
    Schedule("sweep", "rate(1 minute)", "sweep"),
    Schedule("due", "rate(1 minute)", "due"),
    Schedule("health", "rate(1 minute)", "health"),
    Schedule("poll", "rate(5 minutes)", "poll"),
    Schedule("audit", "rate(1 minute)", "audit"),
    Schedule("sign-logs", "rate(1 hour)", "sign-logs"),
    Schedule("certificates", "rate(15 minutes)", "certificates"),
)
STREAMS = (Stream("routes", "core", "ROUTE#", "publish-routes"),)
MACHINES = (
    Machine("deploy", PIPELINE),
    Machine("rollout", ROLLOUT, of="rollout"),
    Machine("domain", ("look",), of="domain"),
)

_Kind = TypeVar("_Kind", Bucket, Function, Rule, Stream)


def everywhere(things: Iterable[_Kind]) -> list[_Kind]:
    """Those that the embedded cloud has too."""
    return [thing for thing in things if not thing.only]
