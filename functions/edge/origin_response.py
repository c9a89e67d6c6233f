"""Lambda@Edge, origin response: a blob becomes a file of a site.

The bucket knows bytes; their type, caching, validator and tags come with the request's notes. What
goes to CloudFront's cache is what this function returns.
"""

from __future__ import annotations

import logging
from functools import cache
from http import HTTPStatus
from typing import Any

from chalicelib.edge.rules import conditions, pages, types
from chalicelib.edge.rules.pages import Notice
from functions.edge.origin import answer, custom, notes, passed
from functions.edge.origin.answer import Headers, Whose
from functions.edge.origin.notes import Passed
from functions.edge.origin.settings import OriginSettings, read_settings

_KEPT = ("content-length", "content-range", "transfer-encoding", "via", "date")
"""The bucket's headers that are about these bytes; all others are about the bucket.

Above all `Last-Modified` goes: the time at which a blob was first stored says nothing about when a
site began to show it, and CloudFront would ask the bucket by it whether another blob is newer.
"""

log = logging.getLogger(__name__)


class OriginResponse:
    """The function; it remembers nothing between requests."""

    def __init__(self, settings: OriginSettings) -> None:
        self.settings = settings

    def handle(self, request: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
        """The response with the site's headers, or a page of our own when the bucket failed."""
        note = notes.read(request["headers"])
        status = int(response["status"])
        if isinstance(note, Passed):
            return passed.answered(response, note)
        if note is None:
            log.error("no notes with %s", request["uri"])
            return self._instead(response, pages.unavailable("-"), self.settings.brief_seconds, {})
        whose = Whose(note.deployment, note.site, note.preview).pairs
        if note.tags:
            whose["Cache-Tag"] = note.tags
        if status in {200, 206, 304}:
            changed = status != 304
            return (
                _file(request["uri"], response, note, whose)
                if changed
                else _unchanged(response, whose)
            )
        if status == 416:
            whose["Content-Range"] = f"bytes */{note.size}"
            return self._instead(response, pages.NO_SUCH_PART, 0, whose)
        if status == 412:
            return self._instead(response, pages.CONDITION_FAILED, 0, whose)
        log.error("S3 answered %d for %s of %s", status, request["uri"], note.deployment)
        notice = pages.unavailable(note.deployment, missing=status == 404)
        return self._instead(response, notice, self.settings.brief_seconds, whose)

    def _instead(
        self, response: dict[str, Any], notice: Notice, seconds: int, more: dict[str, str]
    ) -> dict[str, Any]:
        """A page of ours in place of what the bucket said."""
        made = answer.page(notice, seconds, more)
        made["headers"] |= _kept(response["headers"], ("transfer-encoding", "via"))
        return {**response, **made}


def _file(
    uri: str, response: dict[str, Any], note: notes.Notes, whose: dict[str, str]
) -> dict[str, Any]:
    """A file, or the part of it that was asked for."""
    pairs = {
        "Content-Type": note.media_type,
        "Cache-Control": note.caching,
        **({"Vary": "Accept-Encoding"} if _packable(note) else {}),
        **whose,
    }
    if note.status == 200:
        pairs["ETag"] = conditions.etag(uri.rsplit("/", 1)[1])
        pairs["Accept-Ranges"] = "bytes"
    else:
        response["status"] = str(note.status)
        response["statusDescription"] = HTTPStatus(note.status).phrase
    said = {**_kept(response["headers"], _KEPT), **answer.headers(pairs)}
    response["headers"] = custom.applied(said, note.custom)
    return response


def _unchanged(response: dict[str, Any], whose: dict[str, str]) -> dict[str, Any]:
    """Not modified, says the bucket, which knows no validator of ours: a visitor sent a date.

    It speaks of the blob's age and not of the site's. Nobody may freshen a kept answer by it.
    """
    said = {"Cache-Control": "no-store", **whose}
    response["headers"] = {**_kept(response["headers"], _KEPT), **answer.headers(said)}
    return response


def _kept(given: Headers, names: tuple[str, ...]) -> Headers:
    return {name: given[name] for name in names if name in given}


def _packable(note: notes.Notes) -> bool:
    return types.is_compressible(note.media_type, note.size)


@cache
def _function() -> OriginResponse:
    return OriginResponse(read_settings())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda's entry."""
    cf: dict[str, Any] = event["Records"][0]["cf"]
    return _function().handle(cf["request"], cf["response"])
