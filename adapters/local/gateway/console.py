"""The console's pages, with the addresses of this machine in `config.json`."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.http import Receive, Scope, Send, respond
from chalicelib.core.config import settings

PAGES = Path(__file__).parents[3] / "console"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


class Console:
    """Every file below `console/` at its own address; `/` is the page."""

    def __init__(self, pages: Path = PAGES) -> None:
        now = settings()
        self._files = {
            "/" + path.relative_to(pages).as_posix(): (_TYPES[path.suffix], path.read_text())
            for path in sorted(pages.rglob("*"))
            if path.suffix in _TYPES
        }
        self._files["/"] = self._files["/index.html"]
        known = json.dumps({"api": now.api_url, "live": now.live_url})
        self._files["/config.json"] = (_TYPES[".json"], known)
        reach = " ".join((now.api_url, now.live_url, now.store_url))
        self._policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self' {reach}; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )

    def has(self, path: str) -> bool:
        """Whether there is a file at this address."""
        return path in self._files

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer GET and HEAD of a file that is there."""
        kind, body = self._files[scope["path"]]
        headers = {
            "Content-Type": kind,
            "Content-Security-Policy": self._policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-cache",
        }
        answer = {"statusCode": 200, "headers": headers, "body": body}
        await respond(send, answer, head=scope["method"] == "HEAD")
