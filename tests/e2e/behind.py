"""The stores of an embedded cloud past the product, with the installation's own credentials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def database(home: Path, port: int) -> Any:
    """A DynamoDB client of the tables; `port` is the cloud's first, that of its API."""
    return _client("dynamodb", home, port + 2)


def store(home: Path, port: int) -> Any:
    """An S3 client of the buckets; `port` is the cloud's first, that of its API."""
    return _client("s3", home, port + 3, s3={"addressing_style": "path"})


def _client(service: str, home: Path, port: int, **how: Any) -> Any:
    import boto3
    from botocore.config import Config

    keys = json.loads((home / "keys" / "installation.json").read_text())
    return boto3.session.Session().client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        region_name="us-east-1",
        config=Config(proxies={}, **how),
    )
