"""Reading objects from S3: signed by botocore, carried by one keep-alive connection pool."""

import os
import threading
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import quote

_CHUNK = 256 * 1024


class StoreError(Exception):
    """The store did not give the object."""


class AbsentError(StoreError):
    """The store says that there is no such object."""


class CorruptError(StoreError):
    """The bytes that came are not the bytes that were asked for."""


class Store(Protocol):
    """Where blobs and manifests come from."""

    def read(self, key: str) -> Iterator[bytes]:
        """The object in pieces; raises AbsentError or StoreError before or between them."""


class S3Store:
    """A bucket behind the endpoint that the AWS variables name.

    A plain client rather than boto3's: one GET costs a tenth of the CPU, and a prefetch of
    thousands of blobs runs beside an event loop that is serving visitors.
    """

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._lock = threading.Lock()
        self._ready: tuple[Any, Any, str, str] | None = None

    def read(self, key: str) -> Iterator[bytes]:
        """The object in pieces."""
        import urllib3

        pool, session, base, region = self._open()
        url = f"{base}/{quote(self._bucket)}/{quote(key)}"
        try:
            response = pool.request(
                "GET", url, headers=_signed(session, region, url), preload_content=False
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreError(f"the store is out of reach: {error!r}") from error
        try:
            if response.status == 404:
                raise AbsentError(key)
            if response.status != 200:
                raise StoreError(f"the store answered {response.status} for {key}")
            yield from response.stream(_CHUNK)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreError(f"the store broke off: {error!r}") from error
        finally:
            response.drain_conn()
            response.release_conn()

    def _open(self) -> tuple[Any, Any, str, str]:
        """Libraries and connections, opened at the first miss: a warm edge needs neither."""
        with self._lock:
            if self._ready is None:
                import botocore.session
                import urllib3

                session = botocore.session.get_session()
                region = session.get_config_variable("region") or "us-east-1"
                endpoint = (
                    os.environ.get("AWS_ENDPOINT_URL_S3")
                    or os.environ.get("AWS_ENDPOINT_URL")
                    or f"https://s3.{region}.amazonaws.com"
                )
                pool = urllib3.PoolManager(
                    maxsize=16,
                    retries=urllib3.Retry(1, redirect=0, backoff_factor=0.1),
                    timeout=urllib3.Timeout(connect=2.0, read=15.0),
                )
                self._ready = (pool, session, endpoint.rstrip("/"), region)
            return self._ready


def _signed(session: Any, region: str, url: str) -> dict[str, str]:
    """Headers that make the request acceptable; unsigned when there are no credentials."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest("GET", url)
    credentials = session.get_credentials()
    if credentials is not None:
        S3SigV4Auth(credentials, "s3", region).add_auth(request)
    return dict(request.headers.items())
