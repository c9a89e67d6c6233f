"""What another server answered, on its way to CloudFront's cache and to the visitor.

CloudFront tells answers apart by the address and what rules look at, and by nothing that a server
says in `Vary`. So an answer is kept for others only if the server says so in as many words, gives
no cookie, varies by nothing more than the encoding, and was asked by a request like any other.
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib.edge.rules import tags
from functions.edge.origin import custom
from functions.edge.origin.answer import Headers, Whose, first, headers
from functions.edge.origin.notes import Passed

_NOT_SHOWN = re.compile(
    r"(?:connection|keep-alive|proxy-.*|te|trailer|upgrade|x-clouddeck-.*|x-amz-cf-.*|x-amzn-.*"
    r"|x-cache|x-edge-.*|x-accel-.*|x-forwarded-proto|x-real-ip|cache-tag|expect"
    r"|x-robots-tag|strict-transport-security|alt-svc)\Z"
)
_UNSEEN = {"x-robots-tag", "strict-transport-security"}
"""Of these a server may say its own; the others are between it and us, or CloudFront's."""

_KEPT_STATUS = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}
"""Statuses that caches may keep. Source: RFC 9110, 15.1."""

_NEVER = re.compile(r"(?i)\b(?:no-store|no-cache|private)\b")
_SHARED = re.compile(r"(?i)\bs-maxage\s*=\s*\"?([0-9]{1,9})")
_AGE = re.compile(r"(?i)\bmax-age\s*=\s*\"?([0-9]{1,9})")
_PUBLIC = re.compile(r"(?i)\bpublic\b")
_OWN_COOKIE = re.compile(r"\s*(?:__Host-|__)(?:cda|cdv|dpl)\s*=", re.IGNORECASE)


def answered(response: dict[str, Any], note: Passed) -> dict[str, Any]:
    """The server's answer with what is ours to say."""
    given: Headers = response["headers"]
    kept = {
        name: values
        for name, values in given.items()
        if name in _UNSEEN or not _NOT_SHOWN.match(name)
    }
    if cookies := [
        one for one in given.get("set-cookie", []) if not _OWN_COOKIE.match(one["value"])
    ]:
        kept["set-cookie"] = cookies
    else:
        kept.pop("set-cookie", None)
    seconds = lifetime(int(response["status"]), kept) if note.plain else 0
    said, rest = _caching(first(kept, "cache-control"), note, seconds)
    own = Whose(note.deployment, "", note.preview).pairs
    own["Cache-Tag"] = ",".join((note.tags, *_own_tags(given, note)))
    own["Cache-Control"] = said
    own.pop("X-Content-Type-Options")  # a site's own server says what browsers may guess
    response["headers"] = custom.applied({**kept, **headers(own)}, rest)
    return response


def lifetime(status: int, given: Headers) -> int:
    """Seconds for which an answer may be shown to others; 0: it may not."""
    said = ",".join(entry["value"] for entry in given.get("cache-control", ()))
    vary = ",".join(entry["value"] for entry in given.get("vary", ()))
    names = {name.strip().lower() for name in vary.split(",") if name.strip()}
    if status not in _KEPT_STATUS or _NEVER.search(said) or "set-cookie" in given:
        return 0
    found = _SHARED.search(said) or (_AGE.search(said) if _PUBLIC.search(said) else None)
    if found is None or names - {"accept-encoding"}:
        return 0
    age = first(given, "age")
    return max(0, int(found.group(1)) - (int(age[:9]) if age.isdecimal() else 0))


def _caching(said: str, note: Passed, seconds: int) -> tuple[str, Any]:
    """(Cache-Control, the other headers of the rules). What is kept may be shown for a while after
    its time, when the server does not answer; that is between us and CloudFront as well.
    """
    ruled, rest = custom.parted(note.custom, said, seconds, alone=False)
    if not ruled or ruled == "s-maxage=0":
        ruled = "no-cache"
    if seconds and note.stale_seconds and "stale-if-error" not in ruled:
        ruled += f",stale-if-error={note.stale_seconds}"
    return ruled, rest


def _own_tags(given: Headers, note: Passed) -> list[str]:
    """By which tags of its own a site wants such answers dropped."""
    said = [entry["value"] for entry in given.get("cache-tag", ())]
    return tags.own(note.site, said) if note.site else []
