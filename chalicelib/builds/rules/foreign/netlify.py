"""netlify.toml: build settings, contexts and variables."""

from __future__ import annotations

from chalicelib.builds.rules.foreign.reading import ELSEWHERE, ROUTING, SERVER, Path, Reading
from chalicelib.builds.rules.model import Verdict
from chalicelib.builds.rules.wishes import Where

BUILD: dict[str, tuple[Verdict, str]] = {
    "ignore": ("ignored", "a command cannot decide whether to build; use watch in clouddeck.toml"),
    "functions": ("impossible", SERVER),
    "edge_functions": ("impossible", SERVER),
    "processing": ("ignored", "files are published as the build leaves them"),
    "services": ("impossible", SERVER),
}
TOP: dict[str, tuple[Verdict, str]] = {
    "headers": ("ignored", ROUTING),
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
    for number, rule in enumerate(reading.listed(("redirects",))):
        _redirect(reading, ("redirects", number), rule if isinstance(rule, dict) else {})
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
        BUILD
        | {"plugins": TOP["plugins"], "headers": TOP["headers"], "redirects": ("ignored", ROUTING)},
        ("base", "command", "publish", "environment"),
    )


def _redirect(reading: Reading, path: Path, rule: dict[str, object]) -> None:
    everything = (rule.get("from"), rule.get("to"), str(rule.get("status"))) == (
        "/*",
        "/index.html",
        "200",
    )
    if everything and not rule.get("conditions"):
        reading.values["spa"] = True
        reading.used(path, "every address answers with the app", "spa")
    else:
        reading.ignored(path, ROUTING)
