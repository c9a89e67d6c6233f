"""CloudFront, small and honest: our four functions around a cache, by the rules AWS documents.

When which function runs is told by AWS in "CloudFront events that can trigger a Lambda@Edge
function"; the rest stands in `cloudfront_rules.py`. What it leaves out: several edge locations,
request collapsing, caching of parts, and stale answers when the origin fails.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from functions.edge.origin.settings import OriginSettings
from functions.edge.origin_request import OriginRequest
from functions.edge.origin_response import OriginResponse
from tests.fakes.bucket import Bucket, Reply
from tests.fakes.cloudfront_rules import (
    READ_ONLY_REQUEST,
    Event,
    FaultError,
    Fields,
    check,
    coding,
    compressed,
    generated,
    lifetime,
    represented,
)
from tests.fakes.viewer import Viewer, event_request, set_cookies

KEY_HEADERS = ("accept-encoding", "accept", "x-clouddeck-seen")
"""The headers of the cache policy; the origin request policy lets all others pass as well."""
BUCKET = "sites.s3.eu-central-1.amazonaws.com"


_HOP_BY_HOP = {"connection", "keep-alive", "te", "upgrade", "expect", "transfer-encoding"}


@dataclass
class Kept:
    """An answer in the cache."""

    reply: Reply
    until: float
    tags: frozenset[str]


class CloudFront:
    """One distribution. `kvs` is what its store says now, which tests let lag behind."""

    def __init__(
        self,
        viewer: Viewer,
        bucket: Bucket,
        origin_request: Callable[[Event], Event],
        origin_response: Callable[[Event], Event],
        kvs: dict[str, Any],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.kvs = kvs
        self.tenants: dict[str, dict[str, str]] = {}
        self.faults: list[str] = []
        self.servers: dict[str, Callable[[Event], Reply]] = {}
        self.passed: list[Event] = []
        self.origin: OriginRequest | None = None
        self.ran: list[str] = []
        self.cache: dict[tuple[str, ...], Kept] = {}
        self._viewer = viewer
        self._bucket = bucket
        self._origin_request = origin_request
        self._origin_response = origin_response
        self._clock = clock
        self._lock = threading.Lock()
        self._number = 0
        self._id = ""
        self._server: ThreadingHTTPServer | None = None

    @classmethod
    def ours(
        cls,
        viewer: Viewer,
        bucket: Bucket,
        settings: OriginSettings,
        kvs: dict[str, Any],
        clock: Callable[[], float] = time.time,
    ) -> CloudFront:
        """With our functions towards the origin, fresh ones, told `settings`."""
        request, response = OriginRequest(settings), OriginResponse(settings)

        def asked(event: Event) -> Event:
            return request.handle(event["Records"][0]["cf"]["request"])

        def answered(event: Event) -> Event:
            cf = event["Records"][0]["cf"]
            return response.handle(cf["request"], cf["response"])

        front = cls(viewer, bucket, asked, answered, kvs, clock)
        front.origin = request
        return front

    def ask(
        self,
        host: str,
        target: str,
        headers: dict[str, str] | None = None,
        method: str = "GET",
        *,
        request_id: str = "",
        now: int | None = None,
    ) -> Reply:
        """What a visitor gets who sends this; `now` is the visitor functions' time in ms."""
        with self._lock:
            self.ran = []
            self._number += 1
            self._id = request_id or f"request-{self._number}"
            return self._ask(host, target, headers or {}, method, now)

    def purge(self, *tags: str) -> int:
        """Invalidate `#tag`s; returns how many answers left the cache."""
        wanted = {tag.lower() for tag in tags}
        with self._lock:
            gone = [key for key, kept in self.cache.items() if kept.tags & wanted]
            for key in gone:
                del self.cache[key]
        return len(gone)

    def _ask(
        self, host: str, target: str, headers: dict[str, str], method: str, now: int | None
    ) -> Reply:
        context = {"requestId": self._id}
        shown = event_request(host, target, headers, method)
        self.ran.append("viewer-request")
        tenant = self.tenants.get(host)
        request = self._viewer.request(shown, self.kvs, context, tenant=tenant, now=now)
        if "statusCode" in request:
            return _plain(request)
        reply = self._answer(request, method)
        if reply.status >= 400:
            return reply
        reply = represented(reply, request, method)
        self.ran.append("viewer-response")
        said = {
            "statusCode": reply.status,
            "statusDescription": HTTPStatus(reply.status).phrase,
            "headers": {name: {"value": value} for name, value in reply.headers.items()},
            "cookies": {},
        }
        answer = self._viewer.response(request, said, context)
        made = _plain(answer)
        return Reply(reply.status, made.headers, reply.body, made.cookies, reply.hit)

    def _answer(self, request: Event, method: str) -> Reply:
        """From the cache, or from the origin's side."""
        taken = coding(request["headers"].get("accept-encoding", {}).get("value", ""))
        told = [request["headers"].get(name, {}).get("value", "") for name in KEY_HEADERS[1:]]
        key = (request["uri"], taken, *told)
        kept = self.cache.get(key)
        if kept is not None and kept.until > self._clock() and method in {"GET", "HEAD"}:
            return Reply(kept.reply.status, dict(kept.reply.headers), kept.reply.body, hit=True)
        try:
            reply = self._from_origin(request, method, taken)
        except FaultError as fault:
            self.faults.append(str(fault))
            return Reply(502, {"content-type": "text/html"}, b"Bad Gateway")
        reply = compressed(reply, taken)
        seconds = lifetime(reply)
        if method == "GET" and seconds and reply.status not in {206, 304}:
            tags = reply.headers.get("cache-tag", "").lower().split(",")
            wanted = frozenset(tag.strip() for tag in tags if tag.strip())
            self.cache[key] = Kept(reply, self._clock() + seconds, wanted)
        return Reply(reply.status, dict(reply.headers), reply.body)

    def _from_origin(self, request: Event, method: str, taken: str) -> Reply:
        headers: Fields = {
            name: [{"key": name.title(), "value": entry["value"]}]
            for name, entry in request["headers"].items()
            if name not in _HOP_BY_HOP
        }
        headers |= {
            "user-agent": [{"key": "User-Agent", "value": "Amazon CloudFront"}],
            "via": [{"key": "Via", "value": "2.0 fake.cloudfront.net (CloudFront)"}],
            "x-forwarded-for": [{"key": "X-Forwarded-For", "value": "198.51.100.11"}],
        }
        cookies = [f"{name}={entry['value']}" for name, entry in request["cookies"].items()]
        if cookies:
            headers["cookie"] = [{"key": "Cookie", "value": "; ".join(cookies)}]
        headers.pop("accept-encoding", None)
        if taken:
            headers["accept-encoding"] = [{"key": "Accept-Encoding", "value": taken}]
        sent = {
            "clientIp": "198.51.100.11",
            "headers": headers,
            "method": method,
            "querystring": "",
            "uri": request["uri"],
            "origin": {
                "s3": {
                    "authMethod": "none",
                    "customHeaders": {},
                    "domainName": BUCKET,
                    "path": "",
                }
            },
        }
        made = self._call("origin-request", self._origin_request, {"request": sent})
        if "status" in made:
            return generated(made, {})
        check(headers, made["headers"], READ_ONLY_REQUEST)
        if not made["uri"].startswith("/") or len(made["uri"]) > 8192:
            raise FaultError(f"uri {made['uri'][:80]!r}")
        plain = {name: values[0]["value"] for name, values in made["headers"].items()}
        reply = self._fetch(method, made, plain)
        given = {
            "status": str(reply.status),
            "statusDescription": HTTPStatus(reply.status).phrase,
            "headers": {n: [{"key": n.title(), "value": v}] for n, v in reply.headers.items()},
        }
        parts = {"request": made, "response": given}
        answer = self._call("origin-response", self._origin_response, parts)
        result = generated(answer, given["headers"])
        return result if "body" in answer else Reply(result.status, result.headers, reply.body)

    def _fetch(self, method: str, made: Event, plain: dict[str, str]) -> Reply:
        """Ask the bucket, or the server that the function turned the request to."""
        if "custom" in made["origin"]:
            self.passed.append(made)
            host = made["origin"]["custom"]["domainName"]
            if plain["host"] != host:
                raise FaultError(f"{host} was asked as {plain['host']}")
            return self.servers[host](made)
        if plain.get("host") != BUCKET:
            raise FaultError(f"the bucket was asked as {plain.get('host')!r}")
        if made["querystring"] or plain.keys() & {"cookie", "authorization"}:
            raise FaultError("the bucket was told what is not its business")
        return self._bucket.fetch(method, unquote(made["uri"])[1:], plain)

    def _call(self, kind: str, function: Callable[[Event], Event], parts: Event) -> Event:
        """A Lambda's turn: the event goes over as JSON, and so does what it returns."""
        self.ran.append(kind)
        config = {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": kind,
            "requestId": self._id,
        }
        event = {"Records": [{"cf": {"config": config, **parts}}]}
        result: Event = json.loads(json.dumps(function(json.loads(json.dumps(event)))))
        return result

    def serve(self, port: int = 0) -> str:
        """Listen on `port` or a free one, and return the address; `Host` selects the site."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                raw = self.requestline.split(" ")[1].encode("latin-1")
                try:
                    target = raw.decode()
                except UnicodeDecodeError:
                    target = raw.decode("latin-1")
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                host = headers.pop("host", "")
                reply = outer.ask(host, target, headers, self.command)
                self.send_response_only(reply.status)
                for name, value in reply.headers.items():
                    if name != "content-length":
                        self.send_header(name, value)
                for cookie in reply.cookies:
                    self.send_header("set-cookie", cookie)
                self.send_header("x-cache", f"{'Hit' if reply.hit else 'Miss'} from cloudfront")
                length = reply.headers.get("content-length", str(len(reply.body)))
                self.send_header(
                    "content-length", length if self.command == "HEAD" else str(len(reply.body))
                )
                self.end_headers()
                if self.command != "HEAD" and reply.status != 304:
                    self.wfile.write(reply.body)

            def log_message(self, *_: object) -> None:
                pass

        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            setattr(Handler, f"do_{method}", Handler.answer)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def _plain(answer: Event) -> Reply:
    """A response of a CloudFront Function."""
    headers = {name: entry["value"] for name, entry in answer.get("headers", {}).items()}
    body = answer.get("body", "")
    text = body["data"] if isinstance(body, dict) else body
    return Reply(answer["statusCode"], headers, text.encode(), set_cookies(answer))
