"""What an installation consists of, once, as data.

`cdk/` builds AWS from these pages and the embedded cloud registers it at every start. Names are
given without the installation's prefix. What says `only="aws"` exists because of a service that
a laptop does not have; the embedded cloud passes over it.
"""

from __future__ import annotations

from chalicelib.resources import clock, doors, events, machines, streams
from chalicelib.resources.clock import SCHEDULES
from chalicelib.resources.doors import API_GRANTS, API_LAYERS
from chalicelib.resources.events import BUS, RULES
from chalicelib.resources.grants import Grant
from chalicelib.resources.kinds import (
    EVENT_SOURCE,
    Bucket,
    Function,
    Machine,
    Rule,
    Schedule,
    Stream,
    everywhere,
)
from chalicelib.resources.machines import MACHINES, PIPELINE, ROLLOUT
from chalicelib.resources.stores import BUCKETS, INDEXES, TABLES, bucket_of
from chalicelib.resources.streams import STREAMS

FUNCTIONS: tuple[Function, ...] = (
    *machines.FUNCTIONS,
    *events.FUNCTIONS,
    *clock.FUNCTIONS,
    *streams.FUNCTIONS,
    *doors.FUNCTIONS,
)

__all__ = [
    "API_GRANTS",
    "API_LAYERS",
    "BUCKETS",
    "BUS",
    "EVENT_SOURCE",
    "FUNCTIONS",
    "INDEXES",
    "MACHINES",
    "PIPELINE",
    "ROLLOUT",
    "RULES",
    "SCHEDULES",
    "STREAMS",
    "TABLES",
    "Bucket",
    "Function",
    "Grant",
    "Machine",
    "Rule",
    "Schedule",
    "Stream",
    "bucket_of",
    "everywhere",
]
