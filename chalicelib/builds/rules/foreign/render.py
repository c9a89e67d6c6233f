"""render.yaml: the static sites of a blueprint."""

from __future__ import annotations

from typing import Any

from chalicelib.builds.rules.foreign.reading import (
    ELSEWHERE,
    KEPT_ELSEWHERE,
    ROUTING,
    SERVER,
    Path,
    Reading,
)
from chalicelib.builds.rules.model import PlanError, Verdict
from chalicelib.builds.rules.paths import safe_folder
from chalicelib.builds.rules.scope import check_watch
from chalicelib.builds.rules.wishes import Where

SITE: dict[str, tuple[Verdict, str]] = {
    "headers": ("ignored", ROUTING),
    "pullRequestPreviewsEnabled": ("ignored", "pull requests are a setting of the project"),
    "previews": ("ignored", "pull requests are a setting of the project"),
    **dict.fromkeys(
        (
            "autoDeploy",
            "autoDeployTrigger",
            "branch",
            "domains",
            "domain",
            "repo",
            "name",
            "renderSubdomainPolicy",
        ),
        ("ignored", ELSEWHERE),
    ),
    **dict.fromkeys(
        ("plan", "region"), ("ignored", "sites of files are everywhere, on no machine")
    ),
    "ipAllowList": ("impossible", "sites are public"),
}
TAKEN = (
    "type",
    "runtime",
    "env",
    "buildCommand",
    "staticPublishPath",
    "envVars",
    "routes",
    "rootDir",
    "buildFilter",
)
TOP: dict[str, tuple[Verdict, str]] = {
    "databases": ("impossible", SERVER),
    "previews": ("ignored", "pull requests are a setting of the project"),
    "previewsEnabled": ("ignored", "pull requests are a setting of the project"),
    "previewsExpireAfterDays": ("ignored", "preview_days is a setting of the project"),
    "envVarGroups": ("impossible", KEPT_ELSEWHERE),
    "projects": ("ignored", "only services at the top of the file are read"),
    "version": ("ignored", "this is Render's own number"),
}


def read(reading: Reading, _where: Where, root: str = ".") -> None:
    """Take the static site whose rootDir is this root, or the first one."""
    listed = reading.listed(("services",))
    sites = [n for n, s in enumerate(listed) if isinstance(s, dict) and _static(s)]
    mine = next((n for n in sites if _root(listed[n]) == root), sites[0] if sites else None)
    for number in range(len(listed)):
        path: Path = ("services", number)
        if number == mine:
            _site(reading, path)
        elif number in sites:
            reading.ignored(path, "another site; give it a project of its own with this root")
        else:
            reading.impossible(path, SERVER)
    reading.others((), TOP, ("services",))


def _static(service: dict[str, Any]) -> bool:
    return service.get("type") == "static" or "static" in (
        service.get("runtime"),
        service.get("env"),
    )


def _root(service: dict[str, Any]) -> str:
    try:
        return safe_folder(str(service.get("rootDir") or ""), "rootDir")
    except PlanError:
        return ""


def _site(reading: Reading, path: Path) -> None:
    reading.text((*path, "rootDir"), "root", "the folder of the site")
    reading.build_command((*path, "buildCommand"))
    reading.text((*path, "staticPublishPath"), "output", "the folder that is published")
    for number, variable in enumerate(reading.listed((*path, "envVars"))):
        _variable(reading, (*path, "envVars", number), variable)
    for number, rule in enumerate(reading.listed((*path, "routes"))):
        _route(reading, (*path, "routes", number), rule if isinstance(rule, dict) else {})
    _filter(reading, (*path, "buildFilter"))
    reading.others(path, SITE, TAKEN)


def _variable(reading: Reading, path: Path, variable: object) -> None:
    if isinstance(variable, dict) and "value" in variable and isinstance(variable.get("key"), str):
        reading.variable(path, variable["key"], variable["value"])
    else:
        reading.impossible(path, KEPT_ELSEWHERE)


def _route(reading: Reading, path: Path, rule: dict[str, object]) -> None:
    wanted = {"type": "rewrite", "source": "/*", "destination": "/index.html"}
    if rule == wanted:
        reading.values["spa"] = True
        reading.used(path, "every address answers with the app", "spa")
    else:
        reading.ignored(path, ROUTING)


def _filter(reading: Reading, path: Path) -> None:
    """The paths of a filter are relative to the repository, as those of `watch` are."""
    table = reading.table(path)
    if not table:
        return
    paths, left = table.get("paths") or [], table.get("ignoredPaths") or []
    try:
        kept = check_watch(paths, "paths")
        out = [f"!{pattern}" for pattern in check_watch(left, "ignoredPaths")]
    except PlanError as error:
        reading.ignored(path, error.message)
        return
    reading.values["watch"] = [*kept, *out]
    reading.used(path, "a change elsewhere does not build again", "watch")
