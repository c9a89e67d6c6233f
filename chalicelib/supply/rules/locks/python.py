"""The lock files of Python: uv.lock, poetry.lock, Pipfile.lock and requirements.txt."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from chalicelib.supply.rules.components import (
    Component,
    Lock,
    LockError,
    hashed,
    is_name,
    is_version,
    normal,
)

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_REQUIREMENT = re.compile(rf"(?P<name>{_NAME})\s*(?:\[[^\]]*\])?\s*(?P<wanted>[^;#@]*)")
_PINNED = re.compile(r"===?\s*(?P<version>[^\s,*]+)\s*\Z")
_LONGEST = 300  # characters of the versions that a requirement allows
_HASH = re.compile(r"--hash[= ](\w+):([0-9a-fA-F]+)")
_INCLUDES = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")


def _one_hash(found: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """A release has a hash per file; only where there is one file it is the package's."""
    return hashed(*found[0]) if len(found) == 1 else ()


def read_uv(text: str) -> Lock:
    """uv.lock: packages with sources; what lies in the project's own folders is the project."""
    return _toml(
        text, own=lambda p: bool({"editable", "virtual", "directory"} & set(p.get("source") or {}))
    )


def read_poetry(text: str) -> Lock:
    """poetry.lock, which does not say what the project asks for: whatever nothing else needs."""
    lock = _toml(text, own=lambda p: (p.get("source") or {}).get("type") == "directory")
    needed = {other for others in lock.edges.values() for other in others}
    lock.roots = set(lock.components) - needed
    return lock


def _toml(text: str, own: Any) -> Lock:
    packages = tomllib.loads(text).get("package")
    if not isinstance(packages, list):
        raise LockError("it has no `package`")
    lock = Lock("PyPI")
    placed: dict[str, dict[str, str]] = {}
    for package in packages:
        name, version = package.get("name"), package.get("version", "")
        if own(package) or not is_name(name) or (version and not is_version(version)):
            continue
        optional = package.get("optional") is True or package.get("category") == "dev"
        component = Component("PyPI", normal(name), version, _file_hashes(package), optional)
        placed.setdefault(normal(name), {})[version] = lock.add(component)
    for package in packages:
        one = placed.get(normal(package["name"]), {}).get(package.get("version", ""))
        for name, version in _wanted(package):
            others = placed.get(name, {})
            found = others.get(version) if version else None
            for other in [found] if found else others.values():
                if own(package):
                    lock.root(other)
                elif one is not None:
                    lock.needs(one, other)
    return lock


def _file_hashes(package: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    files = [*(package.get("files") or []), *(package.get("wheels") or [])]
    files += [package["sdist"]] if isinstance(package.get("sdist"), dict) else []
    found = [str(file.get("hash") or "").partition(":") for file in files]
    return _one_hash([(algorithm, digest) for algorithm, _, digest in found])


def _wanted(package: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, version or nothing) of what a package needs, in uv's way or in poetry's."""
    needs = package.get("dependencies") or []
    if isinstance(needs, dict):
        return [(normal(name), "") for name in needs]
    groups = [needs, *(package.get("optional-dependencies") or {}).values()]
    groups += (package.get("dev-dependencies") or {}).values()
    return [(normal(need["name"]), need.get("version", "")) for group in groups for need in group]


def read_pipfile(text: str) -> Lock:
    """Pipfile.lock: a flat list without what needs what."""
    content = json.loads(text)
    lock = Lock("PyPI")
    for kind in ("default", "develop"):
        for name, entry in (content.get(kind) or {}).items():
            found = _PINNED.fullmatch(str(entry.get("version") or ""))
            if is_name(name):
                digests = [h.partition(":") for h in entry.get("hashes") or []]
                hashes = _one_hash([(algorithm, digest) for algorithm, _, digest in digests])
                version = found["version"] if found else ""
                lock.root(
                    lock.add(Component("PyPI", normal(name), version, hashes, kind == "develop"))
                )
    lock.gaps.append("Pipfile.lock does not say which package needs which.")
    return _with_open(lock)


def read_requirements(text: str) -> Lock:
    """requirements.txt: what is pinned has a version; nothing says what needs what."""
    lock = Lock("PyPI")
    for raw in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = re.sub(r"(?:^|\s)#.*", "", raw).strip()
        included = _INCLUDES.match(line)
        if included:
            lock.gaps.append(f"It includes {_shown(included[1])}, which was not read.")
        if not line or line.startswith("-"):
            continue
        found = _REQUIREMENT.match(line)
        if found is None or found["wanted"][:1] not in {*"=<>!~(", ""}:
            lock.gaps.append("It installs something from an address or a folder.")
            continue
        if line[found.end() :].startswith("@"):
            lock.gaps.append(f"It installs {found['name'][:100]} from an address.")
        wanted = found["wanted"].partition(" --")[0].strip()
        pinned = _PINNED.search(wanted) if len(wanted) <= _LONGEST else None
        version = pinned["version"] if pinned else ""
        hashes = _one_hash(_HASH.findall(line))
        if is_name(found["name"]) and (not version or is_version(version)):
            lock.root(lock.add(Component("PyPI", normal(found["name"]), version, hashes)))
    lock.gaps.append("requirements.txt does not say which package needs which.")
    return _with_open(lock)


def _shown(place: str) -> str:
    """A file by its path; an address by nothing, since it may hold a password or a token."""
    return "something from an address" if "://" in place else place[:200]


def _with_open(lock: Lock) -> Lock:
    unpinned = [c.name for c in lock.components.values() if not c.version]
    if unpinned:
        some = ", ".join(sorted(unpinned)[:5])
        lock.gaps.append(f"The versions of {len(unpinned)} packages are left open, e.g. {some}.")
    return lock
