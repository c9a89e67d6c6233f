"""Further edges beside the cloud's own, which hear of every route late."""

from __future__ import annotations

import heapq
import http.client
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from adapters.local.settings import ROOT
from tests.prove.cloud import Cloud, free_ports, wait

LOOK_SECONDS = 0.02


class LateEdge:
    """An edge with a home of its own; it serves from the cloud's store."""

    def __init__(
        self, cloud: Cloud, number: int, environment: dict[str, str] | None = None
    ) -> None:
        self.home = cloud.folder / f"edge-{number}"
        self.port = free_ports()
        self.routes = self.home / "edge" / "routes"
        self.routes.mkdir(parents=True)
        (self.home / "logs").mkdir()
        product = cloud.installation.product_environment()
        own = {"CLOUDDECK_HOME": str(self.home), "CLOUDDECK_EDGE_PORT": str(self.port)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "adapters.local.edge"],
            cwd=ROOT,
            env={**cloud.installation.base_environment(), **product, **own, **(environment or {})},
            stdout=(self.home / "logs" / "out").open("wb"),
            stderr=subprocess.STDOUT,
        )
        if wait(self._answers, 30, 0.1) is None:
            self.stop()
            raise RuntimeError("an edge did not start")

    def take(self, name: str, body: bytes) -> None:
        """Hear of a route; the edge looks for new ones every second by itself."""
        written = self.routes / f".{name}.new"
        written.write_bytes(body)
        written.replace(self.routes / name)

    def live(self, slug: str) -> str:
        """The deployment that a new visitor of a site gets; empty for none."""
        return self._ask(f"{slug}.localhost", "/")[1]

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()

    def _answers(self) -> bool:
        return self._ask("127.0.0.1", "/_clouddeck/health")[0] == 200

    def _ask(self, host: str, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.getheader("X-CloudDeck-Deployment", "")
        except OSError:
            return 0, ""
        finally:
            connection.close()


class Courier:
    """Carries every version of every route file to each late edge, after 0 to `lag` seconds each.

    What was written later may arrive earlier; then the earlier one, coming late, is over, as in a
    store that is the same everywhere in the end.
    """

    def __init__(self, source: Path, edges: list[LateEdge], lag: float, seed: int) -> None:
        self.carried = 0
        self._source, self._edges, self._lag = source, edges, lag
        self._random = random.Random(seed)
        self._seen: dict[str, bytes] = {}
        self._arrived: dict[tuple[int, str], int] = {}
        self._under_way: list[tuple[float, int, int, str, bytes]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def __enter__(self) -> Self:
        self._look(0)
        self._deliver(float("inf"))
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def arrived(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self._look(self._lag)
            self._deliver(time.monotonic())

    def _look(self, lag: float) -> None:
        for path in self._source.glob("*.json"):
            with suppress(OSError):
                body = path.read_bytes()
                if self._seen.get(path.name) == body:
                    continue
                self._seen[path.name] = body
                for number, _ in enumerate(self._edges):
                    self.carried += 1
                    at = time.monotonic() + self._random.uniform(0, lag)
                    entry = (at, self.carried, number, path.name, body)
                    heapq.heappush(self._under_way, entry)

    def _deliver(self, now: float) -> None:
        while self._under_way and self._under_way[0][0] <= now:
            _, written, number, name, body = heapq.heappop(self._under_way)
            if written > self._arrived.get((number, name), 0):
                self._arrived[number, name] = written
                self._edges[number].take(name, body)
