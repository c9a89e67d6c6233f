"""Which site a Host header names."""

import re
from dataclasses import dataclass
from functools import lru_cache

_PORT = re.compile(r":[0-9]{1,5}\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_PREVIEW = re.compile(r"([0-7][0-9a-hjkmnp-tv-z]{25})--(.+)\Z")


@dataclass(frozen=True, slots=True)
class Site:
    """What a host stands for: the name of a route and, on a preview host, a deployment for ever.

    The name is a site's slug, or `<alias>--<slug>`: an address that follows the newest deployment
    of a branch, a pull request or an environment of that site.
    """

    slug: str
    deployment: str | None = None

    @property
    def hidden(self) -> bool:
        """Whether search engines are told to stay away: of previews and aliases."""
        return self.deployment is not None or is_alias(self.slug)


def is_alias(name: str) -> bool:
    """Whether the name of a route is an alias: slugs never contain `--`."""
    return "--" in name


def home(name: str) -> str:
    """The slug of the site that a route's name belongs to."""
    return name.rpartition("--")[2]


def normalise_host(raw: str) -> str | None:
    """Lower-case, without port and one trailing dot; None when it cannot be a host name."""
    return _normalised(raw) if raw and len(raw) <= 260 and raw.isascii() else None


@lru_cache(4096)
def _normalised(raw: str) -> str | None:
    """The same of a short text; the hosts of most requests are ones that were asked before."""
    host = _PORT.sub("", raw.lower(), count=1)
    host = host.removesuffix(".")
    if len(host) > 253 or not all(_LABEL.match(label) for label in host.split(".")):
        return None
    return host


def parse_host(raw: str, domain: str) -> Site | None:
    """The site behind a Host header, or None: there is no default tenant."""
    host = normalise_host(raw)
    if host is None or not host.endswith("." + domain):
        return None
    label = host[: -len(domain) - 1]
    preview = _PREVIEW.match(label)
    if preview:
        slug = preview.group(2)
        return Site(slug, "dpl_" + preview.group(1)) if _is_slug(slug) else None
    parts = label.split("--")
    return Site(label) if len(parts) <= 2 and all(map(_is_slug, parts)) else None


def _is_slug(text: str) -> bool:
    """Without `--`, so that no preview or alias can be mistaken for a slug or back."""
    return "--" not in text and _LABEL.match(text) is not None
