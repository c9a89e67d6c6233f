"""Patterns for branches, tags and paths: `*` within a part, `**` across parts, `?` one character.

No regular expressions: a pattern comes from a person, and none of them shall take longer than its
length times that of the text.
"""

from __future__ import annotations

LONGEST = 200


def fault(pattern: str) -> str:
    """Why a pattern cannot be used, as a sentence; empty when it can."""
    if not pattern or len(pattern) > LONGEST:
        return f"A pattern has 1 to {LONGEST} characters."
    if not pattern.isprintable() or pattern != pattern.strip():
        return "A pattern is printable and has no blank around it."
    if pattern.startswith("/") or "//" in pattern:
        return "A pattern begins with no / and has no two in a row."
    return ""


_MAYBE = "(**/)?"
"""Before `**/`: the folders, or what stands behind them."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says; `**/` matches no folder at all as well."""
    parts = _parts(pattern)
    places = _entered({0}, parts)
    for character in text:
        following: set[int] = set()
        for place in places:
            if place < len(parts):
                following |= _after(place, parts[place], character)
        places = _entered(following, parts)
        if not places:
            return False
    return len(parts) in places


def _after(place: int, part: str, character: str) -> set[int]:
    """Where one may be behind a character."""
    if part == "**":
        return {place}
    if part == "**/":
        return {place, place + 1} if character == "/" else {place}
    if part == "*":
        return {place} if character != "/" else set()
    fits = part == character or (part == "?" and character != "/")
    return {place + 1} if fits else set()


def _parts(pattern: str) -> list[str]:
    """Single characters and the stars; `**/` counts as one at the start of a folder only."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        fresh = at == 0 or pattern[at - 1] == "/"
        for star in ("**/", "**", "*"):
            if pattern.startswith(star, at) and (star != "**/" or fresh):
                parts += [_MAYBE, star] if star == "**/" else [star]
                at += len(star)
                break
        else:
            parts.append(pattern[at])
            at += 1
    return parts


def _entered(places: set[int], parts: list[str]) -> set[int]:
    """These places, and those behind what matches nothing."""
    found = set(places)
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        part = parts[place] if place < len(parts) else ""
        if part == _MAYBE:
            reached = {place + 1, place + 2}
        else:
            reached = {place + 1} if part in {"*", "**"} else set()
        waiting += reached - found
        found |= reached
    return found
