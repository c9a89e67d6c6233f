"""A git host elsewhere: git's own `http-backend` behind plain HTTP, for anybody who may read."""

from __future__ import annotations

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self


class GitServer:
    """Serves the bare repositories below a folder; `with GitServer(folder) as server`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        folder = self._folder

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass_on(b"")

            def do_POST(self) -> None:
                self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def _pass_on(self, body: bytes) -> None:
                path, _, query = self.path.partition("?")
                environment = {
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                }
                done = subprocess.run(
                    ["git", "http-backend"],
                    input=body,
                    env=environment,
                    capture_output=True,
                    check=False,
                )
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                lines = [line.split(": ", 1) for line in head.decode().splitlines() if line]
                told = {name.lower(): value for name, value in lines}
                self.send_response(int(told.pop("status", "200").split()[0]))
                for name, value in told.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, name: str) -> str:
        """The address of a repository."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}.git"

    def make(self, name: str, files: dict[str, str]) -> str:
        """A repository with one commit of these files on `main`; returns its address."""
        work = self._folder / f"{name}.work"
        work.mkdir(parents=True)
        bare = self._folder / f"{name}.git"
        self._git(self._folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
        self._git(work, "init", "--quiet", "--initial-branch=main")
        self._git(work, "remote", "add", "origin", str(bare))
        self.push(name, files, "First page")
        return self.url(name)

    def push(self, name: str, files: dict[str, str], message: str) -> None:
        """One more commit."""
        work = self._folder / f"{name}.work"
        for path, text in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        self._git(work, "add", "--all")
        self._git(work, "commit", "--quiet", "--message", message)
        self._git(work, "push", "--quiet", "origin", "main")

    @staticmethod
    def _git(folder: Path, *arguments: str) -> None:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)
