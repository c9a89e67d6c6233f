"""vercel.json: build settings."""

from __future__ import annotations

from chalicelib.builds.frameworks import catalog
from chalicelib.builds.rules.foreign.reading import (
    ELSEWHERE,
    KEPT_ELSEWHERE,
    ROUTES,
    SERVER,
    Path,
    Reading,
)
from chalicelib.builds.rules.model import Verdict
from chalicelib.builds.rules.wishes import Where

TOP: dict[str, tuple[Verdict, str]] = {
    "$schema": ("ignored", "this is for editors"),
    "version": ("ignored", "this is Vercel's own number"),
    "devCommand": ("ignored", "this is for Vercel's local server"),
    "ignoreCommand": (
        "ignored",
        "a command cannot decide whether to build; use watch in clouddeck.toml",
    ),
    "functions": ("impossible", SERVER),
    "crons": ("impossible", SERVER),
    "regions": ("impossible", SERVER),
    "images": ("impossible", SERVER),
    "builds": ("impossible", "builders of Vercel need its build; say buildCommand instead"),
    "bunVersion": ("ignored", "the lock file and packageManager decide"),
    **dict.fromkeys(("trailingSlash", "redirects", "headers", "routes"), ("used", ROUTES)),
    **dict.fromkeys(("git", "github", "name", "alias", "scope", "public"), ("ignored", ELSEWHERE)),
}
TAKEN = (
    "framework",
    "installCommand",
    "buildCommand",
    "outputDirectory",
    "cleanUrls",
    "rewrites",
    "env",
    "build",
)


def read(reading: Reading, _where: Where) -> None:
    """Take what holds here."""
    _framework(reading)
    reading.text(("installCommand",), "install", "the install command")
    reading.build_command(("buildCommand",))
    reading.text(("outputDirectory",), "output", "the folder that is published")
    reading.flag(("cleanUrls",), "clean_urls", "addresses without .html")
    for path in (("env",), ("build", "env")):
        _variables(reading, path)
    if "rewrites" in reading.value:
        reading.used(("rewrites",), ROUTES)
        if any(_everything(rule) for rule in reading.listed(("rewrites",))):
            reading.values["spa"] = True
    reading.others((), TOP, TAKEN)


def _framework(reading: Reading) -> None:
    slug = reading.at(("framework",))
    if isinstance(slug, str) and catalog().get(slug):
        reading.values["framework"] = slug
        reading.used(("framework",), "the framework", "framework")
    elif slug is not None:
        reading.ignored(("framework",), "CloudDeck knows no framework of this name")


def _variables(reading: Reading, path: Path) -> None:
    for name, value in reading.table(path).items():
        if isinstance(value, str) and value.startswith("@"):
            reading.impossible((*path, name), KEPT_ELSEWHERE)
        else:
            reading.variable((*path, name), name, value)


def _everything(rule: object) -> bool:
    """Whether a rewrite answers every address with the app."""
    if not isinstance(rule, dict) or len(rule) != 2:
        return False
    everything = {"/(.*)", "/:path*", "/(.*)/", "/:match*", "(.*)"}
    return rule.get("source") in everything and rule.get("destination") in {"/index.html", "/"}
