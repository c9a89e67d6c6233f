"""Git smart HTTP: a hardened bridge to `git http-backend` (CGI), streaming both ways.

Only the two services of the smart protocol are reachable; which repository, and whether at all,
decides the product from the key in the Basic password.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import importlib
import json
import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from adapters.http import Receive, Scope, Send, respond
from chalicelib.core.config import settings
from chalicelib.core.errors import Invalid, NotFound, Problem, Unauthenticated, Unavailable

HOOKS = Path(__file__).resolve().parents[1] / "hooks"
MAX_PACK_BYTES = 512 * 1024 * 1024
AT_ONCE = 16
SECONDS = 900
CHUNK = 64 * 1024

_PATH = re.compile(
    r"/git/(?P<slug>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.git/"
    r"(?P<call>info/refs|git-upload-pack|git-receive-pack)"
)
_SERVICES = ("git-upload-pack", "git-receive-pack")

log = logging.getLogger("clouddeck.git")

OpenRepository = Callable[[str, str, bool, str], Any]
"""(token, slug, write, address) -> access with project_id, path, pusher, production_branch,
refused and flow; raises Problem."""


@dataclass(frozen=True)
class GitCall:
    """One request of the smart protocol."""

    method: str
    slug: str
    call: str
    service: str
    query: str

    @property
    def writes(self) -> bool:
        """Whether it belongs to a push."""
        return self.service == "git-receive-pack"


def open_repository(token: str, slug: str, write: bool, address: str) -> Any:
    """Ask the product."""
    actions = importlib.import_module("chalicelib.git.actions")
    return actions.open_repository(token, slug, write, address)


class GitBridge:
    """ASGI application under `/git/`."""

    def __init__(self, access: OpenRepository = open_repository) -> None:
        self._open = access
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of a git client."""
        try:
            call = parse(scope)
            token = token_of(scope)
            client = scope.get("client")
            address = client[0] if client else ""
            access = await asyncio.to_thread(self._open, token, call.slug, call.writes, address)
            async with self._slots, asyncio.timeout(SECONDS):
                await _Backend(call, access, scope).run(receive, send)
        except Problem as problem:
            await respond(send, plain(problem))
        except TimeoutError:
            log.warning("git took longer than %d s", SECONDS)
        except Exception:
            log.exception("the git bridge failed")
            await respond(send, plain(Problem("internal", "CloudDeck failed; it was logged.")))


def parse(scope: Scope) -> GitCall:
    """The call in a request; raises Problem for everything that is not smart git."""
    found = _PATH.fullmatch(scope["path"])
    if found is None:
        raise NotFound("repository_not_found", "There is no such repository.")
    query = scope["query_string"].decode("latin-1")
    if found["call"] == "info/refs":
        service = (parse_qs(query).get("service") or [""])[0]
        method = "GET"
    else:
        service, method = found["call"], "POST"
    if service not in _SERVICES:
        raise Problem(
            "git_too_old", "Only the smart protocol is served.", hint="Update git.", status=403
        )
    if scope["method"] != method:
        raise Problem("method_not_allowed", f"Use {method}.", status=405, headers={"Allow": method})
    query = f"service={service}" if method == "GET" else ""
    return GitCall(method, found["slug"], found["call"], service, query)


def token_of(scope: Scope) -> str:
    """The key or access token of a request; raises Unauthenticated without one."""
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    scheme, _, value = given.partition(" ")
    token = ""
    if scheme.lower() == "bearer":
        token = value.strip()
    elif scheme.lower() == "basic":
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            name, _, password = base64.b64decode(value).decode().partition(":")
            token = password or name
    if not token:
        raise Unauthenticated(
            "not_signed_in",
            "Sign in to use this repository.",
            hint="The password is an access token or an API key; `deck init` sets git up for it.",
        )
    return token


def plain(problem: Problem) -> dict[str, Any]:
    """A problem as the plain text that git prints after `remote:`."""
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    headers |= problem.headers
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="CloudDeck", charset="UTF-8"'
    text = f"CloudDeck: {problem.detail}" + (f"\n{problem.hint}" if problem.hint else "")
    return {"statusCode": problem.status, "headers": headers, "body": text + "\n"}


