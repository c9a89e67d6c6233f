"""Addresses of objects: a host per bucket on AWS, a path elsewhere; botocore signs the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.clouds.aws import session
from chalicelib.clouds.aws.presign import Credentials, presign
from chalicelib.clouds.aws.store import S3Store
from chalicelib.core.config import Settings

KEYS = ["sources/prj_1/ab.tar.gz", "blobs/a b/é+=&?#.txt"]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    session.client.cache_clear()
    session.credentials.cache_clear()
    yield
    session.client.cache_clear()
    session.credentials.cache_clear()


def _botocore(method: str, region: str, bucket: str, key: str, style: str) -> str:
    import boto3
    from botocore.config import Config

    own = {"addressing_style": style, "us_east_1_regional_endpoint": "regional"}
    config = Config(signature_version="s3v4", s3=own)
    s3: Any = boto3.client("s3", region_name=region, config=config)
    call = {"GET": "get_object", "PUT": "put_object"}[method]
    return str(s3.generate_presigned_url(call, {"Bucket": bucket, "Key": key}, ExpiresIn=900))


def _same(ours: str, theirs: str, method: str, region: str) -> None:
    """Same address; and signed at botocore's moment, the same signature."""
    place, query = theirs.partition("?")[0], parse_qs(urlsplit(theirs).query)
    assert ours.partition("?")[0] == place
    moment = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    keys = Credentials("test", "test")
    again = presign(method, place, keys, region, seconds=900, at=moment)
    assert parse_qs(urlsplit(again).query)["X-Amz-Signature"] == query["X-Amz-Signature"]


@pytest.mark.parametrize("region", ["eu-central-1", "us-west-2", "us-east-1"])
@pytest.mark.parametrize("key", KEYS)
def test_on_aws_a_bucket_has_its_host(region: str, key: str) -> None:
    now = Settings(cloud="aws", region=region, account="123456789012")
    bucket = now.bucket("sources" if key.startswith("sources") else "sites")
    store = S3Store(now)
    ours = store.signed_get(key, 900)
    assert ours.startswith(f"https://{bucket}.s3.{region}.amazonaws.com/")
    _same(ours, _botocore("GET", region, bucket, key, "virtual"), "GET", region)
    put = store.signed_put(key, 900).url
    _same(put, _botocore("PUT", region, bucket, key, "virtual"), "PUT", region)


def test_the_oldest_region_too() -> None:
    now = Settings(cloud="aws", region="us-east-1", account="123456789012")
    ours = S3Store(now).signed_get(KEYS[0], 900)
    theirs = _botocore("GET", "us-east-1", now.bucket("sources"), KEYS[0], "virtual")
    _same(ours, theirs, "GET", "us-east-1")


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://minio:9000"])
def test_elsewhere_the_bucket_is_in_the_path(
    monkeypatch: pytest.MonkeyPatch, variable: str, endpoint: str
) -> None:
    monkeypatch.setenv(variable, endpoint)
    now = Settings()
    for key in KEYS:
        ours = S3Store(now).signed_get(key, 900)
        bucket = "clouddeck-sources" if key == KEYS[0] else "clouddeck-sites"
        assert ours.startswith(f"{endpoint}/{bucket}/")
        _same(ours, _botocore("GET", "us-east-1", bucket, key, "path"), "GET", "us-east-1")


@pytest.mark.parametrize("host", ["amazonaws.com.evil.example", "x.amazonaws.com:1", "", "a.com"])
def test_what_only_sounds_like_aws(host: str) -> None:
    assert not session.of_aws(host)
