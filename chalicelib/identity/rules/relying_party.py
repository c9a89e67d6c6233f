"""Which site a passkey belongs to (WebAuthn: relying party id and origins)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"[0-9.]+\Z|.*:")


@dataclass(frozen=True)
class RelyingParty:
    """A host name, and the origins of pages that may ask for its passkeys."""

    id: str
    origins: tuple[str, ...]


def relying_party(console_url: str, api_url: str) -> RelyingParty | None:
    """The relying party of an installation: the host of the console, else of the API.

    None where browsers know no passkeys: without TLS (except on `localhost`) or without a name.
    """
    home = urlsplit(console_url or api_url)
    host = home.hostname or ""
    secure = home.scheme == "https" or host == "localhost"
    if not host or not secure or _ADDRESS.match(host):
        return None
    origins = [_origin(url) for url in (console_url, api_url) if url and _within(url, host)]
    return RelyingParty(host, tuple(dict.fromkeys(origins)))


def _within(url: str, host: str) -> bool:
    found = urlsplit(url).hostname or ""
    return found == host or found.endswith(f".{host}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
