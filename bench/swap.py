"""From asking for a promotion, a rollback or a purge until visitors see it.

Three edges: the cloud's own, which is told at once, and two with homes of their own, which find a
changed route when they look, once a second, as the own one does when nobody tells it. Each is
watched over one connection that asks without pause. `python -m bench --suite swap`.
"""

import http.client
import statistics
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bench import table
from tests.prove import pages
from tests.prove.cloud import Cloud
from tests.prove.edges import Courier, LateEdge

TIMES = 30
SLUG = "swap"
HOST = f"{SLUG}.localhost"
PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.001


class Counter:
    """A backend that says how often it was asked, and that the answer may be kept."""

    def __init__(self) -> None:
        outer = self
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked += 1
                body = str(outer.asked).encode()
                self.send_response(200)
                self.send_header("Cache-Control", "public, max-age=3600")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()


class Watcher(threading.Thread):
    """Asks one edge until its answer is the one that is waited for; `seen` is when it was."""

    def __init__(self, port: int, path: str, is_new: Callable[[str, bytes], bool]) -> None:
        super().__init__(daemon=True)
        self._port, self._path, self._is_new = port, path, is_new
        self.seen: float | None = None
        self.start()

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        until = time.monotonic() + PATIENCE_SECONDS
        while self.seen is None and time.monotonic() < until:
            connection.request("GET", self._path, headers={"Host": HOST})
            answer = connection.getresponse()
            body = answer.read()
            if self._is_new(answer.getheader("X-CloudDeck-Deployment", ""), body):
                self.seen = time.monotonic()
            time.sleep(_PAUSE_SECONDS)
        connection.close()


def run(rounds: int = TIMES) -> list[table.Row]:
    """Every row of the suite: milliseconds, medians."""
    backend = Counter()
    try:
        with Cloud({"CLOUDDECK_PRIVATE_OUTBOUND": "1"}) as cloud:
            versions = _deploy(cloud, backend.url)
            late: list[LateEdge] = []
            try:
                late += [LateEdge(cloud, number) for number in range(2)]
                ports = [cloud.port + 1, *(edge.port for edge in late)]
                with Courier(cloud.home / "edge" / "routes", late, 0.0, 1):
                    _swapped(cloud, ports, versions[-1], {})  # all of them know the site
                    return [*_swaps(cloud, ports, versions, rounds), *_purges(cloud, rounds)]
            finally:
                for edge in late:
                    edge.stop()
    finally:
        backend.close()


def _deploy(cloud: Cloud, backend: str) -> list[str]:
    """Two ready deployments, both with a rule that leads to the backend."""
    cloud.project(SLUG)
    repository = cloud.repository(SLUG)
    rules = {"_redirects": f"/api/* {backend}/:splat 200\n"}
    return [
        cloud.published(repository, SLUG, {**pages.files(version), **rules}) for version in range(2)
    ]


def _swaps(cloud: Cloud, ports: list[int], versions: list[str], rounds: int) -> list[table.Row]:
    rows: list[table.Row] = []
    for name, path, field in (("promote", "promote", "deployment"), ("rollback", "rollback", "to")):
        took: list[list[float]] = []
        for number in range(rounds):
            wanted = versions[number % 2]
            body = {field: wanted} | ({"reason": "a swap"} if field == "to" else {})
            took.append(_swapped(cloud, ports, wanted, {"path": path, "body": body}))
        rows += _rows(name, took)
    return rows


def _swapped(cloud: Cloud, ports: list[int], wanted: str, asked: dict[str, object]) -> list[float]:
    """Seconds until the API has answered, the first edge shows it, and the last does."""
    watchers = [Watcher(port, "/part.json", lambda live, _: live == wanted) for port in ports]
    began = time.monotonic()
    if asked:
        cloud.must("POST", f"/v1/projects/{SLUG}/{asked['path']}", asked["body"])
    answered = time.monotonic() - began
    for watcher in watchers:
        watcher.join()
    seen = [watcher.seen for watcher in watchers]
    if None in seen:
        raise SystemExit(f"an edge does not show {wanted} after {PATIENCE_SECONDS} s: {seen}")
    return [answered, min(seen) - began, max(seen) - began]


def _purges(cloud: Cloud, rounds: int) -> list[table.Row]:
    """Until the cloud's own edge asks the backend again; a purge is told to that one alone."""
    took = []
    port = cloud.port + 1
    for _ in range(rounds):
        kept = _kept(cloud)
        watcher = Watcher(port, "/api/count", lambda _, body, kept=kept: body != kept)
        began = time.monotonic()
        cloud.must("POST", f"/v1/projects/{SLUG}/purge", {"paths": ["/api/count"]})
        answered = time.monotonic() - began
        watcher.join()
        if watcher.seen is None:
            raise SystemExit("what was purged is still shown")
        took.append([answered, watcher.seen - began])
    return _rows("purge of a path", took)


def _kept(cloud: Cloud) -> bytes:
    """What the edge shows of the backend, once it shows the same twice."""
    for _ in range(100):
        first, again = (cloud.visit(SLUG, "/api/count") for _ in range(2))
        if first[0] == 200 and first[2] == again[2]:
            return first[2]
    raise SystemExit(f"the edge keeps nothing of the backend: {first[0]} {first[2][:200]!r}")


def _rows(name: str, took: list[list[float]]) -> list[table.Row]:
    moments = ("the API has answered", "the first edge shows it", "the last of three edges does")
    rows = []
    for place, moment in enumerate(moments[: len(took[0])]):
        found = sorted(one[place] * 1000 for one in took)
        rows.append(table.fact(f"{name}: {moment}", statistics.median(found), "ms"))
        rows.append(table.fact(f"{name}: {moment}, slowest", found[-1], "ms"))
    return rows
