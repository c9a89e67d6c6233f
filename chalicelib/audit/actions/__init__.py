"""What can be done with the log: one public function per verb."""

from chalicelib.audit.actions.append import Busy, append, hear_with, record
from chalicelib.audit.actions.deliver import Tried, deliver, deliver_all, test_stream
from chalicelib.audit.actions.read import Wanted, activity, export, page, told
from chalicelib.audit.actions.recorder import Log, finish
from chalicelib.audit.actions.retention import (
    LONGEST_DAYS,
    SHORTEST_DAYS,
    retention,
    set_retention,
)
from chalicelib.audit.actions.signing import sign, sign_logs
from chalicelib.audit.actions.streams import Wish, delete_stream, list_streams, named, put_stream
from chalicelib.audit.actions.walk import Verdict, verify

__all__ = [
    "LONGEST_DAYS",
    "SHORTEST_DAYS",
    "Busy",
    "Log",
    "Tried",
    "Verdict",
    "Wanted",
    "Wish",
    "activity",
    "append",
    "delete_stream",
    "deliver",
    "deliver_all",
    "export",
    "finish",
    "hear_with",
    "list_streams",
    "named",
    "page",
    "put_stream",
    "record",
    "retention",
    "set_retention",
    "sign",
    "sign_logs",
    "test_stream",
    "told",
    "verify",
]
