"""A runner API and an object store in one small HTTP server, with faults to order."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "cdb_token_0123456789"


def archive(files: dict[str, str | bytes], links: dict[str, str] | None = None) -> bytes:
    """A source archive as the platform makes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return out.getvalue()


class Fake:
    """What the control plane and the store know. Tests set it up and look at it afterwards."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.blobs: dict[str, bytes] = {}
        self.logs: dict[int, list[dict]] = {}
        self.calls: dict[str, list[dict]] = defaultdict(list)
        self.requests: list[tuple[str, str]] = []
        self.closed = False
        self.page = 3
        self.seconds = 60.0
        self.env: dict[str, str] = {}
        self.secrets: list[str] = []
        self.gate = "block"
        self.inspect = ["package.json"]
        self.limits: dict[str, int] = {"log_bytes": 1_000_000}
        self.plan: dict = {"framework": "static", "name": "Static", "why": [], "root": "."}
        self.plan |= {"install": None, "build": None, "output": ".", "caches": [], "env": {}}
        self.drop: dict[str, int] = {}  # call -> how many answers get lost after being applied
        self.refuse: dict[
            str, list[int]
        ] = {}  # call, or "PUT" of contents -> statuses to answer first
        self.files: list[dict] | None = None
        self.problems: dict[str, tuple[int, str, str, str]] = {}
        handler = type("Handler", (_Handler,), {"fake": self})
        self.server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def source(self, files: dict, links: dict | None = None) -> None:
        self.blobs["source"] = archive(files, links)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    # what tests ask
    def text(self) -> str:
        return "\n".join(line["text"] for line in self.lines())

    def lines(self) -> list[dict]:
        return [line for first in sorted(self.logs) for line in self.logs[first]]

    def published(self) -> dict[str, bytes]:
        listed = json.loads(self.blobs["list"])
        assert [f["path"] for f in listed["files"]] == sorted(f["path"] for f in listed["files"])
        return {f["path"]: self.blobs[f["sha256"]] for f in listed["files"]}

    def failure(self) -> dict:
        assert self.calls["fail"], f"it did not fail: {self.text()}"
        return self.calls["fail"][-1]

    # the calls
    def claim(self, body: dict) -> tuple[int, dict]:
        instances = {call["instance"] for call in self.calls["claim"]}
        if len(instances) > 1:
            return 409, {"code": "already_claimed", "detail": "x"}
        archive_kind = {"kind": "archive", "url": f"{self.url}/store/source"}
        return 200, {
            "build": "bld_1",
            "deployment": "dpl_1",
            "project": {"id": "prj_1", "slug": "site"},
            "deadline_ms": int((time.time() + self.seconds) * 1000),
            "source": archive_kind if self.files is None else {"kind": "files"},
            "inspect": self.inspect,
            "env": self.env,
            "secrets": self.secrets,
            "limits": self.limits,
            "gate": self.gate,
            "upload": {"list_url": f"{self.url}/store/list", "list_headers": {"X-Signed": "list"}},
        }

    def answer(self, name: str, body: dict) -> tuple[int, dict]:
        if self.closed:
            return 409, {"code": "build_closed", "detail": "cancelled"}
        if name in self.problems:
            status, code, detail, hint = self.problems[name]
            return status, {"code": code, "detail": detail, "hint": hint}
        if name == "claim":
            return self.claim(body)
        if name == "logs":
            if body["lines"]:
                self.logs[body["first"]] = body["lines"]
            return 200, {"state": "running"}
        if name == "source":
            at = int(body["cursor"] or 0)
            more = at + self.page < len(self.files or [])
            page = (self.files or [])[at : at + self.page]
            return 200, {"files": page, "next": str(at + self.page) if more else None}
        if name == "plan":
            return 200, self.planned()
        if name == "missing":
            return 200, self.missing(body)
        if name == "cache":
            name = f"cache-{body['kind']}"
            return 200, {"url": f"{self.url}/store/{name}", "headers": {"X-Signed": "cache"}}
        return 200, {}

    def planned(self) -> dict:
        """The plan; a test that says nothing of steps has those of its install and build."""
        usual = [
            {"name": name, "stage": name, "run": self.plan[name]}
            for name in ("install", "build")
            if self.plan.get(name)
        ]
        return {"steps": usual, **self.plan}

    def saved(self, kind: str = "dependencies", **changes) -> dict:
        """What a plan says of a cache that was saved."""
        body = self.blobs[f"cache-{kind}"]
        return {
            "kind": kind,
            "key": "k1",
            "paths": ["node_modules"],
            "url": f"{self.url}/store/cache-{kind}",
            "sha256": hashlib.sha256(body).hexdigest(),
            "write": True,
            **changes,
        }

    def missing(self, body: dict) -> dict:
        listed = json.loads(self.blobs["list"])["files"]
        digests = sorted({f["sha256"] for f in listed})
        cursor = body["cursor"] or ""
        lacking = [d for d in digests if d not in self.blobs]
        left = [d for d in lacking if d > cursor]
        page = left[: self.page]
        return {
            "total": len(digests),
            "missing": len(lacking),
            "uploads": [
                {"sha256": d, "url": f"{self.url}/store/{d}?sig=1", "headers": {"X-Signed": d}}
                for d in page
            ],
            "next": page[-1] if len(left) > len(page) else None,
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    fake: Fake
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.rpartition("/")[2]
        fake = self.fake
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.reply(401, b"{}")
        with fake.lock:
            fake.requests.append(("POST", name))
            if fake.refuse.get(name):
                return self.reply(fake.refuse[name].pop(0), b"{}")
            fake.calls[name].append(json.loads(body))
            status, answer = fake.answer(name, json.loads(body))
            if fake.drop.get(name, 0) > 0:
                fake.drop[name] -= 1
                self.close_connection = True
                return None
        return self.reply(status, json.dumps(answer).encode())

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.rpartition("/")[2].partition("?")[0]
        fake = self.fake
        with fake.lock:
            fake.requests.append(("PUT", name))
            if fake.refuse.get("PUT") and len(name) == 64:
                return self.reply(fake.refuse["PUT"].pop(0), b"")
            if self.headers.get("X-Signed") not in (name, "cache", "list"):
                return self.reply(403, b"bad signature")
            if len(name) == 64 and hashlib.sha256(body).hexdigest() != name:
                return self.reply(400, b"wrong content")
            fake.blobs[name] = body
            if fake.drop.get("PUT", 0) > 0:
                fake.drop["PUT"] -= 1
                self.close_connection = True
                return None
        return self.reply(200, b"")

    def do_GET(self):
        name = self.path.rpartition("/")[2].partition("?")[0]
        body = self.fake.blobs.get(name)
        if self.fake.drop.get("GET", 0) > 0:
            self.fake.drop["GET"] -= 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(body or b"") + 9))
            self.end_headers()
            self.wfile.write((body or b"")[:50])
            self.close_connection = True
            return None
        return self.reply(404 if body is None else 200, body or b"")

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def members(cache: bytes) -> list[str]:
    """The names in a cache archive."""
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(cache))) as tar:
        return tar.getnames()
