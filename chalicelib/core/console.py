"""Where this installation's console is: links in mails lead there, and passkeys belong to its host.

A setting says it where the address is known before anything runs. On AWS CloudFront makes it up
while the stacks are deployed, after the API; there the installer tells it, and it is a row.
"""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core.config import settings
from chalicelib.core.table import CoreRow, find

_KEY = ("INSTALLATION", "CONSOLE")
_known: list[str] = []


class ConsoleRow(CoreRow):
    """The console's address: `INSTALLATION` / `CONSOLE`."""

    url = UnicodeAttribute()


def console_url() -> str:
    """The address without a slash at its end; empty when there is no console.

    Read once in the life of a process, as soon as there is one.
    """
    told = settings().console_url
    if told:
        return told
    if not _known:
        row = find(ConsoleRow, *_KEY)
        if row is not None:
            _known.append(row.url)
    return _known[0] if _known else ""


def tell(url: str) -> None:
    """Keep the address for all processes of the installation."""
    ConsoleRow(*_KEY, url=url.rstrip("/")).save()
    _known.clear()
