"""Removes rows whose time is over: DynamoDB does it by itself, the embedded database does not."""

from __future__ import annotations

import time
from typing import Any

from chalicelib import resources
from chalicelib.core.config import settings


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Delete expired rows of every table; answers how many per table."""
    import boto3

    client = boto3.client("dynamodb")
    return {name: expire(client, settings().table(name)) for name in resources.TABLES}


def expire(client: Any, table: str) -> int:
    """Delete the rows of a table whose `ttl` (seconds since 1970) has passed; returns how many.

    The condition is checked again by each delete, so a row that got a longer life stays.
    """
    now = {":now": {"N": str(int(time.time()))}}
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="#ttl < :now",
        ProjectionExpression="pk, sk",
        ExpressionAttributeNames={"#ttl": "ttl"},
        ExpressionAttributeValues=now,
    )
    count = 0
    for page in pages:
        for key in page["Items"]:
            try:
                client.delete_item(
                    TableName=table,
                    Key=key,
                    ConditionExpression="#ttl < :now",
                    ExpressionAttributeNames={"#ttl": "ttl"},
                    ExpressionAttributeValues=now,
                )
                count += 1
            except client.exceptions.ConditionalCheckFailedException:
                continue
    return count
