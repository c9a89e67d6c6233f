"""What all fake hosts share: a server, the requests that it saw, and git over HTTP."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.git_hosts.repository import ENVIRONMENT


@dataclass
class Asked:
    """A request. `parts` are the decoded segments of its path."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    parts: list[str] = field(default_factory=list)

    @property
    def data(self) -> Any:
        return json.loads(self.raw) if self.raw else None

    @property
    def bearer(self) -> str:
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        return value if kind.lower() in {"bearer", "token"} else ""

    @property
    def basic(self) -> tuple[str, str]:
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return "", ""
        user, _, password = base64.b64decode(value).decode().partition(":")
        return user, password


@dataclass
class Answer:
    status: int = 200
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class Host:
    """A host whose repositories lie in `root`. Subclasses say who may read, and answer the API."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = ""
        self.asked: list[Asked] = []
        self.down = False
        self.hostile: Callable[[Asked], Answer | None] = lambda _: None

    def may_read(self, asked: Asked, name: str) -> bool:
        raise NotImplementedError

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def repository_of(self, parts: list[str]) -> str | None:
        """The name of the repository that a path of git is about."""
        for at in range(len(parts) - 1, 0, -1):
            name = "/".join(parts[:at])
            if (self.root / f"{name.removesuffix('.git')}.git").is_dir():
                return name.removesuffix(".git")
        return None

    def handle(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.down:
            return Answer(503)
        odd = self.hostile(asked)
        if odd is not None:
            return odd
        if asked.path.endswith(("/info/refs", "/git-upload-pack")):
            return self._git(asked)
        return self.answer(asked)

    def _git(self, asked: Asked) -> Answer:
        name = self.repository_of(asked.parts)
        if name is None:
            return Answer(404)
        if not self.may_read(asked, name):
            return Answer(401, headers={"WWW-Authenticate": "Basic"})
        service = asked.path.rpartition("/")[2]
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": asked.method,
            "PATH_INFO": f"/{name}.git/{'info/refs' if service == 'refs' else service}",
            "QUERY_STRING": "&".join(f"{k}={v}" for k, v in asked.query.items()),
            "CONTENT_TYPE": asked.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(asked.raw)),
            "GIT_PROTOCOL": asked.headers.get("git-protocol", ""),
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "uploadpack.allowFilter",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_CONFIG_KEY_1": "safe.directory",
            "GIT_CONFIG_VALUE_1": "*",
        }
        done = subprocess.run(
            ["git", "http-backend"], input=asked.raw, env=environment, capture_output=True,
            check=False,
        )  # fmt: skip
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        status = int(headers.pop("Status", "200").split(" ")[0])
        return Answer(status, raw=body, headers=headers)


@contextmanager
def served(host: Host) -> Iterator[Host]:
    """The host behind a socket while the block runs; `host.url` says where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = host.handle(
                Asked(
                    self.command,
                    parts.path,
                    {k: v[0] for k, v in parse_qs(parts.query).items()},
                    {k.lower(): v for k, v in self.headers.items()},
                    raw,
                    [unquote(p) for p in parts.path.strip("/").split("/")],
                )
            )
            body = answer.raw if answer.raw is not None else b""
            if answer.data is not None:
                body = json.dumps(answer.data).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.data is not None:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing: tests say what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
