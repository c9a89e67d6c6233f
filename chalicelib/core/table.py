"""The one place where PynamoDB meets our three tables.

A row class belongs to one kind, and kinds are told apart by their keys, never by a
discriminator: a query names a key prefix. Every change of state goes through `transact` or a
conditional update, so that a reply that got lost can be asked for again without harm.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import (
    DeleteError,
    PutError,
    PynamoDBException,
    TransactWriteError,
    UpdateError,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.core.config import settings

R = TypeVar("R", bound=Model)
T = TypeVar("T")

CONDITION_FAILED = "ConditionalCheckFailedException"


class _Index1(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # PynamoDB's
    class Meta:
        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class _Index2(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # PynamoDB's
    class Meta:
        index_name = "gsi2"
        projection = AllProjection()

    gsi2pk = UnicodeAttribute(hash_key=True)
    gsi2sk = UnicodeAttribute(range_key=True)


class _Client:
    """How every kind of row speaks to DynamoDB."""

    region = settings().region
    max_retry_attempts = 6
    max_pool_connections = 64
    connect_timeout_seconds = 2
    read_timeout_seconds = 8


class CoreRow(Model):
    """A row of the table `core`."""

    class Meta(_Client):  # noqa: D106  # PynamoDB's own settings of a row class
        table_name = settings().table("core")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="META")
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    gsi2pk = UnicodeAttribute(null=True)
    gsi2sk = UnicodeAttribute(null=True)
    ttl = NumberAttribute(null=True)
    by1 = _Index1()
    by2 = _Index2()

    @classmethod
    def _get_connection(cls) -> TableConnection:
        # one client for all kinds of rows: making one costs tens of milliseconds
        return super()._get_connection() if cls is CoreRow else CoreRow._get_connection()


class EventRow(Model):
    """A row of the table `events`."""

    class Meta(_Client):  # noqa: D106  # PynamoDB's own settings of a row class
        table_name = settings().table("events")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    ttl = NumberAttribute(null=True)


class UsageRow(Model):
    """A row of the table `usage`."""

    class Meta(_Client):  # noqa: D106  # PynamoDB's own settings of a row class
        table_name = settings().table("usage")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="META")
    ttl = NumberAttribute(null=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        if cls is not UsageRow:
            return UsageRow._get_connection()
        found = super()._get_connection()
        shared = CoreRow._get_connection().connection
        if found.connection is not shared:  # every request counts, so it shall not open another
            shared.add_meta_table(found.get_meta_table())
            found.connection = shared
        return found


def find(kind: type[R], pk: str, sk: str = "META") -> R | None:
    """One row, read consistently; None when absent."""
    try:
        return kind.get(pk, sk, consistent_read=True)
    except kind.DoesNotExist:
        return None


def find_mixed(wanted: Iterable[tuple[type[CoreRow], str, str]]) -> list[CoreRow | None]:
    """Rows of several kinds of the table `core` in one read, in the order asked; None = absent.

    At most 100 of them, as DynamoDB has it.
    """
    asked = list(wanted)
    keys = [dict(key) for key in {(("pk", pk), ("sk", sk)) for _, pk, sk in asked}]
    if not keys:
        return []
    table = settings().table("core")
    found: dict[tuple[str, str], dict[str, Any]] = {}
    while keys:
        answer = CoreRow._get_connection().batch_get_item(
            keys,  # type: ignore[arg-type]  # annotated as texts, used as key maps
            consistent_read=True,
        )
        for item in answer["Responses"].get(table, []):
            found[item["pk"]["S"], item["sk"]["S"]] = item
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        keys = [{name: value["S"] for name, value in key.items()} for key in left]
    return [
        kind.from_raw_data(found[pk, sk]) if (pk, sk) in found else None for kind, pk, sk in asked
    ]


def below(kind: type[R], pk: str, prefix: str, newest_first: bool = False) -> Iterator[R]:
    """Rows of one partition whose sort key starts with `prefix`, in key order."""
    return iter(
        kind.query(
            pk,
            kind.sk.startswith(prefix),  # type: ignore[attr-defined]  # both kinds of rows have it
            consistent_read=True,
            scan_index_forward=not newest_first,
        )
    )


class _Write(TransactWrite):
    def _commit(self) -> None:
        """Commit, again when another transaction held one of the rows: AWS's SDK does not."""
        for attempt in range(_CONFLICT_TRIES):
            try:
                super()._commit()
                return
            except TransactWriteError as error:
                if attempt == _CONFLICT_TRIES - 1 or not _only_crossed(error):
                    raise
                time.sleep(random.uniform(0.005, 0.03) * 2**attempt)  # noqa: S311  # jitter


