"""Asking an embedded cloud: over HTTP, as a program does, and until it is as one expects."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from tests.e2e.cloud import Cloud

ENDS = {"ready", "failed", "cancelled", "superseded"}

PATIENCE = 240.0
"""Seconds that a deployment may take here: builds download packages on a computer that is busy."""

Json = dict[str, Any]


def until(look: Callable[[], Any], seconds: float = 30.0, pause: float = 0.1) -> Any:
    """What `look` answers as soon as it is true; AssertionError when that takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{getattr(look, '__name__', look)} is not true after {seconds} s")
        time.sleep(pause)


@dataclass(frozen=True)
class Answer:
    """What a server answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


def ask(
    port: int,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """One HTTP request to a port of this computer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        got = connection.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
    finally:
        connection.close()


@dataclass
class Api:
    """The API as a program calls it."""

    cloud: Cloud
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """One call, whatever comes of it."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body).encode()
        return ask(self.cloud.port, method, f"/v1{path}", headers, content)

    def get(self, path: str) -> Json:
        return self._good(self.ask("GET", path), path)

    def post(self, path: str, body: Any = None) -> Json:
        return self._good(self.ask("POST", path, body or {}), path)

    def items(self, path: str) -> list[Json]:
        """Every item of a list, page by page."""
        found, cursor = [], ""
        while True:
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
            found += page["items"]
            if not page["next"]:
                return found
            cursor = f"&cursor={quote(page['next'])}"

    def lines(self, deployment: str, after: int = 0) -> list[Json]:
        """All log lines there are."""
        found: list[Json] = []
        while True:
            page = self.get(f"/deployments/{deployment}/logs?after={after}&limit=1000")
            if not page["lines"]:
                return found
            found += page["lines"]
            after = page["next"]

    def deployment(self, identifier: str) -> Json:
        return self.get(f"/deployments/{identifier}")

    def finished(self, identifier: str, seconds: float = PATIENCE) -> Json:
        """The deployment when it has ended, in whatever state."""

        def ended() -> Json | None:
            with contextlib.suppress(OSError, HTTPException):
                found = self.deployment(identifier)
                return found if found["state"] in ENDS else None
            return None

        return dict(until(ended, seconds, 0.2))

    def ready(self, identifier: str, seconds: float = PATIENCE) -> Json:
        """The deployment when it is ready; otherwise AssertionError with its log."""
        found = self.finished(identifier, seconds)
        if found["state"] != "ready":
            log = "\n".join(line["text"] for line in self.lines(identifier)[-40:])
            raise AssertionError(f"{found['state']}: {found['error']}\n{log}")
        return found

    def of_commit(self, project: str, commit: str, seconds: float = 60.0) -> Json:
        """The newest deployment of a commit, once the push has arrived."""

        def arrived() -> Json | None:
            listed = self.get(f"/projects/{project}/deployments?limit=20")["items"]
            return next((d for d in listed if d["commit"] == commit), None)

        return dict(until(arrived, seconds))

    @staticmethod
    def _good(answer: Answer, path: str) -> Json:
        assert answer.status < 300, f"{path}: {answer.status} {answer.text}"
        found: Json = answer.json
        return found
