"""From a path to the one file of the manifest that answers it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from chalicelib.edge.rules.paths import BadPath, Path, normalise_path, quote_path

_NOT_FOUND_LEVELS = 8

TrailingSlash = Literal["auto", "always", "never", "keep"]
"""`auto`: as the files lie; `always`/`never`: 308 to that form of a page; `keep`: both answer."""
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
    trailing_slash: TrailingSlash = "auto"


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
    return find(path.text, exists, rules) or missing(path.text, accept, exists, rules)


def find(path: str, exists: Exists, rules: SiteRules) -> Decision | None:
    """The file at a path, or the address that it has instead; None when nothing lies there."""
    if rules.trailing_slash != "auto":
        return _exact(path, exists, rules) or _page(path, exists, rules)
    return _directory(path, exists, rules) or _file(path, exists, rules)


def missing(path: str, accept: str, exists: Exists, rules: SiteRules) -> Decision:
    """What answers where nothing lies: the page of a single page app, or a not-found page."""
    if rules.spa and is_navigation(path, accept) and exists("index.html"):
        return Decision(200, "index.html", reason="spa")
    for page in _not_found_pages(path, rules.not_found):
        if exists(page):
            return Decision(404, page, reason="not_found_page")
    return Decision(404, reason="not_found")


def lookup(path: str, exists: Exists, rules: SiteRules) -> str | None:
    """The file that a rewrite to this path answers with, however the path is spelled."""
    name = path[1:].rstrip("/")
    pages = [f"{name}.html"] if rules.clean_urls else []
    names = [name, *pages, f"{name}/index.html"] if name else ["index.html"]
    return next((one for one in names if exists(one)), None)


def _exact(path: str, exists: Exists, rules: SiteRules) -> Decision | None:
    """The file of this very name, where the form of a page's address is a matter of settings."""
    name = path[1:]
    if not name or name.endswith("/") or not exists(name):
        return None
    clean = _clean(name, exists) if rules.clean_urls else None
    if clean is None:
        return Decision(200, name, reason="exact")
    return Decision(308, location=quote_path(_formed(clean, rules)), reason="clean")


def _page(path: str, exists: Exists, rules: SiteRules) -> Decision | None:
    """The page of an address, with or without a slash at its end as the settings want it."""
    name = path[1:].rstrip("/")
    folder = f"{name}/index.html" if name else "index.html"
    pages = [folder]
    if rules.clean_urls and name:
        pages.insert(1 if path.endswith("/") else 0, f"{name}.html")
    page = next((one for one in pages if exists(one)), None)
    if page is None:
        return None
    wanted = _formed(path, rules)
    if wanted != path:
        return Decision(308, location=quote_path(wanted), reason="slash")
    return Decision(200, page, reason="index" if page == folder else "clean")


def _formed(path: str, rules: SiteRules) -> str:
    """A page's path in the form that the settings want."""
    bare = path.rstrip("/")
    if not bare or rules.trailing_slash == "keep":
        return path
    return bare + "/" if rules.trailing_slash == "always" else bare


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
