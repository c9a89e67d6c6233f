"""Rows whose time is over go; all others stay."""

from __future__ import annotations

import time
from typing import Any

from adapters.local import shim
from adapters.local.expiry import handler


def _put(client: Any, table: str, pk: str, ttl: int | None) -> None:
    item = {"pk": {"S": pk}, "sk": {"S": "META"}}
    if ttl is not None:
        item["ttl"] = {"N": str(ttl)}
    client.put_item(TableName=table, Item=item)


def test_expired_rows_are_removed(database: Any) -> None:
    now = int(time.time())
    for name in ("test-core", "test-events"):
        _put(database, name, "old", now - 5)
        _put(database, name, "young", now + 500)
        _put(database, name, "for ever", None)
    assert handler({}, None) == {"core": 1, "events": 1, "usage": 0}
    left = {item["pk"]["S"] for item in database.scan(TableName="test-core")["Items"]}
    assert left == {"young", "for ever"}


def test_the_shim_knows_it() -> None:
    assert shim.targets({"expire": True}) == ["adapters.local.expiry"]
