"""Pages in several languages: who is sent to which, and where the others lie."""

from __future__ import annotations

from chalicelib.edge.rules.resolve import Exists
from chalicelib.edge.rules.routing.facts import Facts, languages, speaks
from chalicelib.edge.rules.routing.model import Locales

COOKIE = "cookie:locale"


def greeting(
    path: str, locales: Locales, facts: Facts, exists: Exists, looked: set[str]
) -> str | None:
    """Where somebody who opens `/` is sent; None to stay, also when that language has no page."""
    if path != "/" or not locales.detect:
        return None
    looked.update({COOKIE, "language"})
    best = wanted(locales, facts)
    if best == locales.default and not locales.prefix_default:
        return None
    if exists(f"{best}/index.html"):
        return f"/{best}/"
    return f"/{best}" if exists(f"{best}.html") else None


def elsewhere(path: str, locales: Locales) -> str | None:
    """The same page below the default language; None when the path names a language itself."""
    first = path[1:].partition("/")[0]
    return None if first in locales.names else f"/{locales.default}{path}"


def wanted(locales: Locales, facts: Facts) -> str:
    """The language that somebody chose, else the one they want most of those there are."""
    chosen = facts.get(COOKIE)
    if chosen in locales.names:
        return chosen
    for tag in languages(facts.get("language")):
        for name in locales.names:
            if tag == name.lower():
                return name
        for name in locales.names:
            if speaks(tag, name) or speaks(name.lower(), tag):
                return name
    return locales.default
