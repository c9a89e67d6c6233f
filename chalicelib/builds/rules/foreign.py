"""What vercel.json and netlify.toml say about a build, for projects that say nothing else."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from chalicelib.builds.frameworks import catalog
from chalicelib.builds.rules.config import MAX_BYTES, MAX_DOTS, Wishes, check_command
from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.paths import safe_folder
from chalicelib.builds.rules.repo import Repo

NOT_READ = ("redirects", "rewrites", "headers", "functions", "routes", "edge_functions")
Read = tuple[Wishes, list[str], list[str]]


def read_foreign(repo: Repo) -> Read:
    """Wishes, what they mean in words, and warnings. A broken file is a warning, never an error."""
    if repo.exists("vercel.json"):
        document = _load(repo.text("vercel.json"), json.loads)
        return _wishes("vercel.json", document, _vercel(document or {}))
    if repo.exists("netlify.toml"):
        document = _load(repo.text("netlify.toml"), tomllib.loads)
        return _wishes("netlify.toml", document, _netlify(document or {}))
    return Wishes(), [], []


def _load(text: str, parse: Any) -> dict[str, Any] | None:
    if len(text) > MAX_BYTES or any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        return None
    try:
        document = parse(text)
    except (ValueError, RecursionError, OverflowError):
        return None
    return document if isinstance(document, dict) else None


def _vercel(document: dict[str, Any]) -> dict[str, Any]:
    slug = document.get("framework")
    known = isinstance(slug, str) and catalog().get(slug) is not None
    clean = document.get("cleanUrls")
    return {
        "framework": slug if known else None,
        "install": document.get("installCommand"),
        "build": document.get("buildCommand"),
        "output": document.get("outputDirectory"),
        "clean_urls": clean if isinstance(clean, bool) else None,
    }


def _netlify(document: dict[str, Any]) -> dict[str, Any]:
    build = document.get("build")
    build = build if isinstance(build, dict) else {}
    return {"build": build.get("command"), "output": build.get("publish")}


def _wishes(file: str, document: dict[str, Any] | None, raw: dict[str, Any]) -> Read:
    if document is None:
        return Wishes(), [], [f"{file} cannot be read and is left aside."]
    kept: dict[str, Any] = {}
    warnings = []
    for name, value in raw.items():
        if isinstance(value, bool):
            kept[name] = value
        elif isinstance(value, str) and value.strip():
            try:
                kept[name] = safe_folder(value, name) if name == "output" else value
                check_command(value, f"{file}: {name}")
            except PlanError as error:
                kept.pop(name, None)
                warnings.append(f"{file}: {error.message}")
    ignored = [name for name in NOT_READ if document.get(name)]
    if ignored:
        warnings.append(f"{file}: {', '.join(ignored)} not read; only the build settings are.")
    return Wishes(**kept), [f"{file} sets {name}" for name in kept], warnings
