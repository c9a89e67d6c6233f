"""Writing routes to CloudFront's KeyValueStore.

Every write names the store's ETag, and any write changes it, whatever the key: two writers are in
each other's way. There is one, `functions/edge/publish_routes.py`, which writes many keys at once
and goes on with the ETag that each answer brings. The store takes requests that are signed for
all regions (SigV4A) only, which botocore leaves to the package awscrt.
"""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings

KEYS = 50
BYTES = 3_000_000
"""Limits of one update. Source: AWS, "CloudFront quotas"."""

_TRIES = 8


class RouteRecords:
    """The KeyValueStore whose ARN is the setting `routes_store`."""

    def __init__(self, settings: Settings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._store = settings.routes_store
        self._region = settings.region
        self._sleep = sleep
        self._etag = ""

    def write(self, changes: Mapping[str, str]) -> None:
        """Put records by slug; repeating it is harmless.

        More than 50 records are several updates, so that a failure may leave the first of them
        written. Raises RuntimeError when the store cannot be spoken to, and when somebody else
        writes without end.
        """
        for part in parts(changes):
            self._update([{"Key": slug, "Value": text} for slug, text in part])

    def read(self, slug: str) -> str | None:
        """The record of a slug as the store has it now; None when there is none."""
        kvs = self._kvs
        try:
            return str(kvs.get_key(KvsARN=self._store, Key=slug)["Value"])
        except kvs.exceptions.ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise

    def _update(self, puts: list[dict[str, str]]) -> None:
        kvs = self._kvs
        for attempt in range(_TRIES):
            try:
                self._etag = self._etag or self._current()
                answer = kvs.update_keys(KvsARN=self._store, IfMatch=self._etag, Puts=puts)
                self._etag = str(answer["ETag"])
                return
            except kvs.exceptions.ClientError as error:
                self._etag = ""  # whatever happened, the next try asks for the store's own
                if code_of(error) != "ConflictException":
                    raise
            self._sleep(random.uniform(0.05, 0.15) * 2 ** min(attempt, 5))  # noqa: S311  # jitter
        raise RuntimeError(
            f"{self._store} was changed by somebody else {_TRIES} times in a row; it has one"
            " writer: is another one installed?"
        )

    def _current(self) -> str:
        return str(self._kvs.describe_key_value_store(KvsARN=self._store)["ETag"])

    @property
    def _kvs(self) -> Any:
        if not self._store:
            raise RuntimeError("no KeyValueStore: set CLOUDDECK_ROUTES_STORE to its ARN")
        if importlib.util.find_spec("awscrt") is None:
            raise RuntimeError(
                "awscrt is not installed, without which nothing can be signed for CloudFront's"
                " KeyValueStore: give the function the layer `sigv4a`, or install botocore[crt]"
            )
        return client("cloudfront-keyvaluestore", self._region)


def parts(changes: Mapping[str, str]) -> Iterator[list[tuple[str, str]]]:
    """Changes in their order, in portions that one update takes."""
    part: list[tuple[str, str]] = []
    size = 0
    for slug, text in changes.items():
        own = len(slug.encode()) + len(text.encode())
        if part and (len(part) == KEYS or size + own > BYTES):
            yield part
            part, size = [], 0
        part.append((slug, text))
        size += own
    if part:
        yield part
