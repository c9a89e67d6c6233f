"""What stands before the emulator: a proxy, which also is the CodeBuild that the emulator lacks.

As a proxy it leads every host to the emulator: the KeyValueStore has a host name per account,
which no resolver here knows. What goes to CodeBuild is handed on as it was signed, so that IAM
decides; the emulator takes builds but carries none out and forgets their environment, so from what
it allowed we learn what to do, and what came of it is written into its answers.
"""

from __future__ import annotations

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

Json = dict[str, Any]
_HOP = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length"}


class Builds(Protocol):
    """Who carries builds out."""

    def started(self, build: Json, request: Json) -> None:
        """A build was allowed."""

    def stopped(self, build: str) -> None:
        """The end of a build was allowed."""

    def known(self, build: Json) -> Json:
        """A build as it stands."""


class Front:
    """Listens on a free port; `ministack` is set when the emulator's port is known."""

    def __init__(self, ministack: int, builds: Builds) -> None:
        self.calls: list[str] = []
        self.refused: list[str] = []
        self._port = ministack
        self._builds = builds
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, answer = outer.ask(
                    self.command, self.path, dict(self.headers.items()), body
                )
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.answer)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def ask(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """The emulator's answer, with what is known of builds in it."""
        where = urlsplit(target)
        path = f"{where.path}?{where.query}" if where.query else where.path
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            sent = {name: value for name, value in headers.items() if name.lower() not in _HOP}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        kept = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOP]
        operation = headers.get("X-Amz-Target", "")
        if operation.startswith("CodeBuild_"):
            name = operation.rpartition(".")[2]
            self.calls.append(name)
            if response.status == 200:
                answer = self._told(name, json.loads(body), json.loads(answer))
            else:
                self.refused.append(answer.decode())
        return response.status, kept, answer

    def _told(self, operation: str, request: Json, answer: Json) -> bytes:
        if operation == "StartBuild":
            self._builds.started(answer["build"], request)
            answer["build"] = self._builds.known(answer["build"])
        elif operation == "StopBuild":
            self._builds.stopped(request["id"])
            answer["build"] = self._builds.known(answer["build"])
        elif operation == "BatchGetBuilds":
            answer["builds"] = [self._builds.known(build) for build in answer["builds"]]
        return json.dumps(answer).encode()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
