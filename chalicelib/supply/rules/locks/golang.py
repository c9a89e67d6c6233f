"""go.mod and go.sum.

From Go 1.17 on, go.mod names every module that is built in. Before, only the nearest ones, so
that go.sum, which also names what was merely looked at, has to help out.
"""

from __future__ import annotations

import re

from chalicelib.supply.rules.components import Component, Lock, LockError, is_name, is_version

_COMPLETE = (1, 17)
_GO = re.compile(r"^go\s+(\d+)\.(\d+)", re.MULTILINE)
_BLOCK = re.compile(r"^(require|replace)\s*\(\s*$")
_REPLACE = re.compile(r"(\S+)(?:\s+(v\S+))?\s+=>\s+(\S+)(?:\s+(v\S+))?$")


def read(text: str) -> Lock:
    """The modules of go.mod, with go.sum after a NUL where it was there."""
    module, _, sums = text.partition("\0")
    if not re.search(r"^module\s+\S+", module, re.MULTILINE):
        raise LockError("it names no module")
    required, replaced = _directives(module)
    lock = Lock("Go")
    for name, version, indirect in required:
        added = _add(lock, *replaced.get(name, (name, version)))
        if not indirect:
            lock.root(added)
    stated = _GO.search(module)
    if stated is None or (int(stated[1]), int(stated[2])) < _COMPLETE:
        for line in sums.splitlines():
            words = line.split()
            if len(words) == 3 and not words[1].endswith("/go.mod"):
                _add(lock, words[0], words[1])
        lock.gaps.append("go.mod is older than Go 1.17; go.sum may name more than is built in.")
    if required:
        lock.gaps.append("go.mod does not say which module needs which.")
    return lock


def _directives(module: str) -> tuple[list[tuple[str, str, bool]], dict[str, tuple[str, str]]]:
    """(name, version, whether only others need it) of what is required, and what replaces it."""
    inside = ""
    required: list[tuple[str, str, bool]] = []
    replaced: dict[str, tuple[str, str]] = {}
    for raw in module.splitlines():
        line, _, comment = (part.strip() for part in raw.partition("//"))
        block = _BLOCK.match(line)
        if block:
            inside = block[1]
            continue
        if line == ")":
            inside = ""
            continue
        verb, _, rest = line.partition(" ")
        if inside:
            verb, rest = inside, line
        words = rest.split()
        if verb == "require" and len(words) == 2:
            required.append((words[0], words[1], comment.startswith("indirect")))
        elif verb == "replace" and (found := _REPLACE.match(rest.strip())):
            replaced[found[1]] = (found[3], found[4] or "")
    return required, replaced


def _add(lock: Lock, name: str, version: str) -> str | None:
    if name.startswith((".", "/")):  # a folder of the project itself
        return None
    if not is_name(name) or (version and not is_version(version)):
        return None
    return lock.add(Component("Go", name, version))
