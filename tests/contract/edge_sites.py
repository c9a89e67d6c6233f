"""Sites made by hand for the edge: what publishing would have left behind."""

import hashlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from chalicelib.ports import SiteRoute

ROOT = Path(__file__).parents[2]
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SECRET = "a-local-secret"
TEXT = ("<html>" + "cloud deck " * 400).encode()
BIG = random.Random(1).randbytes(9 * 1024 * 1024 + 17)


def ulid(name: str) -> str:
    """26 characters that depend on a name only."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big") >> 1
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


@dataclass
class FakeSite:
    """A site with one deployment per version name; `ids` says which, else the names do."""

    slug: str
    team_name: str = "one"
    objects: dict[str, bytes] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    own_project: str = ""

    @property
    def project(self) -> str:
        return self.own_project or "prj_" + ulid(self.slug)

    @property
    def team(self) -> str:
        return "team_" + ulid(self.team_name)

    def deployment(self, version: str = "v1") -> str:
        return self.ids.get(version) or "dpl_" + ulid(f"{self.slug} {version}")

    def publish(self, files: dict[str, bytes], version: str = "v1", **manifest: object) -> str:
        """Make a deployment; its objects are collected by store key."""
        deployment = self.deployment(version)
        table = {}
        for path, data in files.items():
            digest = hashlib.sha256(data).hexdigest()
            table[path] = {"h": digest, "s": len(data)}
            self.objects[f"blobs/{self.team}/{digest}"] = data
        body: dict[str, object] = {
            "version": 1,
            "deployment": deployment,
            "project": self.project,
            "team": self.team,
            "slug": self.slug,
            "spa": False,
            "clean_urls": True,
            "count": len(files),
            "bytes": sum(map(len, files.values())),
        }
        if len(files) > 1000:
            body["shards"] = self._shards(table)
        else:
            body["files"] = table
        body |= manifest
        self.objects[f"manifests/{deployment}.json"] = json.dumps(body).encode()
        return deployment

    def _shards(self, table: dict[str, dict[str, object]]) -> dict[str, str]:
        shards: dict[str, dict[str, object]] = {}
        for path, entry in table.items():
            shards.setdefault(hashlib.sha256(path.encode()).hexdigest()[:2], {})[path] = entry
        digests = {}
        for shard, files in shards.items():
            data = json.dumps({"files": files}).encode()
            digests[shard] = hashlib.sha256(data).hexdigest()
            self.objects[f"shards/{self.team}/{digests[shard]}.json"] = data
        return digests

    def route(self, version: str | None = "v1", generation: int = 1, **more: object) -> bytes:
        body = {
            "version": 1,
            "site": self.project,
            "team": self.team,
            "slug": self.slug,
            "production": None if version is None else self.deployment(version),
            "generation": generation,
            "gone": False,
        }
        return json.dumps(body | more).encode()

    def fill_cache(self, home: Path) -> None:
        """Lay the objects into the edge's disk cache, as if it had fetched them."""
        for key, data in self.objects.items():
            kind, *rest = key.split("/")
            name = f"blobs/{rest[0]}/{rest[1][:2]}/{rest[1]}" if kind == "blobs" else key
            target = home / "edge" / "cache" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def write_route(self, home: Path, body: bytes | None = None) -> None:
        target = home / "edge" / "routes" / f"{self.slug}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(".new")
        temporary.write_bytes(self.route() if body is None else body)
        temporary.replace(target)


class ObjectServer:
    """Enough of S3 for the edge: signed GETs of a dictionary's objects, counted by key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()
        self.delay = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                key = unquote(self.path).removeprefix("/clouddeck-sites/")
                outer.asked[key] += 1
                time.sleep(outer.delay)
                signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 ")
                body = outer.objects.get(key) if signed else None
                self.send_response(403 if not signed else 404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class EdgeProcess:
    """The real process, on a free port."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self.port = free_port()
        environ.setdefault("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")  # nothing listens there
        self.process = subprocess.Popen(
            [sys.executable, "-m", "adapters.local.edge"],
            cwd=ROOT,
            env={
                **os.environ,
                "CLOUDDECK_HOME": str(home),
                "CLOUDDECK_EDGE_PORT": str(self.port),
                "CLOUDDECK_LOCAL_SECRET": SECRET,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": "us-east-1",
                **environ,
            },
        )
        self.wait()

    def wait(self) -> None:
        for _ in range(200):
            try:
                self.health()
            except OSError:
                assert self.process.poll() is None, "the edge process ended"
                time.sleep(0.02)
            else:
                return
        raise AssertionError("the edge does not answer")

    def health(self) -> dict[str, object]:
        url = f"http://127.0.0.1:{self.port}/_clouddeck/health"
        with urllib.request.urlopen(url, timeout=5) as response:
            answer: dict[str, object] = json.load(response)
            return answer

    def reload(self, secret: str = SECRET) -> int:
        url = f"http://127.0.0.1:{self.port}/_clouddeck/reload"
        request = urllib.request.Request(url, method="POST", headers={"X-CloudDeck-Secret": secret})
        with urllib.request.urlopen(request, timeout=10) as response:
            status: int = response.status
            return status

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until the background copies are made."""
        until = time.monotonic() + seconds
        while self.health()["prefetch_pending"]:
            assert time.monotonic() < until, "prefetch does not end"
            time.sleep(0.05)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(15)


def ask(edge, host, path, method="GET", body=None, **headers):
    """(status, headers, body) of one request, sent as given."""
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=15)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def raw(edge, data):
    """Everything the edge says to some bytes."""
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
        return answer


def port_route(site, version, generation):
    """The route of a site that names one of its versions."""
    return SiteRoute(site.project, site.team, site.slug, site.deployment(version), generation)
