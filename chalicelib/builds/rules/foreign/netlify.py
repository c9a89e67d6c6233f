"""netlify.toml: build settings, contexts and variables."""

from __future__ import annotations

from chalicelib.builds.rules.foreign.reading import (
    ELSEWHERE,
    ROUTES,
    SERVER,
    Path,
    Reading,
)
from chalicelib.builds.rules.model import Verdict
from chalicelib.builds.rules.wishes import Where

ELSE: tuple[Verdict, str] = ("ignored", "rules stand at the top of the file, as [[redirects]]")
BUILD: dict[str, tuple[Verdict, str]] = {
    "ignore": ("ignored", "a command cannot decide whether to build; use watch in clouddeck.toml"),
    "functions": ("impossible", SERVER),
    "edge_functions": ("impossible", SERVER),
    "processing": ("ignored", "files are published as the build leaves them"),
    "services": ("impossible", SERVER),
}
TOP: dict[str, tuple[Verdict, str]] = {
    "headers": ("used", ROUTES),
    "functions": ("impossible", SERVER),
    "edge_functions": ("impossible", SERVER),
    "plugins": ("impossible", "plugins of Netlify need its build; run their tools as [[steps]]"),
    "dev": ("ignored", "this is for Netlify's local server"),
    "template": ("ignored", ELSEWHERE),
    "images": ("impossible", SERVER),
}


def read(reading: Reading, where: Where) -> None:
    """Take what holds for this deployment; a context wins over [build], a branch over both."""
    _build(reading, ("build",))
    mine = {_context(where), where.branch or ""}
    for name in reading.table(("context",)):
        if name in mine:
            continue
        reading.ignored(("context", name), f"this deployment is of context {_context(where)}")
    for name in dict.fromkeys((_context(where), where.branch or "")):
        if name in reading.table(("context",)):
            _build(reading, ("context", name))
    if "redirects" in reading.value:
        reading.used(("redirects",), ROUTES)
        if any(_everything(rule) for rule in reading.listed(("redirects",))):
            reading.values["spa"] = True
    reading.others((), TOP, ("build", "context", "redirects"))


def _context(where: Where) -> str:
    if where.environment == "production":
        return "production"
    return "deploy-preview" if where.pull else "branch-deploy"


def _build(reading: Reading, path: Path) -> None:
    reading.text((*path, "base"), "root", "the folder of the site")
    reading.build_command((*path, "command"))
    reading.text((*path, "publish"), "output", "the folder that is published")
    reading.variables((*path, "environment"))
    reading.others(
        path,
        BUILD | {"plugins": TOP["plugins"], "headers": ELSE, "redirects": ELSE},
        ("base", "command", "publish", "environment"),
    )


def _everything(rule: object) -> bool:
    """Whether a redirect answers every address with the app."""
    if not isinstance(rule, dict) or rule.get("conditions"):
        return False
    said = (rule.get("from"), rule.get("to"), str(rule.get("status")))
    return said == ("/*", "/index.html", "200")
