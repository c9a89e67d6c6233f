"""boto3 clients, made once per process and service."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=16)
def client(service: str, region: str) -> Any:
    """A client with short time limits and jittered retries; endpoints come from the environment."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        region_name=region,
        config=Config(
            connect_timeout=2,
            read_timeout=20,
            retries={"mode": "standard", "max_attempts": 5},
            max_pool_connections=64,
            s3={"addressing_style": "path"} if service == "s3" else None,
        ),
    )


@lru_cache(maxsize=1)
def credentials() -> Any:
    """The credentials of this process, refreshed by botocore when they are temporary."""
    import boto3

    found = boto3.Session().get_credentials()
    if found is None:
        raise RuntimeError("no AWS credentials: set a profile, a role or AWS_ACCESS_KEY_ID")
    return found


def code_of(error: Exception) -> str:
    """The AWS error code of a botocore ClientError, or an empty text."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
