"""Gemfile.lock, which Bundler writes."""

from __future__ import annotations

import re

from chalicelib.supply.rules.components import Component, Lock, LockError, is_name, is_version

_SPEC = re.compile(r"    (?P<name>[^\s()]+) \((?P<version>[^()]+)\)$")
_NEED = re.compile(r"      (?P<name>[^\s()!]+)")
_ASKED = re.compile(r"  (?P<name>[^\s()!]+)")
_PLATFORM = re.compile(r"-(?:x86|x64|arm|aarch|java|universal|mswin|mingw|ruby|jruby|musl).*\Z")


def read(text: str) -> Lock:
    """The gems of a lock file; those below PATH are the project's own."""
    lock, section, current = Lock("RubyGems"), "", ""
    placed: dict[str, str] = {}
    needs: list[tuple[str, str]] = []
    asked: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            section = line.strip()
        elif section in {"GEM", "GIT"}:
            spec, need = _SPEC.match(line), _NEED.match(line)
            if spec:
                current = spec["name"]
                version = _PLATFORM.sub("", spec["version"])
                if is_name(current) and is_version(version):
                    placed[current] = lock.add(Component("RubyGems", current, version))
            elif need:
                needs.append((current, need["name"]))
        elif section == "DEPENDENCIES" and (found := _ASKED.match(line)):
            asked.append(found["name"])
    if not section:
        raise LockError("it has no section")
    for one, other in needs:
        if one in placed:
            lock.needs(placed[one], placed.get(other))
    for name in asked:
        lock.root(placed.get(name))
    return lock
