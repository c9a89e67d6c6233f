"""What is worth keeping for the next build, and under which key."""

from __future__ import annotations

import hashlib

from chalicelib.builds.frameworks import Framework
from chalicelib.builds.rules.commands import Commands
from chalicelib.builds.rules.model import Cache
from chalicelib.builds.rules.repo import Repo


def caches_for(
    framework: Framework, repo: Repo, commands: Commands, scope: str, versions: tuple[str, ...]
) -> list[Cache]:
    """The dependencies, and what the framework computes once; nothing without a lock file.

    Two archives, because they age apart: dependencies are as good as their lock file, what a
    framework keeps changes with every build. `scope` says whose caches they are,
    `versions` which Node.js and Python were asked for.
    """
    manager = commands.manager
    if manager is None or commands.install is None or not manager.lock_sha256:
        return []
    parts = (
        scope,
        framework.slug,
        repo.root,
        manager.name,
        manager.version,
        manager.lock or "",
        manager.lock_sha256,
        commands.install,
        *versions,
    )
    found = [Cache("dependencies", _key("dependencies", parts), list(manager.paths))]
    if framework.cache:
        found.append(Cache("framework", _key("framework", parts), list(framework.cache)))
    return found


def _key(kind: str, parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join((kind, *parts)).encode("utf-8", "surrogatepass")).hexdigest()
