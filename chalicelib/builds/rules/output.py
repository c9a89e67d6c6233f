"""Where a build leaves its files, and whether they are a single-page app."""

from __future__ import annotations

import json

from chalicelib.builds.frameworks import Check, Framework
from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.paths import NOT_FOUND_PAGES, STATIC_FOLDERS, safe_folder
from chalicelib.builds.rules.repo import Repo


def output_folders(framework: Framework, repo: Repo, asked: str | None) -> list[str]:
    """The output folder and the ones to try after it. A folder that was asked for stands alone."""
    if asked:
        return [safe_folder(asked, "output")]
    if framework.slug == "static":
        return [_static_folder(repo)]
    found = [_configured(framework, repo), _variant(framework, repo)]
    if framework.angular:
        found += _angular(repo)
    found += [framework.output, *framework.candidates]
    if framework.slug in ("node-script", "custom") and repo.exists("index.html"):
        found.append(".")
    return list(dict.fromkeys(folder for folder in found if folder)) or ["dist"]


def spa_default(framework: Framework, repo: Repo) -> bool:
    """Whether unknown addresses answer with the app; not when the site has its own 404 page."""
    if repo.first(NOT_FOUND_PAGES):
        return False
    rule = framework.spa
    if isinstance(rule, bool):
        return rule
    if isinstance(rule, Check):
        return repo.reason(rule, code=True) is not None
    return any(package in repo.dependencies for package in rule)


def _static_folder(repo: Repo) -> str:
    if repo.exists("index.html"):
        return "."
    page = repo.first(tuple(f"{folder}/index.html" for folder in STATIC_FOLDERS))
    return page.split("/")[0] if page else "."


def _variant(framework: Framework, repo: Repo) -> str | None:
    return next((c.output for c in framework.build_when if c.output and repo.reason(c)), None)


def _configured(framework: Framework, repo: Repo) -> str | None:
    """What the framework's own configuration says, when that is a plain folder below the root."""
    written = repo.capture(framework.output_from) if framework.output_from else None
    return _safe(written) if written else None


def _safe(written: str) -> str | None:
    try:
        folder = safe_folder(written, "output")
    except PlanError:
        return None
    return None if folder == "." else folder


def _angular(repo: Repo) -> list[str | None]:
    """The output folders of angular.json; the application builder adds `browser`."""
    try:
        projects = json.loads(repo.text("angular.json") or "{}")["projects"]
        found: list[str | None] = []
        for name, project in projects.items():
            build = project["architect"]["build"]
            options = build.get("options", {})
            path = options.get("outputPath", f"dist/{name}")
            base, browser = (
                (path.get("base", f"dist/{name}"), path.get("browser", "browser"))
                if isinstance(path, dict)
                else (path, "browser")
            )
            both = [_safe(f"{base}/{browser}"), _safe(str(base))]
            # The older builder of that name writes into the folder itself.
            plain = str(build.get("builder", "")).endswith((":browser", ":browser-esbuild"))
            found += reversed(both) if plain else both
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return []
    return found[:8]
