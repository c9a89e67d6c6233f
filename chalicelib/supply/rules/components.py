"""Packages that a lock file names, and what each needs."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote

ECOSYSTEMS = {
    "npm": "npm",
    "PyPI": "pypi",
    "Go": "golang",
    "crates.io": "cargo",
    "RubyGems": "gem",
}
"""Name of an ecosystem as OSV has it -> type of its package URLs."""

MAX_PLACE = 4096
"""Characters of a place within a lock file, as long as paths may be."""

_ALGORITHMS = {"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_LENGTHS = {"SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}


class LockError(ValueError):
    """A lock file that cannot be read; the message says why, and is shown to people."""


@dataclass(frozen=True)
class Component:
    """One package at one version; the version is empty when the lock file leaves it open."""

    ecosystem: str
    name: str
    version: str = ""
    hashes: tuple[tuple[str, str], ...] = ()  # (algorithm as CycloneDX has it, hex)
    optional: bool = False  # only for development, or not on every machine

    @cached_property
    def purl(self) -> str:
        """The package URL, which is also its name within a bill of materials."""
        return purl(self.ecosystem, self.name, self.version)


@dataclass
class Lock:
    """What one lock file says. `edges` leads from package URL to package URLs.

    `gaps` are sentences about what it does not say, such as versions that are left open.
    """

    ecosystem: str
    components: dict[str, Component] = field(default_factory=dict)
    edges: dict[str, set[str]] = field(default_factory=dict)
    roots: set[str] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)

    def add(self, component: Component) -> str:
        """Take a component in, once; returns its package URL."""
        found = component.purl
        known = self.components.get(found)
        if known is None or (known.optional and not component.optional):
            self.components[found] = component
        return found

    def needs(self, one: str, other: str | None) -> None:
        """Note that one component needs another, if it is known which."""
        if other is not None and other in self.components and other != one:
            self.edges.setdefault(one, set()).add(other)

    def root(self, component: str | None) -> None:
        """Note that the project itself asks for a component."""
        if component is not None and component in self.components:
            self.roots.add(component)


def purl(ecosystem: str, name: str, version: str = "") -> str:
    """The package URL of a package (https://github.com/package-url/purl-spec)."""
    kind = ECOSYSTEMS[ecosystem]
    if kind == "pypi":
        name = normal(name)
    elif kind == "golang":
        name = name.lower()
    path = "/".join(_quoted(part) for part in name.split("/") if part)
    return f"pkg:{kind}/{path}" + (f"@{_quoted(version)}" if version else "")


def _quoted(part: str) -> str:
    return quote(part, safe=".-_~:")


def normal(name: str) -> str:
    """A Python package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def integrity(text: object) -> tuple[tuple[str, str], ...]:
    """Hashes of a Subresource Integrity text such as `sha512-<base64>`; others are left out."""
    found: list[tuple[str, str]] = []
    for part in text.split() if isinstance(text, str) else ():
        algorithm, _, encoded = part.partition("-")
        try:
            digest = b64decode(encoded, validate=True).hex()
        except ValueError:
            continue
        found += hashed(algorithm, digest)
    return tuple(found)


def hashed(algorithm: str, digest: object) -> tuple[tuple[str, str], ...]:
    """One hash in hex, when the algorithm is known and the length is right."""
    name = _ALGORITHMS.get(algorithm.lower(), "")
    if not isinstance(digest, str) or len(digest) != _LENGTHS.get(name):
        return ()
    return ((name, digest.lower()),) if re.fullmatch(r"[0-9a-fA-F]+", digest) else ()


def is_name(text: object) -> bool:
    """Whether a text can name a package: one line without blanks, not too long."""
    return isinstance(text, str) and 0 < len(text) <= 214 and bool(re.fullmatch(r"[!-~]+", text))


def is_version(text: object) -> bool:
    """Whether a text can be a version: one word, not too long."""
    return isinstance(text, str) and bool(re.fullmatch(r"[!-~]{1,200}", text))
