"""The kinds of things that an installation consists of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from chalicelib.resources.grants import Grant

Only = Literal["", "aws"]

EVENT_SOURCE = "clouddeck"
"""What our own events name as where they come from."""

CORE: tuple[str, ...] = ("core",)
# of whoever may have to speak SSH with a git server: asks it for a commit, or fetches one
ASKS_HOSTS: tuple[str, ...] = (*CORE, "git")


@dataclass(frozen=True)
class Bucket:
    """A bucket. The store keeps keys below `holds` in it; `expire` is prefix -> days."""

    name: str
    holds: tuple[str, ...] = ()
    expire: dict[str, int] = field(default_factory=dict)
    only: Only = ""


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


_Kind = TypeVar("_Kind", Bucket, Function, Rule, Stream)


def everywhere(things: Iterable[_Kind]) -> list[_Kind]:
    """Those that the embedded cloud has too."""
    return [thing for thing in things if not thing.only]
