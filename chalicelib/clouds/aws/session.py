"""boto3 clients, made once per process and service."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

_MAKING = Lock()


@lru_cache(maxsize=16)
def client(service: str, region: str) -> Any:
    """A client with short time limits and jittered retries; endpoints come from the environment."""
    if service != "s3":
        return _make(service, region)
    # In us-east-1 botocore would ask the S3 of all regions, and sign addresses on its host: those
    # that pages may ask (the console's policy) are the region's, there as everywhere.
    made = _make(service, region, s3={"us_east_1_regional_endpoint": "regional"})
    if not of_aws(urlsplit(made.meta.endpoint_url).hostname or ""):
        # An emulator has no host per bucket, which is what AWS wants to be asked at.
        return _make(service, region, s3={"addressing_style": "path"})
    return made


def _make(service: str, region: str, **more: Any) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=20,
        retries={"mode": "standard", "max_attempts": 5},
        max_pool_connections=64,
        **more,
    )
    with _MAKING:  # botocore's session is not for several threads at a time
        return boto3.client(service, region_name=region, config=config)


def of_aws(host: str) -> bool:
    """Whether a host is AWS itself, and not something that speaks like it."""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


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
