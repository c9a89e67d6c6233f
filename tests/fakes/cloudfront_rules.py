"""What CloudFront does by itself: checks functions, keeps, compresses and cuts answers.

Sources (AWS): "Restrictions on all edge functions" for headers, "Quotas" for what an answer
may weigh, "Manage how long content stays in the cache" and "Serve compressed files".
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import brotli

from chalicelib.edge.rules import conditions
from tests.fakes.bucket import Reply

Event = dict[str, Any]
Fields = dict[str, list[dict[str, str]]]

MOST_GENERATED = 1_048_576
_DISALLOWED = re.compile(
    r"(connection|expect|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection"
    r"|trailer|upgrade|x-accel-(buffering|charset|limit-rate|redirect)|x-amz-cf-.*"
    r"|x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype|fle-profile|header-count|header-order"
    r"|lambda-integration-tag|requestid)|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip)\Z"
)
READ_ONLY_REQUEST = {
    *("accept-encoding", "cdn-loop", "content-length", "if-modified-since", "if-none-match"),
    *("if-range", "if-unmodified-since", "transfer-encoding", "via"),
}
READ_ONLY_RESPONSE = {"transfer-encoding", "via"}
_COMPRESSED = re.compile(
    r"text/(html|css|javascript|plain|xml|csv|markdown|calendar|vtt)|image/svg\+xml|font/(ttf|otf)"
    r"|application/(json|xml|javascript|wasm|rss\+xml|xhtml\+xml|vnd\.ms-fontobject)"
)


class FaultError(Exception):
    """A function did what CloudFront does not let it do; the visitor gets 502."""


def check(before: Fields, after: Fields, read_only: set[str]) -> None:
    """Raise FaultError for header changes that CloudFront answers with 502."""
    for name, values in after.items():
        if name != name.lower() or _DISALLOWED.match(name):
            raise FaultError(f"header {name} may not be set")
        for entry in values:
            text = entry["value"]
            if entry.get("key", name).lower() != name or re.search(r"[\x00-\x1f\x7f]", text):
                raise FaultError(f"header {name} is malformed: {text[:80]!r}")
    for name in read_only:
        if before.get(name) != after.get(name):
            raise FaultError(f"header {name} is read-only")


def generated(made: Event, before: Fields) -> Reply:
    """A function's response, checked."""
    check(before, made["headers"], READ_ONLY_RESPONSE)
    if len(json.dumps(made)) > MOST_GENERATED:
        raise FaultError("the generated answer is too large")
    if not re.fullmatch(r"[1-5][0-9]{2}", made["status"]):
        raise FaultError(f"status {made['status']!r}")
    text = made.get("body", "")
    coded = made.get("bodyEncoding", "text") == "base64"
    body = base64.b64decode(text, validate=True) if coded else text.encode()
    headers = {name: values[0]["value"] for name, values in made["headers"].items()}
    if "body" in made:
        headers["content-length"] = str(len(body))
    return Reply(int(made["status"]), headers, body)


def lifetime(reply: Reply) -> int:
    """Seconds in the cache: s-maxage, else max-age, else a day; errors only when they say so."""
    said = reply.headers.get("cache-control", "").lower()
    if re.search(r"no-store|no-cache|private", said):
        return 0
    for name in ("s-maxage", "max-age"):
        match = re.search(rf"\b{name}=([0-9]+)", said)
        if match:
            return int(match.group(1))
    return 86400 if reply.status < 400 else 0


def coding(accept: str) -> str:
    """Accept-Encoding as CloudFront normalises it for the cache key and the origin."""
    wanted = {part.partition(";")[0].strip() for part in accept.lower().split(",")}
    return ",".join(name for name in ("br", "gzip") if name in wanted)


def compressed(reply: Reply, coding: str) -> Reply:
    """CloudFront compresses what is of 1,000 to 10,000,000 bytes and of a known type."""
    media = reply.headers.get("content-type", "")
    if (
        not coding
        or reply.status not in {200, 403, 404}
        or "content-encoding" in reply.headers
        or not 1000 <= len(reply.body) <= 10_000_000
        or not _COMPRESSED.match(media)
    ):
        return reply
    name = coding.partition(",")[0]
    body = brotli.compress(reply.body, quality=4) if name == "br" else gzip.compress(reply.body, 5)
    headers = dict(reply.headers, vary="Accept-Encoding")
    headers |= {"content-encoding": name, "content-length": str(len(body))}
    if headers.get("etag", "").startswith('"'):
        headers["etag"] = "W/" + headers["etag"]
    return Reply(reply.status, headers, body)


def represented(reply: Reply, request: Event, method: str) -> Reply:
    """Not modified, a part, or the whole, as the visitor asked."""
    asked = {name: entry["value"] for name, entry in request["headers"].items()}
    tag = reply.headers.get("etag", "")
    if reply.status != 200 or method not in {"GET", "HEAD"}:
        return reply
    if "if-none-match" in asked and tag:
        bare = tag.removeprefix("W/")
        if conditions.none_match(asked["if-none-match"], bare):
            dropped = {"content-length", "content-encoding", "content-type"}
            headers = {n: v for n, v in reply.headers.items() if n not in dropped}
            return Reply(304, headers, b"", hit=reply.hit)
    if method != "GET" or "range" not in asked or "accept-ranges" not in reply.headers:
        return reply
    if not conditions.range_applies(asked.get("if-range"), tag):
        return reply
    try:
        span = conditions.parse_range(asked["range"], len(reply.body))
    except conditions.UnsatisfiableError:
        size = {"content-range": f"bytes */{len(reply.body)}"}
        return Reply(416, {**reply.headers, **size, "content-length": "0"}, b"", hit=reply.hit)
    if span is None:
        return reply
    body = reply.body[span.first : span.last + 1]
    part = {"content-range": f"bytes {span.first}-{span.last}/{len(reply.body)}"}
    headers = {**reply.headers, **part, "content-length": str(len(body))}
    return Reply(206, headers, body, hit=reply.hit)
