"""What the request function tells the response function: headers that ride along with the request.

Every value is short ASCII of a closed kind, so nothing that a repository names can break out of a
header. Whatever a visitor sent under these names is dropped before they are written. The bucket
sees them, and so does another server that a request is passed on to: they hold no secret.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass

from functions.edge.origin.answer import Headers, first, headers

PREFIX = "x-clouddeck-"
MOST_CUSTOM = 5_000
"""Bytes that the headers of a site's rules may take, packed; S3 reads 8 KB of headers in all."""
_MOST_UNPACKED = 256 * 1024

Custom = tuple[tuple[str, str], ...]
"""Headers that a site's rules set on an answer; an empty value takes one away."""


class TooLongError(ValueError):
    """The headers of a site's rules do not fit."""


@dataclass(frozen=True, slots=True)
class Notes:
    """How a blob is to be answered: `status` is 200 or that of a page for something else."""

    deployment: str
    site: str
    media_type: str
    caching: str
    status: int
    size: int
    preview: bool
    tags: str = ""
    custom: Custom = ()

    def written(self) -> Headers:
        """As request headers; raises TooLongError."""
        return headers(
            {
                "X-CloudDeck-Deployment": self.deployment,
                "X-CloudDeck-Site": self.site,
                "X-CloudDeck-Type": self.media_type,
                "X-CloudDeck-Caching": self.caching,
                "X-CloudDeck-Status": str(self.status),
                "X-CloudDeck-Size": str(self.size),
                "X-CloudDeck-Preview": "1" if self.preview else "0",
                **({"X-CloudDeck-Tags": self.tags} if self.tags else {}),
                **({"X-CloudDeck-Custom": packed(self.custom)} if self.custom else {}),
            }
        )


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that another server answers. `plain`: its answer may be kept for others, when the
    server says so; `stale_seconds` is how long it may be shown while the server does not answer.
    """

    deployment: str
    site: str
    preview: bool
    tags: str
    plain: bool
    stale_seconds: int = 0
    custom: Custom = ()

    def written(self) -> Headers:
        """As request headers; raises TooLongError."""
        return headers(
            {
                "X-CloudDeck-Passed": f"{int(self.plain)},{self.stale_seconds}",
                "X-CloudDeck-Deployment": self.deployment,
                "X-CloudDeck-Site": self.site,
                "X-CloudDeck-Preview": "1" if self.preview else "0",
                "X-CloudDeck-Tags": self.tags,
                **({"X-CloudDeck-Custom": packed(self.custom)} if self.custom else {}),
            }
        )


def drop(of: Headers) -> None:
    """Forget what a visitor may have sent under our names."""
    for name in [name for name in of if name.startswith(PREFIX)]:
        del of[name]


def read(of: Headers) -> Notes | Passed | None:
    """The notes among request headers; None when there are none."""
    deployment, site = first(of, PREFIX + "deployment"), first(of, PREFIX + "site")
    preview = first(of, PREFIX + "preview") == "1"
    said, custom = first(of, PREFIX + "tags"), unpacked(first(of, PREFIX + "custom"))
    if passed := first(of, PREFIX + "passed"):
        plain, _, stale = passed.partition(",")
        return Passed(deployment, site, preview, said, plain == "1", int(stale), custom)
    if PREFIX + "status" not in of:
        return None
    return Notes(
        deployment=deployment,
        site=site,
        media_type=first(of, PREFIX + "type"),
        caching=first(of, PREFIX + "caching"),
        status=int(first(of, PREFIX + "status")),
        size=int(first(of, PREFIX + "size")),
        preview=preview,
        tags=said,
        custom=custom,
    )


def packed(custom: Custom) -> str:
    """Headers as one line of ASCII; raises TooLongError."""
    told = json.dumps(custom, separators=(",", ":")).encode()
    text = base64.b64encode(zlib.compress(told, 9)).decode("ascii")
    if len(text) > MOST_CUSTOM or len(told) > _MOST_UNPACKED:
        raise TooLongError(f"{len(told)} bytes of headers, packed {len(text)}")
    return text


def unpacked(text: str) -> Custom:
    """What `packed` made; nothing of anything else."""
    if not text:
        return ()
    try:
        expand = zlib.decompressobj()
        told = expand.decompress(base64.b64decode(text, validate=True), _MOST_UNPACKED)
        return tuple((str(name), str(value)) for name, value in json.loads(told))
    except (binascii.Error, zlib.error, ValueError, TypeError):
        return ()
