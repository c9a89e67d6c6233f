"""The console's pages, with the addresses of this machine in `config.json`.

The files are what `npm run build` left in `console/dist`. An address without a file's name is the
one page, whose script looks at the address itself: what CloudFront does for it on AWS.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from urllib.parse import quote

from adapters.http import Receive, Scope, Send, respond
from adapters.local.edge.encode import CODINGS, compress
from chalicelib.core.config import settings

PAGES = Path(__file__).parents[3] / "console" / "dist"
FIRST = "landing.html"
"""What `/` shows: a page of its own, which needs no script to be read."""
PAGES_ONLY = "/projects/"
"""Below it are no files: what looks like one there is the name of a domain."""
FOREVER = "public, max-age=31536000, immutable"
"""For files whose name says what is in them."""
LONGEST = 4096
"""Characters of an address; no page has so many."""
_OWN = re.compile(r"(?!.*/\.\.?(/|$))/[^\0\\]*", re.DOTALL)
"""No way around by `..`: a file has one address, and its caching goes by that."""
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".webp": "image/webp",
    ".txt": "text/plain; charset=utf-8",
}
_PACKED = {".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".txt"}


class Console:
    """Every file below `console/dist` at its own address, the page at every other."""

    def __init__(self, pages: Path = PAGES) -> None:
        now = settings()
        self._pages = pages.resolve()
        self._config = json.dumps({"api": now.api_url, "live": now.live_url}).encode()
        self._kept: dict[tuple[Path, str], tuple[float, bytes]] = {}
        self._policy = policy(
            " ".join((now.api_url, now.live_url, now.store_url)),
            now.sites_url.format(host=f"*.{now.sites_domain}", label="*"),
        )

    def has(self, path: str) -> bool:
        """Whether a page or a file is at this address; an absent file stays absent."""
        return path == "/config.json" or self._file(path) is not None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer GET and HEAD of an address for which `has` is true."""
        path = scope["path"]
        if self._folder(path) is not None and not path.endswith("/"):
            there = {"Location": f"/{quote(path.strip('/'))}/", "Cache-Control": "no-cache"}
            await respond(send, {"statusCode": 308, "headers": there, "body": ""})
            return
        headers = {
            "Content-Security-Policy": self._policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding",
        }
        file = self._file(path)
        if file and file.is_relative_to(self._pages / "assets"):
            headers["Cache-Control"] = FOREVER
        suffix = file.suffix if file else ".json"
        body = file.read_bytes() if file else self._config
        coding = _coding(dict(scope["headers"]).get(b"accept-encoding", b""))
        if file and suffix in _PACKED and coding:
            headers["Content-Encoding"] = coding
            body = await self._packed(file, body, coding)
        headers["Content-Type"] = _TYPES[suffix]
        answer = {"statusCode": 200, "headers": headers, "body": body}
        await respond(send, answer, head=scope["method"] == "HEAD")

    def _file(self, path: str) -> Path | None:
        """The file that answers an address, if any does."""
        if len(path) > LONGEST or not _OWN.fullmatch(path):
            return None
        last = path.rsplit("/", 1)[-1]
        if "." not in last or path.startswith(PAGES_ONLY):
            page = self._folder(path) or self._pages / ("index.html" if path != "/" else FIRST)
            return page if page.is_file() else None
        file = self._pages / path.lstrip("/")
        return file if file.suffix in _TYPES and self._inside(file) else None

    def _folder(self, path: str) -> Path | None:
        """The page of a folder, whose links are relative to it."""
        page = self._pages / path.strip("/") / "index.html"
        return page if "\0" not in path and path.strip("/") and self._inside(page) else None

    def _inside(self, file: Path) -> bool:
        try:
            return file.resolve().is_relative_to(self._pages) and file.is_file()
        except OSError:  # a name that is longer than any file's
            return False

    async def _packed(self, file: Path, body: bytes, coding: str) -> bytes:
        """Packed once for every version of a file, without holding up other answers."""
        changed = file.stat().st_mtime
        kept = self._kept.get((file, coding))
        if kept is None or kept[0] != changed:
            packed = await asyncio.to_thread(compress, body, coding)
            kept = self._kept[file, coding] = (changed, packed)
        return kept[1]


def _coding(accepted: bytes) -> str:
    """The best form that a browser takes, or none."""
    offered = {one.partition(b";")[0].strip() for one in accepted.split(b",")}
    return next((coding for coding in CODINGS if coding.encode() in offered), "")


def policy(reach: str, sites: str) -> str:
    """The content security policy, as `cdk/console_stack.py` has it for an installation on AWS.

    `reach` names whom scripts may ask besides the console's own origin, `sites` the hosts whose
    pages it shows small, in frames that can do nothing.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data: https:; manifest-src 'self'; worker-src 'self'; "
        f"connect-src 'self' {reach}; frame-src {sites}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
