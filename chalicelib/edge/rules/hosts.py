"""Which site a Host header names."""

import re
from dataclasses import dataclass

_PORT = re.compile(r":[0-9]{1,5}\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_PREVIEW = re.compile(r"([0-7][0-9a-hjkmnp-tv-z]{25})--(.+)\Z")


@dataclass(frozen=True, slots=True)
class Site:
    """A site's slug and, on a preview host, the deployment the host is bound to for ever."""

    slug: str
    deployment: str | None = None


def normalise_host(raw: str) -> str | None:
    """Lower-case, without port and one trailing dot; None when it cannot be a host name."""
    if not raw or len(raw) > 260 or not raw.isascii():
        return None
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
    if "." in label:
        return None
    preview = _PREVIEW.match(label)
    if preview:
        return _site(preview.group(2), "dpl_" + preview.group(1))
    return _site(label, None)


def _site(slug: str, deployment: str | None) -> Site | None:
    """Slugs never contain `--`, so a preview label cannot be mistaken for a slug or back."""
    if "--" in slug or not _LABEL.match(slug):
        return None
    return Site(slug, deployment)