def git_config(path: Path) -> dict[str, str]:
    """Settings of every git process here, as environment: no file of the machine is read."""
    pairs = {
        "core.hooksPath": str(HOOKS),
        "safe.directory": str(path),
        "http.receivepack": "true",
        "http.uploadpack": "true",
        "http.getanyfile": "false",
        "protocol.allow": "never",
        "receive.fsckObjects": "true",
        "receive.maxInputSize": str(MAX_PACK_BYTES),
        "receive.denyNonFastForwards": "false",
        "receive.denyDeletes": "false",
        "receive.denyDeleteCurrent": "ignore",
        "receive.advertisePushOptions": "false",
        "receive.autogc": "true",
        "gc.autoDetach": "false",
        "gc.pruneExpire": "never",
        "uploadpack.allowFilter": "true",
        "core.fsync": "all",
        "core.bigFileThreshold": "16m",
        "pack.threads": "1",
    }
    environment = {"GIT_CONFIG_COUNT": str(len(pairs)), "GIT_CONFIG_NOSYSTEM": "1"}
    environment["GIT_CONFIG_GLOBAL"] = os.devnull
    for index, (key, value) in enumerate(pairs.items()):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value
    return environment


def cgi_environment(call: GitCall, access: Any, scope: Scope) -> dict[str, str]:
    """The environment of `git http-backend`, and of the hooks it starts."""
    path = Path(access.path)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    given = {
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": headers.get("content-length", ""),
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
    }
    client = scope.get("client")
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(path),
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROJECT_ROOT": str(path.parent),
        "PATH_INFO": f"/{path.name}/{call.call}",
        "REQUEST_METHOD": call.method,
        "QUERY_STRING": call.query,
        "REMOTE_USER": str(access.pusher),
        "REMOTE_ADDR": client[0] if client else "",
        "CLOUDDECK_API": settings().connections_url,
        "CLOUDDECK_LOCAL_SECRET": settings().local_secret,
        "CLOUDDECK_PROJECT": str(access.project_id),
        "CLOUDDECK_PUSHER": str(access.pusher),
        "CLOUDDECK_PYTHON": sys.executable,
        "CLOUDDECK_PRODUCTION_BRANCH": str(access.production_branch),
        "CLOUDDECK_REFUSED": json.dumps(dict(access.refused)) if access.refused else "",
        "CLOUDDECK_FLOW": json.dumps(dict(access.flow)),
        **git_config(path),
        **{name: value for name, value in given.items() if value},
    }


class _Backend:
    """One run of `git http-backend`."""

    def __init__(self, call: GitCall, access: Any, scope: Scope) -> None:
        self._environment = cgi_environment(call, access, scope)
        self._began = False
        self._complete = False

    async def run(self, receive: Receive, send: Send) -> None:
        """Pump the request in and the answer out; nothing of it outlives this call."""
        process = await asyncio.create_subprocess_exec(
            *("git", "http-backend"),
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None,
            limit=CHUNK,
            start_new_session=True,
        )
        feeding = asyncio.create_task(self._feed(receive, process))
        try:
            await self._answer(process, send)
            await process.wait()
        finally:
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await feeding
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    async def _feed(self, receive: Receive, process: asyncio.subprocess.Process) -> None:
        """The request body into git; a client that leaves before it is whole ends git."""
        assert process.stdin is not None
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                return
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                process.stdin.write(message.get("body", b""))
                await process.stdin.drain()
            more = message.get("more_body", False)
        with contextlib.suppress(OSError):
            process.stdin.close()

    async def _answer(self, process: asyncio.subprocess.Process, send: Send) -> None:
        assert process.stdout is not None
        try:
            head = await process.stdout.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            raise Unavailable("git_failed", "git ended without an answer.") from None
        except asyncio.LimitOverrunError:
            raise Invalid("git_failed", "git answered with too long a header.") from None
        status, headers = cgi_head(head)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        while chunk := await process.stdout.read(CHUNK):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def cgi_head(head: bytes) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Status and headers of a CGI answer."""
    status = 200
    headers = []
    for line in head.strip().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"status":
            status = int(value.split()[0])
        else:
            headers.append((name.lower().strip(), value.strip()))
    return status, headers
