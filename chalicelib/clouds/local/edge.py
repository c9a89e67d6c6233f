"""The edge port on a laptop: routes are files, and the edge server is poked to read them."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.core.ids import is_id
from chalicelib.edge.rules.hosts import parse_host
from chalicelib.edge.rules.routes import replaces, said

if TYPE_CHECKING:
    from chalicelib.ports import SiteRoute, SmokeAnswer

_POKE_SECONDS = 1.0
_ASK_SECONDS = 10.0


class LocalEdge:
    """Writes routes where the edge process of this machine reads them."""

    def __init__(self, home: Path, port: int, secret: str) -> None:
        self._folder = home / "edge" / "routes"
        self._lock = home / "edge" / "routes.lock"
        self._port = port
        self._secret = secret

    def put(self, route: SiteRoute) -> None:
        """Publish a route unless a newer generation is there; the edge is told at once."""
        target = self._target(route.slug)
        with self._locked():
            current = _read(target)
            if current is not None and not replaces(route, current):
                return
            _write(target, _encode(route))
        self._poke()

    def revoke(self, route: SiteRoute, deployment: str) -> None:  # noqa: ARG002 - the port's signature
        """Publish a route: here it is in force everywhere before this returns."""
        self.put(route)

    def forget(self, deployments: list[str], occasion: str = "") -> None:  # noqa: ARG002 - the port's signature
        """Take the edge's own copies away: from its disk here, from its memory by a poke."""
        for deployment in deployments:
            if not is_id(deployment, "dpl"):
                raise ValueError(f"not a deployment: {deployment!r}")
            name = f"{deployment}.json"
            (self._folder.parent / "cache" / "manifests" / name).unlink(missing_ok=True)
        self._poke("forget")

    def purge(self, site: str, tags: list[str], paths: list[str], *, everything: bool) -> None:
        """Have the edge forget; one that does not run has nothing in memory."""
        wish = {"site": site, "tags": tags, "paths": paths, "everything": everything}
        self._poke("purge", json.dumps(wish).encode())

    def guard_refusal(self, _guard: Mapping[str, Any]) -> str:
        """Nothing: the edge process goes by the same rules that the guard was checked with."""
        return ""

    def ask(self, host: str, path: str) -> SmokeAnswer:
        """Request a page the way a visitor would; raises OSError when the edge is out of reach."""
        from chalicelib.ports import SmokeAnswer

        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ASK_SECONDS)
        try:
            connection.request("GET", path, headers={"Host": host, "Accept": "text/html,*/*"})
            response = connection.getresponse()
            deployment = response.getheader("X-CloudDeck-Deployment") or ""
            status = response.status
        except http.client.HTTPException as error:
            raise OSError(f"the edge gave no HTTP answer: {error!r}") from error
        finally:
            connection.close()
        return SmokeAnswer(status, deployment, round((time.monotonic() - started) * 1000))

    def _target(self, slug: str) -> Path:
        """The route file of a slug; a slug is one host label and so cannot leave the folder."""
        site = parse_host(f"{slug}.localhost", "localhost")
        if site is None or site.slug != slug or site.deployment is not None:
            raise ValueError(f"not a site name: {slug!r}")
        return self._folder / f"{slug}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, over all processes; the kernel frees the lock of a dead one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _poke(self, what: str = "reload", body: bytes = b"") -> None:
        """Ask the edge to look now. One that does not run has nothing in memory, and one that
        runs looks for routes every second anyway, so failure is fine.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_POKE_SECONDS)
        with suppress(OSError, http.client.HTTPException):
            connection.request(
                "POST",
                f"/_clouddeck/{what}",
                body,
                headers={"Host": "127.0.0.1", "X-CloudDeck-Secret": self._secret},
            )
            connection.getresponse().read()
        connection.close()


def _encode(route: SiteRoute) -> bytes:
    """The route file as the edge reads it."""
    document = {
        "version": 1,
        "site": route.site,
        "team": route.team,
        "slug": route.slug,
        "production": route.production,
        "generation": route.generation,
        "gone": route.gone,
        "canary": route.canary,
        "weight": route.weight,
        "skew_seconds": route.skew_seconds,
        "revision": route.revision,
        **said(route),
    }
    return json.dumps(document, separators=(",", ":")).encode()


@dataclass(frozen=True)
class _Placed:
    """The part of a route on disk that decides what may replace it."""

    site: str
    generation: int
    revision: int


def _read(target: Path) -> _Placed | None:
    """The route on disk; None when there is no readable one (a new one may heal it)."""
    try:
        document: Any = json.loads(target.read_bytes())
        revision = int(document.get("revision", 0))
        return _Placed(str(document["site"]), int(document["generation"]), revision)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _write(target: Path, body: bytes) -> None:
    """Replace a file so that a reader, or a crash, sees the old or the new one, whole."""
    # Not *.json, so that the edge never takes a half-written file for a route.
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        with temporary.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
