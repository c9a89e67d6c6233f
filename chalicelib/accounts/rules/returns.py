"""Where a browser may be sent back to after a sign-in elsewhere: nowhere a stranger chooses.

The console, by its origin, or a program on the person's own computer (RFC 8252, section 7.3).
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

_LOOPBACK = ("127.0.0.1", "localhost")
_LONGEST = 500


def check_return_to(url: str, console: str) -> str:
    """The address; raises ValueError with the rule. `console` is the console's, or empty."""
    if len(url) > _LONGEST or "\\" in url or any(not 32 < ord(c) < 127 for c in url):
        raise ValueError("The address to return to is a plain URL of at most 500 characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("The address to return to is no URL.") from None
    if parts.username is not None or parts.password is not None or parts.fragment or "#" in url:
        raise ValueError("The address to return to has no user and no fragment.")
    if parts.scheme == "http" and parts.hostname in _LOOPBACK and port:
        return url
    if console and _origin(url) == _origin(console):
        return url
    raise ValueError(
        "The address to return to belongs to the console of this installation, or is "
        "http://127.0.0.1:<port>/ of your own computer."
    )


def with_answer(url: str, **answer: str) -> str:
    """The address with our answer in its query, in place of anything of these names."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in {"code", "error"}
    ]
    query = urlencode([*kept, *answer.items()])
    return parts._replace(path=parts.path or "/", query=query).geturl()


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default