_CONFLICT_TRIES = 5


def _only_crossed(error: TransactWriteError) -> bool:
    codes = {r.code for r in error.cancellation_reasons if r is not None} - {"None"}
    if codes:
        return codes == {"TransactionConflict"}
    return error.cause_response_code in {
        "TransactionConflictException",
        "TransactionInProgressException",
    }


def uncrossed(work: Callable[[], T]) -> T:
    """Do a single write, again while a transaction holds its row. Raises what `work` raises."""
    for attempt in range(_CONFLICT_TRIES):
        try:
            return work()
        except (PutError, UpdateError, DeleteError) as error:
            crossed = error.cause_response_code == "TransactionConflictException"
            if not crossed or attempt == _CONFLICT_TRIES - 1:
                raise
            time.sleep(random.uniform(0.005, 0.03) * 2**attempt)  # noqa: S311  # jitter
    raise AssertionError("the last try answers or raises")


def write() -> TransactWrite:
    """A transaction: `with write() as t: t.save(row, condition=...)`. Raises TransactWriteError."""
    return _Write(connection=CoreRow._get_connection().connection)


def lost_condition(error: TransactWriteError | PutError | UpdateError | DeleteError) -> bool:
    """Whether a write was refused because the row was not as expected (and not by a fault)."""
    if isinstance(error, TransactWriteError):
        reasons = [r.code for r in error.cancellation_reasons if r is not None]
        # a transaction says the same without "Exception" at the end
        return "ConditionalCheckFailed" in reasons
    return error.cause_response_code == CONDITION_FAILED


def update_or_see(row: R, actions: list[Action], condition: Condition) -> tuple[bool, R | None]:
    """Update a row if it is as expected: (True, the row now), else (False, the row as it is).

    The latter is None when there is no row; seeing it costs no read. Raises UpdateError.
    """
    request = row.get_update_kwargs_from_instance(
        actions, condition=condition, return_values_on_condition_failure="ALL_OLD"
    )
    request["ReturnValues"] = "ALL_NEW"
    try:
        answer = row._get_connection().connection.dispatch("UpdateItem", request)
    except BOTOCORE_EXCEPTIONS as error:
        failed = UpdateError(f"Failed to update item: {error}", error)
        if not lost_condition(failed):
            raise failed from error
        # PynamoDB keeps of botocore's error the code only
        item = getattr(error.__cause__, "response", {}).get("Item")
        return False, type(row).from_raw_data(item) if item else None
    return True, type(row).from_raw_data(answer["Attributes"])


_PASSING = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


def out_of_reach(error: Exception) -> bool:
    """Whether an exception means that the database did not answer, or is busy for the moment."""
    from botocore.exceptions import BotoCoreError, ConnectionError, HTTPClientError  # noqa: A004  # botocore calls it so

    if isinstance(error, TransactWriteError):
        reasons = {r.code for r in error.cancellation_reasons if r is not None}
        return bool(reasons & {"TransactionConflict", "ThrottlingError"}) or (
            error.cause_response_code in _PASSING
        )
    if isinstance(error, PynamoDBException):
        cause = error.cause
        return error.cause_response_code in _PASSING or isinstance(cause, BotoCoreError)
    return isinstance(error, HTTPClientError | ConnectionError)
