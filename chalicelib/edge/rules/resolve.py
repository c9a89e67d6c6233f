"""From a path to the one file of the manifest that answers it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chalicelib.edge.rules.paths import BadPath, Path, normalise_path, quote_path

_NOT_FOUND_LEVELS = 8

Exists = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to answer: a manifest member, a redirect to a path of the same site, or neither."""

    status: int
    file: str | None = None
    location: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SiteRules:
    """How a deployment wants its paths to be read."""

    spa: bool = False
    clean_urls: bool = True
    not_found: str = "404.html"


def is_navigation(path: str, accept: str) -> bool:
    """Whether a browser is opening a page: no file extension, and HTML is asked for."""
    return "." not in path.rsplit("/", 1)[1] and "text/html" in accept.lower()


def decide(raw_path: bytes, accept: str, exists: Exists, rules: SiteRules) -> Decision:
    """The answer to a raw request path: refused, redirected or resolved."""
    path = normalise_path(raw_path)
    if isinstance(path, BadPath):
        return Decision(path.status, reason=path.reason)
    return resolve(path, accept, exists, rules)


def resolve(path: Path, accept: str, exists: Exists, rules: SiteRules) -> Decision:
    """The answer to a normalised path. `exists` is asked about manifest members only."""
    if path.collapsed:
        return Decision(308, location=quote_path(path.text), reason="slashes")
    found = _directory(path.text, exists, rules) or _file(path.text, exists, rules)
    if found:
        return found
    if rules.spa and is_navigation(path.text, accept) and exists("index.html"):
        return Decision(200, "index.html", reason="spa")
    for page in _not_found_pages(path.text, rules.not_found):
        if exists(page):
            return Decision(404, page, reason="not_found_page")
    return Decision(404, reason="not_found")


def _directory(path: str, exists: Exists, rules: SiteRules) -> Decision | None:
    """Paths that end with a slash: the folder's index, or the page that lost its slash."""
    if not path.endswith("/"):
        return None
    name = path[1:]
    if exists(name + "index.html"):
        return Decision(200, name + "index.html", reason="index")
    if rules.clean_urls and name and exists(name[:-1] + ".html"):
        return Decision(308, location=quote_path(path[:-1]), reason="slash")
    return None


def _file(path: str, exists: Exists, rules: SiteRules) -> Decision | None:
    """Paths without a trailing slash: the exact file, the clean page, the folder's slash."""
    if path.endswith("/"):
        return None
    name = path[1:]
    if exists(name):
        clean = _clean(name, exists) if rules.clean_urls else None
        if clean is not None:
            return Decision(308, location=quote_path(clean), reason="clean")
        return Decision(200, name, reason="exact")
    if rules.clean_urls and exists(name + ".html"):
        return Decision(200, name + ".html", reason="clean")
    if exists(name + "/index.html"):
        return Decision(308, location=quote_path(path + "/"), reason="slash")
    return None


def _clean(name: str, exists: Exists) -> str | None:
    """The address of an HTML file without its ending, when that address leads back to it."""
    if name == "index.html" or name.endswith("/index.html"):
        return "/" + name.removesuffix("index.html")
    stem = name.removesuffix(".html")
    if stem == name or not stem or stem.endswith("/") or exists(stem):
        return None
    return "/" + stem


def _not_found_pages(path: str, name: str) -> Iterator[str]:
    """The candidates for a not-found page, nearest folder first, the root's last."""
    folders = path.split("/")[1:-1]
    for depth in range(len(folders), max(0, len(folders) - _NOT_FOUND_LEVELS), -1):
        yield "/".join(folders[:depth]) + "/" + name
    yield name
