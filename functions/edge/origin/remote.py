"""Signed requests to an AWS service over connections that stay open."""

from __future__ import annotations

import http.client
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from chalicelib.clouds.aws.presign import Credentials, sign_headers

CONNECT_SECONDS = 1.0
_SKEW_SECONDS = 240.0
_BUSY = {429, 500, 502, 503, 504}


class UnreachableError(Exception):
    """The service did not answer, twice."""


class Remote:
    """One service. Safe to share between threads; a Lambda has one.

    Every request is tried twice at most: a connection that was closed meanwhile and a busy
    service are retried after a short random pause, a wrong clock is set by the service's.
    """

    def __init__(
        self,
        url: str,
        service: str,
        region: str,
        *,
        read_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url.rstrip("/")
        self._service = service
        self._region = region
        self._seconds = read_seconds
        self._clock = clock
        self._ahead = 0.0
        self._idle: list[http.client.HTTPConnection] = []

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        limit: int,
    ) -> tuple[int, bytes]:
        """(status, body of at most `limit` bytes); raises UnreachableError."""
        reason = ""
        for attempt in (1, 2):
            try:
                status, date, data = self._once(method, path, headers or {}, body, limit)
            except (OSError, http.client.HTTPException) as error:
                reason = repr(error)
            else:
                if attempt == 1 and status in {400, 401, 403} and self._set_clock(date):
                    continue
                if status not in _BUSY:
                    return status, data
                reason = f"{self._service} answered {status}"
            if attempt == 1:
                time.sleep(random.uniform(0.01, 0.08))  # noqa: S311 - spreads retries, no secret
        raise UnreachableError(reason)

    def _once(
        self, method: str, path: str, headers: dict[str, str], body: bytes, limit: int
    ) -> tuple[int, str, bytes]:
        signed = sign_headers(
            method,
            self._url + path,
            _credentials(),
            self._region,
            service=self._service,
            headers=headers,
            body=body,
            at=datetime.fromtimestamp(self._clock() + self._ahead, UTC),
        )
        connection = self._connection()
        try:
            connection.request(method, urlsplit(self._url).path + path, body or None, signed)
            response = connection.getresponse()
            data = response.read(limit + 1)
            if len(data) > limit:
                raise http.client.HTTPException(f"{path} is larger than {limit} bytes")
            response.read()
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return response.status, response.headers.get("Date", ""), data

    def _connection(self) -> http.client.HTTPConnection:
        """An open connection if there is one; connecting has a shorter patience than reading."""
        try:
            return self._idle.pop()
        except IndexError:
            pass
        parts = urlsplit(self._url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.netloc, timeout=CONNECT_SECONDS)
        connection.connect()
        connection.sock.settimeout(self._seconds)
        return connection

    def _set_clock(self, date: str) -> bool:
        """Follow the service's clock when ours is far from it, which is why it refused us."""
        try:
            theirs = parsedate_to_datetime(date).timestamp()
        except (TypeError, ValueError):
            return False
        if abs(theirs - self._clock() - self._ahead) < _SKEW_SECONDS:
            return False
        self._ahead = theirs - self._clock()
        return True


def _credentials() -> Credentials:
    """Those of the function's role, as Lambda hands them to every process."""
    return Credentials(
        os.environ.get("AWS_ACCESS_KEY_ID", ""),
        os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        os.environ.get("AWS_SESSION_TOKEN", ""),
    )
