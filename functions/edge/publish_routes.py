"""Routes that changed, from the table's stream to the edge's KeyValueStore.

The messages are records of the stream, one each, in order: `eventName`, and below `dynamodb` the
`Keys`, `NewImage` and `OldImage` of a row. A repeated message writes what is there already. Only
one that comes late, out of the dead-letter queue, may have been overtaken: then the store is asked.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.clouds.aws import routes
from chalicelib.core import clock
from chalicelib.core.config import settings
from chalicelib.core.observe import logger
from chalicelib.edge.rules.routes import replaces

if TYPE_CHECKING:
    from chalicelib.clouds.aws.kvs import RouteRecords
    from chalicelib.ports import SiteRoute

LATE_SECONDS = 120
"""Longer than any change is on its way by itself."""

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What comes of reading a message that is no change of a route."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch -> `{"batchItemFailures": [...]}`: the messages that shall come again.

    When the store cannot be written, that is every message, so that their order stays. A message
    that nobody can read fails alone: it ends in the dead-letter queue and holds up no route.
    """
    newest: dict[str, SiteRoute] = {}
    doors = ""
    late: set[str] = set()
    unreadable: list[str] = []
    for message in event["Records"]:
        try:
            change = json.loads(message["body"])
            said = changed(change)
            routes.record(said, clock.now_ms())
            doors = told_doors(change) or doors
        except UNREADABLE as error:
            logger().error("a change of a route cannot be read", extra=_about(message, error))
            unreadable.append(message["messageId"])
            continue
        known = newest.get(said.slug)
        if known is None or replaces(said, known):
            newest[said.slug] = said
            if _age(change) > LATE_SECONDS:
                late.add(said.slug)
    try:
        _write(newest, late, doors)
    except Exception:  # whatever it is, the queue keeps the messages
        logger().exception("the routes could not be written", extra={"slugs": list(newest)})
        return _again([message["messageId"] for message in event["Records"]])
    return _again(unreadable)


def changed(change: dict[str, Any]) -> SiteRoute:
    """The route that a record of the stream tells; a row that was removed is a site that is gone.

    Raises one of UNREADABLE when it tells none.
    """
    images = change["dynamodb"]
    if change["eventName"] != "REMOVE":
        return routes.route(images["NewImage"])
    last = routes.route(images["OldImage"])  # the stream carries old images as well
    return replace(last, production=None, canary=None, gone=True)


def told_doors(change: dict[str, Any]) -> str:
    """Where people are let in, as the row of a protected site brings it along; else nothing."""
    image = change["dynamodb"].get("NewImage") or {}
    return str(image.get("doors", {}).get("S", ""))


def _write(newest: dict[str, SiteRoute], late: set[str], doors: str) -> None:
    store = _store()
    records = {routes.DOORS: doors} if doors else {}
    for slug, route in newest.items():
        there = routes.told(store.read(slug) or "") if slug in late else None
        if there is None or replaces(route, there):
            records[slug] = routes.record(route, clock.now_ms())
    store.write(records)


def _age(change: dict[str, Any]) -> float:
    """Seconds since a row changed; without end when the record does not say."""
    at = change["dynamodb"].get("ApproximateCreationDateTime")
    return clock.epoch() - at if isinstance(at, int | float) else math.inf


def _about(message: dict[str, Any], error: Exception) -> dict[str, Any]:
    return {"message_id": message["messageId"], "fault": str(error)[:500]}


def _again(messages: list[str]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": message} for message in messages]}


@lru_cache(maxsize=1)
def _store() -> RouteRecords:
    """One writer per process: it knows the ETag of its last write."""
    from chalicelib.clouds.aws.kvs import RouteRecords

    return RouteRecords(settings())
