"""An embedded cloud of one's own: start, stop, and a client for its API, its git and its sites."""

import contextlib
import copy
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from adapters.local import control
from adapters.local.settings import PARTS, ROOT, Installation
from tests.prove import machine
from tests.prove.repository import Files, Repository

UP_SECONDS = 150
TERMINAL = ("ready", "failed", "cancelled", "superseded")
EMAIL = "owner@localhost"
KEEP = "PROVE_KEEP"
"""Environment variable that keeps the folder, with data and logs, for whoever wants to look."""


@dataclass(frozen=True)
class Answer:
    """Status and content of an API call; status 0 means that no answer came."""

    status: int
    content: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether the API acknowledged it."""
        return 200 <= self.status < 300


class RefusedError(Exception):
    """The API did not do what a suite cannot go on without."""


class Cloud:
    """Use as a context manager; leaves nothing behind."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="prove-"))
        self.home = self.folder / "home"
        self.port = free_ports()
        # one computer asks as often as a thousand people: requests are counted, but not refused
        self.environment = {"CLOUDDECK_RATE_FACTOR": "1000", **(environment or {})}
        self.abandoned = threading.Event()
        """Set when the suite is interrupted: threads that go on asking shall stop."""
        self._token = ""

    def __enter__(self) -> Self:
        try:
            self.up()
            self._sign_in()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def installation(self) -> Installation:
        """The product's own view of this folder and these ports."""
        return Installation(self.home, self.port)

    def up(self) -> float:
        """Start it, detached; returns the seconds until it said that it is ready."""
        began = time.monotonic()
        self._command("up", "--detach", "--port", str(self.port))
        return time.monotonic() - began

    def down(self) -> None:
        """Stop it the way people do."""
        self._command("down")

    def close(self) -> None:
        """Stop it in any case, then remove the folder."""
        with contextlib.suppress(Exception):
            self.down()
        for _ in range(50):
            survivors = machine.of_home(self.home)
            if not survivors:
                break
            for one in survivors:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGKILL)
            time.sleep(0.1)
        if os.environ.get(KEEP):
            print(f"kept {self.folder}", flush=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def status(self) -> dict[str, Any]:
        """What runs, as `status --json` says it."""
        return control.status(self.installation)

    def healthy(self) -> bool:
        """Whether every program is ready and the API answers."""
        document = self.status()
        rows = document["processes"].values()
        if not document["ready"] or any(row["state"] != "ready" for row in rows):
            return False
        return self.api("GET", "/v1/health", seconds=5).ok

    def wait_healthy(self, seconds: float) -> float | None:
        """Seconds until it is healthy, None when it is not in time."""
        return wait(self.healthy, seconds, 0.1)

    def api(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
        seconds: float = 30,
    ) -> Answer:
        """One API call."""
        sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        given |= {"Content-Type": "application/json"} if sent is not None else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, sent, given | (headers or {}))
            answer = connection.getresponse()
            content = answer.read()
            return Answer(answer.status, json.loads(content) if content.strip() else {})
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(0, {})
        finally:
            connection.close()

    def text(self, method: str, path: str, body: object = None) -> bytes:
        """Head and body of an answer as they came; empty when none did."""
        sent = None if body is None else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            kind = {"Content-Type": "application/json"} if sent is not None else {}
            connection.request(method, path, sent, given | kind)
            answer = connection.getresponse()
            return str(answer.headers).encode() + answer.read()
        except (OSError, http.client.HTTPException):
            return b""
        finally:
            connection.close()

    def login(self) -> dict[str, str]:
        """E-mail and password of the owner."""
        kept = json.loads((self.home / "keys" / "owner.json").read_text())
        return {"email": EMAIL, "password": kept["password"]}

    def session(self) -> str:
        """An access token of a new session of the owner."""
        return str(self.must("POST", "/v1/auth/login", self.login())["access_token"])

    @contextlib.contextmanager
    def as_bearer(self, token: str) -> Iterator[None]:
        """Ask with another token for a while; without any when it is empty."""
        before, self._token = self._token, token
        try:
            yield
        finally:
            self._token = before

    def asked_by(self, token: str) -> Self:
        """The same cloud for somebody else, who may ask at the same time."""
        other = copy.copy(self)
        other._token = token
        return other

    def must(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """A call that has to succeed within a minute, whatever dies meanwhile."""
        until = time.monotonic() + 60
        while True:
            if self.abandoned.is_set():
                raise RefusedError("the suite was interrupted")
            answer = self.api(method, path, body)
            if answer.ok:
                return answer.content
            late = time.monotonic() > until
            if late or (400 <= answer.status < 500 and answer.status != 429):
                raise RefusedError(f"{method} {path}: {answer.status} {json.dumps(answer.content)}")
            time.sleep(0.3)

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a list."""
        cursor: str | None = ""
        mark = "&" if "?" in path else "?"
        while cursor is not None:
            more = f"&cursor={quote(cursor)}" if cursor else ""
            page = self.must("GET", f"{path}{mark}limit=100{more}")
            yield from page["items"]
            cursor = page.get("next")

    def project(self, slug: str) -> dict[str, Any]:
        """A new project."""
        return self.must("POST", "/v1/projects", {"name": slug, "slug": slug})

    def repository(self, slug: str) -> Repository:
        """A repository that pushes to a project."""
        remote = f"http://x:{self._token}@localhost:{self.port}/git/{slug}.git"
        return Repository(self.folder / "repositories" / slug, remote)

    def deployments(self, slug: str) -> list[dict[str, Any]]:
        """Every deployment of a project, newest first."""
        return list(self.pages(f"/v1/projects/{slug}/deployments"))

    def settled(self, deployment: str, seconds: float) -> dict[str, Any]:
        """A deployment once it is over, or as it is when time is up."""
        until = time.monotonic() + seconds
        while True:
            found = self.must("GET", f"/v1/deployments/{deployment}")
            if found["state"] in TERMINAL or time.monotonic() > until:
                return found
            time.sleep(0.25)

    def published(self, repository: Repository, slug: str, files: Files) -> str:
        """Push a commit with exactly these files; its deployment, once it is ready."""
        commit = repository.commit(files)
        pushed = repository.push(commit)
        if not pushed.ok:
            raise RefusedError(pushed.said)

        def made() -> list[str]:
            return [one["id"] for one in self.deployments(slug) if one["commit"] == commit]

        if wait(made, 60, 0.2) is None:
            raise RefusedError(f"the push of {commit} came to nothing")
        settled = self.settled(made()[0], 180)
        if settled["state"] != "ready":
            raise RefusedError(f"{settled['id']} is {settled['state']}: {settled['error']}")
        return str(settled["id"])

    def log_lines(self, deployment: str) -> Iterator[str]:
        """Every line of a deployment's log."""
        after = 0
        while True:
            page = self.must("GET", f"/v1/deployments/{deployment}/logs?after={after}&limit=1000")
            if not page["lines"]:
                return
            for line in page["lines"]:
                yield line["text"]
            after = page["lines"][-1]["n"]

    def visit(self, host: str, path: str = "/", seconds: float = 5) -> tuple[int, str, bytes]:
        """Status, deployment and body that the edge answers a visitor with; status 0 for none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port + 1, timeout=seconds)
        try:
            connection.request("GET", path, headers={"Host": f"{host}.localhost"})
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, answer.getheader("X-CloudDeck-Deployment", ""), body
        except (OSError, http.client.HTTPException):
            return 0, "", b""
        finally:
            connection.close()

    def table(self, operation: str, **request: Any) -> dict[str, Any]:
        """One call of DynamoDB, past the product."""
        import boto3

        keys = self.installation.credentials()
        client = boto3.client(
            "dynamodb",
            region_name="us-east-1",
            endpoint_url=f"http://127.0.0.1:{self.port + PARTS.index('dynoxide')}",
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )
        return dict(getattr(client, operation)(**request))

    def _sign_in(self) -> None:
        self._command("owner", "--email", EMAIL)
        self._token = self.session()
        self._token = self.must("POST", "/v1/keys", {"name": "prove"})["secret"]

    def _command(self, *arguments: str) -> None:
        environment = {**os.environ, **self.environment}
        for name in ("CLOUDDECK_HOME", "CLOUDDECK_PORT"):
            environment.pop(name, None)
        done = subprocess.run(
            [sys.executable, "-m", "adapters.local", *arguments, "--home", str(self.home)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=UP_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[0]}: {done.stdout}{done.stderr}".strip())


def free_ports() -> int:
    """First of enough free ports in a row, below those that the system gives to clients."""
    for _ in range(200):
        first = random.SystemRandom().randrange(12_000, 31_000, len(PARTS))
        if all(_free(first + index) for index in range(len(PARTS))):
            return first
    raise RuntimeError("no free ports")


def _free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def wait(condition: Callable[[], object], seconds: float, pause: float) -> float | None:
    """Seconds until a condition holds, None when it does not in time."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(pause)
    return time.monotonic() - began
