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


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says; `**/` matches no folder at all as well."""
    parts = _parts(pattern)
    places = _skipping({0}, parts)
    for character in text:
        following: set[int] = set()
        for place in places:
            if place == len(parts):
                continue
            part = parts[place]
            if part in {"**", "**/"}:
                following.add(place)
                if part == "**/" and character == "/":
                    following.add(place + 1)
            elif part == "*":
                if character != "/":
                    following.add(place)
            elif part == character or (part == "?" and character != "/"):
                following.add(place + 1)
        places = _skipping(following, parts)
        if not places:
            return False
    return len(parts) in places


def _parts(pattern: str) -> list[str]:
    """Single characters and the stars; `**/` at the start of a folder is one part."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        fresh = at == 0 or pattern[at - 1] == "/"
        for star in ("**/", "**", "*"):
            if pattern.startswith(star, at) and (star != "**/" or fresh):
                parts.append(star)
                at += len(star)
                break
        else:
            parts.append(pattern[at])
            at += 1
    return parts


def _skipping(places: set[int], parts: list[str]) -> set[int]:
    """These places, and those behind stars that match nothing."""
    found = set(places)
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        if place < len(parts) and parts[place].startswith("*") and place + 1 not in found:
            found.add(place + 1)
            waiting.append(place + 1)
    return found
