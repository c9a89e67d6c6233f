"""Signing in with a browser: out to an address, back to a port of this machine (RFC 8252).

PKCE (RFC 7636) ties the code that comes back to this very process: whoever reads it on the way can
do nothing with it.
"""

from __future__ import annotations

import base64
import os
import queue
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cli.api import Json
from cli.context import Deck
from cli.errors import Failed, SystemProblem, UserError
from cli.output import is_terminal

SECONDS = 5 * 60
_PAGE = (
    '<!doctype html><meta charset="utf-8"><title>CloudDeck</title>'
    '<body style="font:16px system-ui;max-width:28rem;margin:4rem auto"><h1>{title}</h1>'
    "<p>You can close this page and go back to the terminal.</p>"
)
_WORDS = {
    "access_denied": "The sign-in was refused",
    "provider_refused": "The provider did not accept the sign-in",
    "provider_unavailable": "The provider does not answer",
    "state_invalid": "The sign-in took too long",
}


def sign_in(deck: Deck, path: str, body: Json, *, browser: bool, invitation: str = "") -> Json:
    """Begin at `path` of the API, wait for the browser, and give the API's answer to the code.

    `invitation` is the token of a mail, for newcomers. Raises Failed when it was refused, or when
    nobody came back within five minutes.
    """
    verifier = secrets.token_urlsafe(32)

    def begin(address: str) -> str:
        begun = {**body, "return_to": address, "challenge": challenge_of(verifier)}
        return str(deck.api.post(path, begun, signed_in=False)["url"])

    found = travel(deck, begin, "Open this address to sign in:", browser=browser)
    if "error" in found:
        code = found["error"]
        said = _WORDS.get(code, f"The sign-in was not finished ({code})")
        raise Failed(code, said, "Try again, or sign in another way.")
    given = {"code": found.get("code", ""), "verifier": verifier}
    if invitation:
        given["invitation"] = invitation
    return deck.api.post("/auth/exchange", given, signed_in=False)


def travel(deck: Deck, begin: Callable[[str], str], words: str, *, browser: bool) -> dict[str, str]:
    """Send somebody's browser to the address that `begin` gives for a place to come back to, and
    return what it brings there: a `code` or an `error`, and what else came along.

    Raises Failed when nobody came back within five minutes.
    """
    with _listening() as (address, arrived):
        url = begin(address)
        if urlsplit(url).scheme not in ("http", "https"):
            raise UserError("bad_url", f"{url} is not an address", "Ask whoever runs the API.")
        deck.tell({"url": url}, f"{words}\n  {url}")
        if browser:
            _open(url)
        return _wait(arrived)


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _wait(arrived: queue.SimpleQueue[dict[str, str]]) -> dict[str, str]:
    try:
        return arrived.get(timeout=SECONDS)
    except queue.Empty:
        raise Failed(
            "sign_in_timeout",
            "Nobody came back from the browser within five minutes",
            "Run it again; without a browser on this machine use `deck login --device`.",
        ) from None


@contextmanager
def _listening() -> Iterator[tuple[str, queue.SimpleQueue[dict[str, str]]]]:
    """An address of this machine, and what the browser brings there; gone at the end."""
    arrived: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
    # other pages can ask ports of this machine too: only who knows the path is listened to
    path = f"/{secrets.token_urlsafe(16)}"
    try:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(path, arrived))
    except OSError as error:
        raise SystemProblem(
            "no_port",
            f"No port of this machine can be listened to ({error.strerror or error})",
            "Use `deck login --device`.",
        ) from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}", arrived
    finally:
        server.shutdown()
        server.server_close()


def _handler(path: str, arrived: queue.SimpleQueue[dict[str, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path != path or not given.keys() & {"code", "error"}:
                self._answer(404, "Nothing here")
                return
            self._answer(200, "Not signed in" if "error" in given else "Back to the terminal")
            arrived.put(given)

        def _answer(self, status: int, title: str) -> None:
            content = _PAGE.format(title=title).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: the address holds the code."""

    return Handler


def _open(url: str) -> None:
    """Open a browser where there is one, without waiting for it."""
    screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    chosen = os.environ.get("BROWSER")
    if not chosen and not (screen and is_terminal(sys.stderr)):
        return  # a text browser would take the terminal away
    import webbrowser

    def run() -> None:
        with suppress(webbrowser.Error, OSError):
            webbrowser.open(url)

    threading.Thread(target=run, daemon=True).start()
