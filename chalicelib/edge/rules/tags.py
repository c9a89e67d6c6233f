"""The tags by which caches drop answers: of a deployment, a site, a path, or a site's own. Pure.

A tag is what CloudFront takes in `Cache-Tag`: short, without spaces and commas. So that a site's
own tags and paths of any length fit, and none reaches another site's answers, they are hashed
together with the site's id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from chalicelib.edge.rules.paths import Path, normalise_path

FOLDERS = 4
"""So many folders from the root can be purged with all that is below them."""
MOST_OWN = 20
"""Of a site's own tags one answer may carry."""


def of_deployment(deployment: str) -> str:
    """All of a deployment's answers."""
    return f"dep-{deployment.removeprefix('dpl_')}"


def of_site(site: str) -> str:
    """All of a site's answers; `site` is the project's id."""
    return f"site-{site}"


def of_path(site: str, path: str) -> str:
    """The answers to a path, or to all below a folder when it ends with `/*`."""
    return f"path-{_digest(site, path)}"


def of_own(site: str, tag: str) -> str:
    """The answers that carry a tag of the site's own; upper and lower case are the same."""
    return f"u-{_digest(site, tag.strip().lower())}"


def paths(site: str, raw_path: bytes) -> list[str]:
    """The tags of an answer to a raw request path: the path's and those of the folders above."""
    path = normalise_path(raw_path)
    if not isinstance(path, Path):
        return []
    parts = path.text.split("/")[1:-1][:FOLDERS]
    folders = ["/" + "/".join(parts[:depth]) + "/*" for depth in range(1, len(parts) + 1)]
    return [of_path(site, text) for text in (path.text, *folders)]


def of_pattern(site: str, pattern: str) -> str:
    """The tag that drops a path, or all that begins as a pattern that ends with `*` does.

    There are tags for whole folders only, and not for the deepest: what is dropped is at least
    what was asked for. Raises ValueError for what is no path.
    """
    path = normalise_path(pattern.removesuffix("*").encode("utf-8", "surrogatepass"))
    if not isinstance(path, Path):
        raise ValueError(f"{pattern[:200]!r} is no path: {path.reason}")
    if not pattern.endswith("*"):
        return of_path(site, path.text)
    parts = path.text.split("/")[1:-1][:FOLDERS]
    return of_path(site, "/" + "/".join(parts) + "/*") if parts else of_site(site)


def own(site: str, said: Iterable[str]) -> list[str]:
    """The tags of an answer that says itself by what it is to be dropped: comma-separated names."""
    names = [name for line in said for name in line.split(",") if name.strip()]
    return [of_own(site, name) for name in names[:MOST_OWN]]


def _digest(site: str, text: str) -> str:
    return hashlib.sha256(f"{site}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
