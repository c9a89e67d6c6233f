"""The packages of a monorepo and which of them need which, from their own manifests."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.builds.rules.documents import MAX_DOTS, read_yaml
from chalicelib.builds.rules.globs import MOST_PATTERNS, chosen
from chalicelib.builds.rules.model import PlanError

Texts = Mapping[str, str]
_UP = re.compile(r"(?:\.\./)+[\w@.~-][\w@./~-]{0,200}")
_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")
_LISTS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


@dataclass(frozen=True)
class Workspace:
    """A folder that declares packages below it; patterns are relative to the top of the tree."""

    folder: str
    declared_in: str
    patterns: tuple[str, ...]
    manifest: str


@dataclass(frozen=True)
class Member:
    """One package: `names` it is known by, and what its manifests `mention`.

    `mention` is None when a manifest could not be read: then nothing is known.
    """

    folder: str
    names: frozenset[str] = frozenset()
    mentions: frozenset[str] | None = frozenset()


def workspaces(texts: Texts) -> list[Workspace]:
    """Every declaration of packages; an unreadable one raises PlanError."""
    found = []
    for path, text in texts.items():
        folder, name = posixpath.split(path)
        patterns, manifest = _declared(path, name, text)
        if patterns:
            placed = tuple(_placed(folder, pattern) for pattern in patterns[:MOST_PATTERNS])
            found.append(Workspace(folder, path, placed, manifest))
    return found


def members(
    declared: Iterable[Workspace], files: Collection[str], texts: Texts
) -> dict[str, Member]:
    """The packages that the declarations name, by folder."""
    found: dict[str, Member] = {}
    for workspace in declared:
        test = chosen(workspace.patterns)
        ending = f"/{workspace.manifest}"
        for path in files:
            folder = path.removesuffix(ending)
            if path.endswith(ending) and folder not in found and test(folder):
                found[folder] = member(folder, files, texts)
    return found


def member(folder: str, files: Collection[str], texts: Texts) -> Member:
    """A package as its manifests describe it."""
    names: set[str] = set()
    mentions: set[str] = set()
    for manifest in ("package.json", "Cargo.toml", "go.mod", "pyproject.toml"):
        path = posixpath.join(folder, manifest)
        if path not in files:
            continue
        if path not in texts:
            return Member(folder, mentions=None)
        try:
            mine, others = _read(manifest, texts[path])
        except (ValueError, RecursionError, AttributeError, TypeError):
            return Member(folder, mentions=None)
        names |= mine
        mentions |= others
    for hint in ("turbo.json", "project.json"):
        mentions |= set(re.findall(r'"([\w@./-]{1,200})[#"]', texts.get(f"{folder}/{hint}", "")))
    return Member(folder, frozenset(names), frozenset(mentions))


def pointed_at(folder: str, texts: Texts) -> set[str]:
    """The paths outside of the folder that its known texts name with `../`."""
    found = set()
    for path, text in texts.items():
        if path.startswith(f"{folder}/"):
            at = posixpath.dirname(path)
            found |= {posixpath.normpath(posixpath.join(at, up[0])) for up in _UP.finditer(text)}
    return {path for path in found if not path.startswith((f"{folder}/", ".."))}


def _declared(path: str, name: str, text: str) -> tuple[list[str], str]:
    """The patterns that a file declares, and the manifest its packages have."""
    reader = _DECLARING.get(name)
    if reader is None:
        return [], ""
    manifest, read = reader
    try:
        return read(text), manifest
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        raise PlanError("config_invalid", f"{path} cannot be read.", f"Correct {path}.") from None


def _npm(text: str) -> list[str]:
    listed = json.loads(text).get("workspaces") if '"workspaces"' in text else None
    return _texts(listed.get("packages") if isinstance(listed, dict) else listed)


def _pnpm(text: str) -> list[str]:
    return _texts(read_yaml("pnpm-workspace.yaml", text).value.get("packages"))


def _lerna(text: str) -> list[str]:
    return _texts(json.loads(text).get("packages"))


def _crates(text: str) -> list[str]:
    return _with_exclusions(_toml(text).get("workspace", {}) if "[workspace" in text else {})


def _uv(text: str) -> list[str]:
    tool = _toml(text).get("tool", {}) if "[tool.uv.workspace" in text else {}
    return _with_exclusions(tool.get("uv", {}).get("workspace", {}))


def _go(text: str) -> list[str]:
    return re.findall(r"^[ \t]*(?:use[ \t]+)?(\.[\w./-]{0,200})[ \t]*$", text, re.MULTILINE)


def _with_exclusions(table: dict[str, Any]) -> list[str]:
    return _texts(table.get("members")) + [f"!{p}" for p in _texts(table.get("exclude"))]


_DECLARING: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "package.json": ("package.json", _npm),
    "pnpm-workspace.yaml": ("package.json", _pnpm),
    "lerna.json": ("package.json", _lerna),
    "Cargo.toml": ("Cargo.toml", _crates),
    "pyproject.toml": ("pyproject.toml", _uv),
    "go.work": ("go.mod", _go),
}


def _placed(folder: str, pattern: str) -> str:
    out, pattern = pattern.startswith("!"), pattern.removeprefix("!").strip()
    path = posixpath.normpath(posixpath.join(folder, pattern.rstrip("/")))
    return f"!{path}" if out else path


def _texts(listed: Any) -> list[str]:
    return [p for p in listed if isinstance(p, str)] if isinstance(listed, list) else []


def _toml(text: str) -> dict[str, Any]:
    if any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        raise ValueError("too many dots")
    return tomllib.loads(text)


def _read(manifest: str, text: str) -> tuple[set[str], set[str]]:
    match manifest:
        case "package.json":
            document = json.loads(text)
            lists = [document.get(kind) or {} for kind in _LISTS]
            return {str(document.get("name", ""))} - {""}, {name for kept in lists for name in kept}
        case "Cargo.toml":
            return _cargo(_toml(text))
        case "go.mod":
            module = re.search(r"^module\s+(\S{1,300})", text, re.MULTILINE)
            return {module[1]} if module else set(), set(
                re.findall(r"^\s*(?:require\s+)?(\S{1,300})\s+v", text, re.M)
            )
        case _:
            return _python(_toml(text))


def _cargo(document: dict[str, Any]) -> tuple[set[str], set[str]]:
    name = document.get("package", {}).get("name")
    tables = [document, *document.get("target", {}).values()]
    listed = [table.get(kind, {}) for table in tables for kind in _TABLES]
    mentions = {name for table in listed for name in table}
    mentions |= {
        entry["package"]
        for table in listed
        for entry in table.values()
        if isinstance(entry, dict) and isinstance(entry.get("package"), str)
    }
    return ({name} if isinstance(name, str) else set()), mentions


def _python(document: dict[str, Any]) -> tuple[set[str], set[str]]:
    project = document.get("project", {})
    groups = [*project.get("optional-dependencies", {}).values()]
    groups += document.get("dependency-groups", {}).values()
    listed = [*project.get("dependencies", []), *(entry for group in groups for entry in group)]
    names = [
        re.match(r"[A-Za-z0-9._-]{1,200}", entry) for entry in listed if isinstance(entry, str)
    ]
    name = project.get("name")
    mine = {_normal(name)} if isinstance(name, str) else set()
    return mine, {_normal(found[0]) for found in names if found}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
