"""Which versions of Node.js and Python a repository asks for, from its own files.

A range is asked for only where the usual version does not lie in it: `>=18` is content with what
every build machine has, `>=22` is not.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from chalicelib.builds.rules.documents import MAX_DOTS
from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.repo import Repo

USUAL_NODE = (20,)
USUAL_PYTHON = (3, 11)
LTS = {
    "dubnium": "10",
    "erbium": "12",
    "fermium": "14",
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}
Version = tuple[int, ...]
_PART = re.compile(
    r"(>=|<=|==|~=|=|>|<|\^|~|!=)?\s*v?(\d{1,3}(?:\.(?:\d{1,3}|[x*]))*)(?:[.-]?[a-z][\w.]{0,20})?"
)


def check_version(text: str, what: str) -> str:
    """A version that a person wrote, such as `20` or `3.12`; raises PlanError."""
    found = re.fullmatch(r"v?(\d{1,3}(?:\.\d{1,3}){0,2})(?:\.x)?", text.strip())
    if not found:
        raise PlanError(
            "config_invalid",
            f"{what} must be a version, not {text[:40]!a}.",
            'Write a version such as "20" or "3.12".',
        )
    return found[1]


def node_version(repo: Repo) -> tuple[str, str] | None:
    """The version of Node.js asked for and the file that asks, or None."""
    for place, text in _node_places(repo):
        asked = _wanted(text, USUAL_NODE)
        if asked is not None:
            return (asked, place) if asked else None
    return None


def python_version(repo: Repo) -> tuple[str, str] | None:
    """The version of Python asked for (major and minor) and the file that asks, or None."""
    for place, text in _python_places(repo):
        asked = _wanted(text.removeprefix("python-"), USUAL_PYTHON)
        if asked is not None:
            short = ".".join(asked.split(".")[:2])
            return (short, place) if "." in short else None
    return None


def _node_places(repo: Repo) -> Iterator[tuple[str, str]]:
    for name in (".nvmrc", ".node-version"):
        yield name, _line(repo, name)
    yield ".tool-versions", _tool(repo, "nodejs") or _tool(repo, "node")
    package = repo.package
    for field in ("volta", "engines"):
        table = package.get(field)
        asked = table.get("node") if isinstance(table, dict) else None
        yield f"{field} of package.json", asked if isinstance(asked, str) else ""
    table = package.get("devEngines")
    runtime = table.get("runtime") if isinstance(table, dict) else None
    if isinstance(runtime, dict) and runtime.get("name") == "node":
        yield "devEngines of package.json", str(runtime.get("version") or "")


def _python_places(repo: Repo) -> Iterator[tuple[str, str]]:
    for name in (".python-version", "runtime.txt"):
        yield name, _line(repo, name)
    yield ".tool-versions", _tool(repo, "python")
    requires = _toml(repo, "Pipfile").get("requires", {})
    if isinstance(requires, dict):
        yield (
            "Pipfile",
            str(requires.get("python_full_version") or requires.get("python_version", "")),
        )
    document = _toml(repo, "pyproject.toml")
    project = document.get("project")
    if isinstance(project, dict):
        yield "requires-python of pyproject.toml", str(project.get("requires-python", ""))
    table: Any = document
    for name in ("tool", "poetry", "dependencies"):
        table = table.get(name, {}) if isinstance(table, dict) else {}
    asked = table.get("python") if isinstance(table, dict) else None
    yield "python of pyproject.toml", asked if isinstance(asked, str) else ""


def _line(repo: Repo, name: str) -> str:
    """The first line that says something; the file may lie at the top of a monorepo."""
    file = repo.file(name) or repo.top_file(name)
    text = (file.text or "") if file else ""
    lines = (line.split("#")[0].strip() for line in text.split("\n"))
    return next((line[:100] for line in lines if line), "")


def _tool(repo: Repo, tool: str) -> str:
    file = repo.file(".tool-versions") or repo.top_file(".tool-versions")
    text = (file.text or "") if file else ""
    found = re.search(rf"^{tool}[ \t]+([^\s#]{{1,40}})", text, re.MULTILINE)
    return found[1] if found else ""


def _toml(repo: Repo, name: str) -> dict[str, Any]:
    text = repo.text(name)
    if any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        return {}
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError, OverflowError):
        return {}


def _wanted(text: str, usual: Version) -> str | None:
    """The version that a text asks for; empty when the usual one will do; None for no answer."""
    text = text.strip().lower()[:100]
    if text.startswith("lts/") or text in {"node", "stable", "latest", "current", "lts", "*", "x"}:
        return LTS.get(text.removeprefix("lts/"), "")
    ranges = [_range(part) for part in text.split("||")]
    known = [found for found in ranges if found]
    if not known:
        return None
    fits = any(_allows(found, usual) for found in known)
    if fits and len(known) > 1:
        return ""
    operator, version = next((p for p in known[-1] if p[0] not in {"<", "<=", "!="}), ("", ()))
    if fits and (operator in {">=", ">", "~="} or (operator == "^" and len(usual) > 1)):
        return ""
    kept = {"^": len(usual), "~": 2}.get(operator, 3)
    return _shown(version[:kept]) if version else None


def _range(text: str) -> list[tuple[str, Version]]:
    span = re.fullmatch(r"\s*v?(\d[\d.]{0,20})\s+-\s+v?(\d[\d.]{0,20})\s*", text)
    if span:
        text = f">={span[1]} <={span[2]}"
    found = []
    for match in _PART.finditer(text):
        numbers = [part for part in match[2].split(".") if part.isdigit()]
        if numbers:
            found.append((match[1] or "", tuple(int(n) for n in numbers[:3])))
    return found


def _allows(parts: list[tuple[str, Version]], usual: Version) -> bool:
    """Whether some version that begins with `usual` lies in all parts."""

    def holds(operator: str, version: Version) -> bool:
        bound = version[: len(usual)] + (0,) * (len(usual) - len(version))
        whole = version[len(usual) :] or (0,)
        match operator:
            case ">=" | ">":
                return usual >= bound
            case "<":
                return usual < bound or (usual == bound and any(whole))
            case "<=":
                return usual <= bound
            case "^":
                return usual[0] == version[0] and usual >= bound
            case "~=":
                keep = max(len(version) - 1, 1)
                return usual[:keep] == version[:keep] and usual >= bound
            case _:
                return usual[: len(version)] == version[: len(usual)]

    return all(holds(operator, version) for operator, version in parts if operator != "!=")


def _shown(version: Version) -> str:
    return ".".join(str(number) for number in version)
