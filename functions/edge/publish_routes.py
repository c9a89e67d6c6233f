"""Routes that changed, from the table's stream to the edge's KeyValueStore.

The messages are records of the stream, one each, in order: `eventName`, and below `dynamodb` the
`Keys`, `NewImage` and `OldImage` of a row. A repeated message writes what is there already.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.clouds.aws import routes
from chalicelib.core.config import settings
from chalicelib.core.observe import logger
from chalicelib.edge.rules.routes import replaces

if TYPE_CHECKING:
    from chalicelib.clouds.aws.kvs import RouteRecords
    from chalicelib.ports import SiteRoute


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch -> `{"batchItemFailures": [...]}`: the messages that shall come again.

    When the store cannot be written, that is every message, so that their order stays. A message
    that nobody can read fails alone: it ends in the dead-letter queue and holds up no route.
    """
    newest: dict[str, SiteRoute] = {}
    unreadable: list[str] = []
    for message in event["Records"]:
        try:
            said = changed(json.loads(message["body"]))
            routes.record(said)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            logger().error("a change of a route cannot be read", extra=_about(message, error))
            unreadable.append(message["messageId"])
            continue
        known = newest.get(said.slug)
        if known is None or replaces(said, known):
            newest[said.slug] = said
    try:
        _store().write({slug: routes.record(route) for slug, route in newest.items()})
    except Exception:  # whatever it is, the queue keeps the messages
        logger().exception("the routes could not be written", extra={"slugs": list(newest)})
        return _again([message["messageId"] for message in event["Records"]])
    return _again(unreadable)


def changed(change: dict[str, Any]) -> SiteRoute:
    """The route that a record of the stream tells; a row that was removed is a site that is gone.

    Raises ValueError, LookupError, TypeError or AttributeError when it tells none.
    """
    images = change["dynamodb"]
    if change["eventName"] != "REMOVE":
        return routes.route(images["NewImage"])
    last = routes.route(images["OldImage"])  # the stream carries old images as well
    return replace(last, production=None, canary=None, gone=True)


def _about(message: dict[str, Any], error: Exception) -> dict[str, Any]:
    return {"message_id": message["messageId"], "fault": str(error)[:500]}


def _again(messages: list[str]) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": message} for message in messages]}


@lru_cache(maxsize=1)
def _store() -> RouteRecords:
    """One writer per process: it knows the ETag of its last write."""
    from chalicelib.clouds.aws.kvs import RouteRecords

    return RouteRecords(settings())
