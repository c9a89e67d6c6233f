"""The Store port on S3 (and on whatever answers the S3 API).

Which bucket a key lives in follows from its prefix (`chalicelib.resources`). A key below no
prefix is a mistake of the caller and raises ValueError.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import IO
from urllib.parse import quote, urlsplit

from chalicelib.clouds.aws.presign import Credentials, presign
from chalicelib.clouds.aws.session import client, code_of, credentials, of_aws
from chalicelib.core.config import Settings
from chalicelib.ports import Signed
from chalicelib.resources import bucket_of

_ABSENT = {"NoSuchKey", "404", "NotFound"}


class S3Store:
    """Objects in the installation's buckets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._region = settings.region

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        """Write an object; S3 makes it visible whole or not at all."""
        self._s3.put_object(Bucket=self._bucket(key), Key=key, Body=body, ContentType=content_type)

    def put_file(self, key: str, file: IO[bytes], content_type: str) -> None:
        """Write an object from an open file, up to the 5 GB that S3 takes in one request."""
        self._s3.put_object(Bucket=self._bucket(key), Key=key, Body=file, ContentType=content_type)

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None when there is none."""
        try:
            body: bytes = self._s3.get_object(Bucket=self._bucket(key), Key=key)["Body"].read()
        except self._s3.exceptions.ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise
        return body

    def size(self, key: str) -> int | None:
        """The object's length in bytes, or None when there is none."""
        try:
            return int(self._s3.head_object(Bucket=self._bucket(key), Key=key)["ContentLength"])
        except self._s3.exceptions.ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """(key, length) of every object below `prefix`, in key order, a page at a time."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket(prefix), Prefix=prefix
        )
        for page in pages:
            for item in page.get("Contents", []):
                yield item["Key"], int(item["Size"])

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, a thousand per request; absent ones are no error.

        Raises RuntimeError when S3 kept one: it answers 200 and lists it.
        """
        rest = iter(keys)
        while batch := list(islice(rest, 1000)):
            for bucket, group in groupby(sorted(batch, key=self._bucket), key=self._bucket):
                self._delete(bucket, list(group))

    def _delete(self, bucket: str, keys: list[str]) -> None:
        objects = [{"Key": key} for key in keys]
        answer = self._s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        if kept := answer.get("Errors"):
            raise RuntimeError(f"S3 kept {len(kept)} of {len(keys)} objects: {kept[0]}")

    def signed_get(self, key: str, seconds: int) -> str:
        """URL with which anyone may read one object for a while."""
        return presign("GET", self._url(key), self._credentials(), self._region, seconds=seconds)

    def signed_put(
        self, key: str, seconds: int, *, length: int | None = None, sha256: str | None = None
    ) -> Signed:
        """Request with which anyone may write one object.

        With `sha256` S3 itself refuses any other content (x-amz-checksum-sha256) and never
        replaces what is there (If-None-Match); with `length` it refuses any other length.
        """
        headers: dict[str, str] = {}
        if sha256 is not None:
            digest = base64.b64encode(bytes.fromhex(sha256)).decode()
            headers = {"x-amz-checksum-sha256": digest, "if-none-match": "*"}
        signed = dict(headers)
        if length is not None:
            signed["content-length"] = str(length)
        url = presign(
            "PUT",
            self._url(key),
            self._credentials(),
            self._region,
            seconds=seconds,
            headers=signed,
        )
        return Signed(url, headers)

    @property
    def _s3(self):  # type: ignore[no-untyped-def]  # boto3 clients have no types
        return client("s3", self._region)

    def _bucket(self, key: str) -> str:
        return self._settings.bucket(bucket_of(key))

    def _url(self, key: str) -> str:
        """AWS gives every bucket a host of its own; whoever else speaks S3 has it in the path."""
        endpoint = urlsplit(self._s3.meta.endpoint_url.rstrip("/"))
        bucket, name = self._bucket(key), quote(key, safe="/-_.~")
        if of_aws(endpoint.hostname or ""):
            return f"{endpoint.scheme}://{bucket}.{endpoint.netloc}/{name}"
        return f"{endpoint.geturl()}/{bucket}/{name}"

    def _credentials(self) -> Credentials:
        frozen = credentials().get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")
