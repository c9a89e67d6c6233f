"""Cargo.lock, versions 1 to 4."""

from __future__ import annotations

import tomllib

from chalicelib.supply.rules.components import (
    Component,
    Lock,
    LockError,
    hashed,
    is_name,
    is_version,
)


def read(text: str) -> Lock:
    """The crates of a lock file; a crate without a source is one of the project's own."""
    packages = tomllib.loads(text).get("package")
    if not isinstance(packages, list):
        raise LockError("it has no `package`")
    lock = Lock("crates.io")
    placed: dict[str, dict[str, str]] = {}
    for package in packages:
        name, version = package.get("name"), package.get("version")
        if package.get("source") and is_name(name) and is_version(version):
            hashes = hashed("sha256", package.get("checksum"))
            component = Component("crates.io", name, version, hashes)
            placed.setdefault(name, {})[version] = lock.add(component)
    for package in packages:
        one = placed.get(package["name"], {}).get(package["version"])
        for need in package.get("dependencies") or []:
            name, *more = str(need).split()  # the version stands there only when it is needed
            versions = placed.get(name, {})
            other = versions.get(more[0]) if more else next(iter(versions.values()), None)
            if one is not None:
                lock.needs(one, other)
            elif not package.get("source"):
                lock.root(other)
    return lock
