"""What an installation consists of, once, as data.

`cdk/` builds AWS from this page and the embedded cloud registers it at every start. Names are
given without the installation's prefix.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TABLES = ("core", "events", "usage")
"""All three have string keys `pk`/`sk`, on demand, TTL attribute `ttl`; see INDEXES."""

INDEXES = {
    "core": (("gsi1", "gsi1pk", "gsi1sk"), ("gsi2", "gsi2pk", "gsi2sk")),
    "events": (),
    "usage": (),
}
"""Per table: (index, hash key, range key); projection ALL."""

BUCKETS = ("sites",)
BUS = "events"


@dataclass(frozen=True)
class Function:
    """A Lambda function: `module` holds `handler(event, context)`."""

    name: str
    module: str
    memory_mb: int = 512
    timeout_seconds: int = 30
    grants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """An EventBridge rule on our bus: events of these kinds go to a function."""

    name: str
    kinds: tuple[str, ...]
    function: str


@dataclass(frozen=True)
class Schedule:
    """A function called at a fixed rate with `{"schedule": name}`."""

    name: str
    rate: str
    function: str


@dataclass(frozen=True)
class Machine:
    """A Step Functions state machine: `state_machines/<name>.asl.json`.

    Every `${name}` in the file is replaced by the ARN of the function `pipeline-<name>`.
    """

    name: str
    functions: tuple[str, ...] = field(default=())


PIPELINE = ("prepare", "build", "package", "publish", "verify", "promote", "notify", "fail")

FUNCTIONS = (
    *(
        Function(
            f"pipeline-{state}",
            f"functions.pipeline.{state}",
            memory_mb=1024 if state in {"package", "publish"} else 512,
            timeout_seconds=300 if state in {"prepare", "package", "publish"} else 60,
            grants=("tables", "bucket", "bus", "machines"),
        )
        for state in PIPELINE
    ),
    Function("on-git-push", "functions.events.git_push", grants=("tables", "machines", "bus")),
    Function(
        "sweep",
        "functions.schedules.sweep",
        timeout_seconds=120,
        grants=("tables", "bucket", "bus", "machines"),
    ),
)

RULES = (Rule("git-push", ("git.push",), "on-git-push"),)
SCHEDULES = (Schedule("sweep", "rate(1 minute)", "sweep"),)
MACHINES = (Machine("deploy", PIPELINE),)

EVENT_SOURCE = "clouddeck"
