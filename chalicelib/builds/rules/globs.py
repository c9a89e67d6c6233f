"""Patterns over paths: `*` and `?` stay within a folder, `**` crosses folders; no regex.

A list of patterns is read like a list of ignored files: the last pattern that matches decides, and
one that begins with `!` takes out. Matching is bounded by lengths multiplied, whatever is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

MOST_PATTERNS = 100
LONGEST = 300


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern matches the whole path; `web/` and `web/**` are all that is below web."""
    parts = pattern.removeprefix("./").split("/")
    if parts[-1] == "":
        parts[-1] = "**"
    return _folders(parts, path.split("/"))


def chosen(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A test of paths against a list of patterns; with only exclusions the rest is chosen.

    Patterns that are a folder (`web/**`) are looked up, so that hundreds of them cost nothing.
    """
    folders: dict[str, int] = {}
    others: list[tuple[int, str]] = []
    keeps = [not pattern.startswith("!") for pattern in patterns]
    for number, pattern in enumerate(patterns):
        plain = pattern.removeprefix("!").removeprefix("./")
        folder = plain.removesuffix("**") if plain.endswith("/**") else plain
        if folder.endswith("/") and not set("*?") & set(folder):
            folders[folder.rstrip("/")] = number
        else:
            others.append((number, plain))
    others.reverse()
    otherwise = bool(patterns) and not any(keeps)

    def test(path: str) -> bool:
        last = -1
        end = path.rfind("/")
        while end > 0 and folders:
            last = max(last, folders.get(path[:end], -1))
            end = path.rfind("/", 0, end)
        for number, pattern in others:
            if number < last:
                break
            if matches(pattern, path):
                last = number
                break
        return keeps[last] if last >= 0 else otherwise

    return test


def _folders(pattern: list[str], path: list[str]) -> bool:
    """Segment by segment; on a mismatch the last `**` swallows one more folder."""
    at = here = 0
    star = mark = -1
    while here < len(path):
        if at < len(pattern) and pattern[at] == "**":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and _segment(pattern[at], path[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    # `web/**` is what lies below web, not web itself.
    rest = pattern[at:]
    return not rest or (all(part == "**" for part in rest) and len(pattern) == len(rest))


def _segment(pattern: str, name: str) -> bool:
    at = here = 0
    star = mark = -1
    while here < len(name):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", name[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")
