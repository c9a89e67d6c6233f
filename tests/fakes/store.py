"""Objects in a dict."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable, Iterator
from typing import IO
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from chalicelib.ports import Signed, Store
from chalicelib.resources import bucket_of

_ORIGIN = "https://store.test/"


class FakeStore(Store):
    """The buckets in memory: `objects` maps key to bytes, `signed` lists what was signed.

    `send` and `fetch` use what was signed as somebody without credentials would, and hold it to
    what was promised.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.content_types: dict[str, str] = {}
        self.signed: list[tuple[str, str, int]] = []
        self.demands: dict[str, tuple[int | None, str | None]] = {}
        self._secret = secrets.token_bytes(16)

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        bucket_of(key)
        self.objects[key] = bytes(body)
        self.content_types[key] = content_type

    def put_file(self, key: str, file: IO[bytes], content_type: str) -> None:
        self.put(key, file.read(), content_type)

    def get(self, key: str) -> bytes | None:
        bucket_of(key)
        return self.objects.get(key)

    def size(self, key: str) -> int | None:
        bucket_of(key)
        body = self.objects.get(key)
        return None if body is None else len(body)

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        bucket_of(prefix)
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield key, len(self.objects[key])

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            bucket_of(key)
            self.objects.pop(key, None)

    def signed_get(self, key: str, seconds: int) -> str:
        self.signed.append(("GET", key, seconds))
        return self._sign("GET", key, seconds, {})

    def signed_put(
        self, key: str, seconds: int, *, length: int | None = None, sha256: str | None = None
    ) -> Signed:
        self.signed.append(("PUT", key, seconds))
        self.demands[key] = (length, sha256)
        headers = {"x-test-sha256": sha256, "if-none-match": "*"} if sha256 else {}
        demanded = {**headers, **({} if length is None else {"content-length": str(length)})}
        return Signed(self._sign("PUT", key, seconds, demanded), headers)

    def send(self, signed: Signed, body: bytes) -> int:
        """The status that a PUT of `body` with this URL and these headers gets."""
        sent = {name.lower(): value for name, value in signed.headers.items()}
        sent["content-length"] = str(len(body))
        key = self._allowed("PUT", signed.url, sent)
        if key is None:
            return 403
        if sent.get("x-test-sha256", hashlib.sha256(body).hexdigest()) != (
            hashlib.sha256(body).hexdigest()
        ):
            return 400
        if sent.get("if-none-match") == "*" and key in self.objects:
            return 412
        self.put(key, body, sent.get("content-type", "binary/octet-stream"))
        return 200

    def fetch(self, url: str) -> tuple[int, bytes]:
        """Status and body that a GET of this URL gets."""
        key = self._allowed("GET", url, {})
        if key is None:
            return 403, b""
        body = self.objects.get(key)
        return (404, b"") if body is None else (200, body)

    def _sign(self, method: str, key: str, seconds: int, demanded: dict[str, str]) -> str:
        bucket_of(key)
        names = ";".join(sorted(demanded))
        query = {"method": method, "expires": str(time.time() + seconds), "headers": names}
        query["signature"] = self._signature(key, query, demanded)
        return f"{_ORIGIN}{quote(key, safe='/-_.~')}?{urlencode(query)}"

    def _signature(self, key: str, query: dict[str, str], sent: dict[str, str]) -> str:
        values = [sent.get(name, "") for name in query["headers"].split(";") if name]
        text = repr([key, query["method"], query["expires"], query["headers"], values])
        return hmac.digest(self._secret, text.encode(), "sha256").hex()

    def _allowed(self, method: str, url: str, sent: dict[str, str]) -> str | None:
        """The key that this request may use; None when the URL does not allow the request."""
        parts = urlsplit(url)
        key = unquote(parts.path.removeprefix("/"))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not url.startswith(_ORIGIN) or not {"method", "expires", "headers"} <= query.keys():
            return None
        good = self._signature(key, query, sent)
        if not hmac.compare_digest(good.encode(), query.get("signature", "").encode()):
            return None
        if query["method"] != method or time.time() > float(query["expires"]):
            return None
        return key
