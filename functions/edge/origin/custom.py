"""Headers that a site's own rules set on its answers, and who may keep these."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chalicelib.edge.rules.routing.facts import HOST
from chalicelib.edge.rules.routing.shapes import ANSWER_NAMES
from functions.edge.origin.answer import Headers, caching, headers
from functions.edge.origin.notes import Custom

_OURS = ("x-clouddeck-", "x-amz", "x-edge-", "x-cache", "x-accel-", "proxy-")
_FORBIDDEN = {*ANSWER_NAMES, "expect", "x-forwarded-proto", "x-real-ip"}
"""What no rule may say is refused when it is published; CloudFront would answer 502 for some."""

_VARY = {"language": "Accept-Language", "authorization": "Authorization", "country": "private"}

_SHARED = re.compile(r"(?i)\s*,?\s*s-maxage\s*=\s*\"?[0-9]*\"?")
PRIVATE = "private,max-age=0,must-revalidate"
_ALONE = re.compile(r"(?i)\b(?:private|no-store)\b")
_UNKEPT = re.compile(r"(?i)\b(?:no-store|no-cache|private)\b")


def parted(custom: Custom, usual: str, seconds: int, *, alone: bool) -> tuple[str, Custom]:
    """(Cache-Control, the other headers of the rules that may be set).

    How long CloudFront keeps an answer is ours to say (`seconds`): what it keeps is of one
    deployment and never gets old. What browsers and other caches are told is the site's, `usual`
    when it says nothing. What is for the one who asked `alone` nobody else keeps.
    """
    said, rest = usual, []
    for name, value in custom:
        known = name.lower()
        if known == "cache-control":
            said = value
        elif known not in _FORBIDDEN and not known.startswith(_OURS):
            rest.append((name, value))
    return (private(said) if alone else kept(said, seconds)), tuple(rest)


def varying(looked: Iterable[str], name: str = "X-CloudDeck-Vary") -> Custom:
    """What caches beyond CloudFront are told to tell answers apart by.

    The function towards the visitor says it, unless it is of an error (`name`: Vary): CloudFront
    itself has it all in its key. No cache can
    tell countries apart, so what depends on one is for this visitor alone.
    """
    names = dict.fromkeys(filter(None, map(_name, looked)))
    if name == "Vary":
        names.pop("private", None)
    return ((name, ", ".join(names)),) if names else ()


def _name(look: str) -> str:
    """The request header behind a look; empty for what is part of the address."""
    kind, _, name = look.partition(":")
    if kind == "cookie":
        return "Cookie"
    if kind == "header":
        return "" if look == HOST else name
    return _VARY.get(look, "")


def of_page(custom: Custom) -> Custom:
    """The headers of the rules on a page of ours: what concerns its body stays its own."""
    own = {"content-type", "content-security-policy"}
    _, rest = parted(custom, "", 0, alone=False)
    return tuple(one for one in rest if one[0].lower() not in own)


def applied(to: Headers, custom: Custom) -> Headers:
    """An answer's headers with those of the rules in the place of any of that name."""
    result = dict(to)
    for name, value in custom:
        had = result.pop(name.lower(), None)
        if name == "Vary" and had:
            result |= headers({name: f"{had[0]['value']}, {value}"})
        elif value:
            result |= headers({name: value})
    return result


def kept(said: str, seconds: int) -> str:
    """Cache-Control as it is told to others, and how long CloudFront keeps it."""
    others = _SHARED.sub("", said).strip(" ,")
    if _UNKEPT.search(others):
        return others
    return caching(others, seconds) if others else f"s-maxage={seconds}"


def private(said: str) -> str:
    """Cache-Control of what is for the one who asked alone."""
    return said if _ALONE.search(said) else PRIVATE
