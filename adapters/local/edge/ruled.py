"""What a verdict adds to the headers of an answer."""

from adapters.local.edge.answers import Headers, merged
from chalicelib.edge.rules.routing.facts import HOST
from chalicelib.edge.rules.routing.verdicts import Verdict

_VARY = {"language": "Accept-Language", "authorization": "Authorization"}
_PRIVATE = "private,max-age=0,must-revalidate"


def dressed(headers: Headers, verdict: Verdict) -> Headers:
    """Headers with what rules set, and with what caches beyond have to know of the decision."""
    if not verdict.looked and not verdict.headers and not verdict.private:
        return headers
    made = merged(_varied(headers, verdict), list(verdict.headers))
    # A cache cannot tell countries apart, so what depends on one is for this visitor only.
    return _private(made) if verdict.private or "country" in verdict.looked else made


def _varied(headers: Headers, verdict: Verdict) -> Headers:
    names = dict.fromkeys(filter(None, map(_name, verdict.looked)))
    if not names:
        return headers
    own = [value for name, value in headers if name == "Vary"]
    rest = [(name, value) for name, value in headers if name != "Vary"]
    return [*rest, ("Vary", ", ".join((*own, *names)))]


def _name(look: str) -> str:
    """The request header behind a look; empty for what is part of the address, or of no header."""
    kind, _, name = look.partition(":")
    if kind == "cookie":
        return "Cookie"
    if kind == "header" and look != HOST:
        return name
    return _VARY.get(look, "")


def _private(headers: Headers) -> Headers:
    return [
        (name, _PRIVATE)
        if name.lower() == "cache-control" and not {"private", "no-store"} & _words(value)
        else (name, value)
        for name, value in headers
    ]


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(",")}
