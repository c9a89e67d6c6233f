"""Paths of rules as people write them, turned into patterns of the edge.

In a file a path may be percent-encoded; a pattern has the characters themselves, as the path of a
request has them once the edge has read it.
"""

from __future__ import annotations

import re

from chalicelib.edge.rules.paths import BadPath, normalise_path
from chalicelib.edge.rules.routing.grammar import BadPatternError, escape, parse_pattern
from chalicelib.routing.rules.report import RuleError, UnavailableError, shown

HINT = "Write a path such as /blog/:year/* ; docs/rules.md has the grammar."
_REASONS = {
    "dot_segment": "a path has no . or .. segment",
    "bad_escape": "a % is followed by two hexadecimal digits, and never means a slash",
    "bad_character": "a path has no backslashes or control characters",
    "not_utf8": "percent-encoded characters are UTF-8",
    "path_too_long": "the path is too long",
}
_NETLIFY = re.compile(r"(\*|:[A-Za-z0-9_]{1,64})")
_OWN = re.compile(r"((?:\\.)|\*|:[A-Za-z0-9_]{1,64}[*+]?)(\((?:\\.|[^()\\])*\))?")


def literal(text: str) -> str:
    """A piece of a path, decoded, as a pattern that stands for itself; raises RuleError."""
    if not text:
        return ""
    # A leading slash makes any piece a path; repeated ones are one, as in a request.
    path = normalise_path(b"/" + text.encode("utf-8", "surrogatepass"))
    if isinstance(path, BadPath):
        raise RuleError(_REASONS.get(path.reason, "it is no path"), HINT)
    return escape(path.text if text.startswith("/") else path.text[1:])


def netlify_pattern(text: str) -> str:
    """A path of Netlify: `:name` for a segment, `*` for the rest; raises RuleError."""
    _begins(text)
    pieces = _NETLIFY.split(text)
    return checked("".join(p if _NETLIFY.fullmatch(p) else literal(p) for p in pieces))


def own_pattern(text: str) -> str:
    """A path of clouddeck.toml, in the edge's own grammar; raises RuleError."""
    _begins(text)
    made, at = [], 0
    for found in _OWN.finditer(text):
        made += [literal(text[at : found.start()]), found[0]]
        at = found.end()
    return checked("".join([*made, literal(text[at:])]))


def checked(pattern: str) -> str:
    """The pattern, when the edge can read it; raises UnavailableError.

    What is not written as a pattern may be a fine path elsewhere.
    """
    try:
        parse_pattern(pattern)
    except BadPatternError as error:
        raise UnavailableError(str(error), HINT) from None
    return pattern


def _begins(text: str) -> None:
    if not text.startswith("/"):
        raise RuleError(f"{shown(text)} is no path", "A path begins with a slash.")
    if "?" in text or "#" in text:
        raise RuleError(
            "a path has no ? and no #", "What the query has to be is a condition of its own."
        )
