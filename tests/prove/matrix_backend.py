"""A backend that says too much, and a server inside that nobody from outside may reach."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

VARIES = ("Accept", "Accept-Language", "User-Agent", "Referer")
"""What this backend owns up to. Of everything else that it repeats it says nothing."""


class Backend:
    """Answers with every header and the address that it was asked for, and lets all of it be kept.

    It counts its visitors: as a decoy it shall have none.
    """

    def __init__(self) -> None:
        self.hits = 0
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                backend.hits += 1
                said = [f"{name}: {value}" for name, value in self.headers.items()]
                body = "\n".join([self.path, *said]).encode()
                self.send_response(200)
                self.send_header("Cache-Control", "public, max-age=600, s-maxage=600")
                self.send_header("Vary", ", ".join(VARIES))
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_HEAD = do_POST = _answer  # noqa: N815 - names of the base class

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
