"""S3 as CloudFront asks it: a dictionary, or a bucket behind the S3 API."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote, urlsplit

from chalicelib.clouds.aws.presign import Credentials, sign_headers
from chalicelib.edge.rules import conditions


@dataclass
class Reply:
    """A status, headers by lower-case name, a body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: list[str] = field(default_factory=list)
    hit: bool = False


class Bucket(Protocol):
    """The origin: answers GET and HEAD of a key."""

    def fetch(self, method: str, key: str, headers: dict[str, str]) -> Reply:
        """What S3 says."""


class DictBucket:
    """S3 over a dictionary, with the headers and the conditions of the real one."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.asked: list[str] = []
        self.down = 0

    def fetch(self, method: str, key: str, headers: dict[str, str]) -> Reply:
        """What S3 says; `down` is a status that it answers to everything."""
        self.asked.append(key)
        body = self.objects.get(key)
        said = {"server": "AmazonS3", "x-amz-request-id": "R1", "x-amz-id-2": "I2"}
        if self.down or body is None:
            text = b"<Error><Code>Nothing of ours</Code></Error>"
            said |= {"content-type": "application/xml", "content-length": str(len(text))}
            return Reply(self.down or 404, said, text)
        said |= {
            "content-type": "binary/octet-stream",
            "last-modified": "Sat, 21 Nov 2026 10:00:00 GMT",
            "etag": '"00000000000000000000000000000000"',
            "x-amz-server-side-encryption": "AES256",
            "x-amz-meta-secret": "of the bucket",
            "accept-ranges": "bytes",
            "content-length": str(len(body)),
        }
        if "if-modified-since" in headers:
            return Reply(304, said)
        if "range" in headers:
            try:
                span = conditions.parse_range(headers["range"], len(body))
            except conditions.UnsatisfiableError:
                return Reply(416, {"content-type": "application/xml"}, b"<Error/>")
            if span:
                said["content-range"] = f"bytes {span.first}-{span.last}/{len(body)}"
                body = body[span.first : span.last + 1]
                said["content-length"] = str(len(body))
                return Reply(206, said, b"" if method == "HEAD" else body)
        return Reply(200, said, b"" if method == "HEAD" else body)


class HttpBucket:
    """A bucket behind an endpoint that speaks S3, signed for as CloudFront does."""

    def __init__(
        self,
        url: str,
        bucket: str,
        region: str = "us-east-1",
        credentials: Credentials = Credentials("test", "test"),  # noqa: B008  # it is frozen
    ) -> None:
        self._url = f"{url.rstrip('/')}/{quote(bucket)}"
        self._region = region
        self._credentials = credentials

    def fetch(self, method: str, key: str, headers: dict[str, str]) -> Reply:
        """What the endpoint says; 503 when it says nothing."""
        url = f"{self._url}/{quote(key)}"
        passed = {n: v for n, v in headers.items() if n == "range" or n.startswith("if-")}
        signed = sign_headers(
            method,
            url,
            self._credentials,
            self._region,
            service="s3",
            headers=passed,
            body=b"",
            at=datetime.now(UTC),
        )
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request(method, parts.path, headers=signed)
            response = connection.getresponse()
            said = {name.lower(): value for name, value in response.getheaders()}
            for name in ("connection", "keep-alive", "transfer-encoding"):
                said.pop(name, None)
            return Reply(response.status, said, response.read())
        except OSError:
            return Reply(503)
        finally:
            connection.close()
