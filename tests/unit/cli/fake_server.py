"""A CloudDeck API in memory: its state, its knobs, and its two servers."""

from __future__ import annotations

import json
import threading
from http.server import ThreadingHTTPServer

from websockets.sync.server import serve

from tests.unit.cli.fake_api import LATER, NOW, Handler, dpl, line


class FakeApi:
    """State, knobs, and the two servers."""

    def __init__(self) -> None:
        self.access, self.refresh, self.generation = "at-1", "rt-1", 1
        self.key = "key-1"
        self.projects: dict[str, dict] = {}
        self.env: dict[tuple[str, str], dict] = {}
        self.uploads: dict[str, dict] = {}
        self.blobs: dict[str, bytes] = {}
        self.deployments: dict[str, dict] = {}
        self.wishes: list[dict] = []
        self.calls: list[tuple[str, str]] = []
        self.states = ["queued", "building", "ready"]  # what one look after the other sees
        self.lines = [line(n, f"line {n}") for n in range(1, 6)]
        self.socket = "ok"  # ok, refuse, drop (once, after two lines), lossy (skips a line), silent
        # (never tells the end)
        self.code: str | None = None  # of the second factor, when there is one
        self.stale = False  # whether harm wants a fresh proof
        self.factors: list[dict] = []
        self.answers: dict[str, list[tuple[int, object]]] = {}  # path -> next answers
        self.put_answers: list[int] = []
        self.page = 2  # uploads per page of `missing`
        self.meta_version = "0.1.0"
        self.detected = {
            "framework": "astro",
            "name": "Astro",
            "why": ["package.json names astro"],
            "install": "npm ci",
            "build": "npm run build",
            "output": "dist",
            "inspect": ["package.json", ".env", "../outside"],
        }
        self.detect_bodies: list[dict] = []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (Handler,), {"fake": self}))
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # a client that went away is part of the tests
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        self.ws = serve(self._live, "127.0.0.1", 0, process_request=self._gate)
        threading.Thread(target=self.ws.serve_forever, daemon=True).start()
        self.url = f"http://localhost:{self.http.server_address[1]}"
        self.live = f"ws://localhost:{self.ws.socket.getsockname()[1]}/live"

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.ws.shutdown()

    # -- building blocks -------------------------------------------------------------------

    def add_project(self, slug: str = "site", **more: object) -> dict:
        project = {
            "id": f"prj_{len(self.projects) + 1:026d}",
            "team": "team_1",
            "slug": slug,
            "name": slug,
            "framework": None,
            "production_branch": "main",
            "settings": {},
            "git_url": f"{self.url}/git/{slug}.git",
            "url": f"http://{slug}.localhost:8081",
            "production": None,
            "version": 1,
            "created_at": NOW,
            "updated_at": NOW,
        } | more
        self.projects[slug] = project
        return project

    def add_deployment(self, state: str = "ready", **more: object) -> dict:
        number = len(self.deployments) + 1
        deployment = {
            "id": dpl(number),
            "project": "prj_" + "1".zfill(26),
            "slug": "site",
            "state": state,
            "target": "preview",
            "url": f"http://{dpl(number)[4:]}--site.localhost:8081",
            "branch": "main",
            "commit": None,
            "message": "change",
            "source": "upload",
            "sequence": number,
            "build": None,
            "framework": "astro",
            "error": None,
            "stages": [{"name": "build", "state": "done", "started_at": NOW, "ended_at": LATER}],
            "files": 3,
            "bytes": 30,
            "cache_hit": False,
            "restored": None,
            "environment": "preview",
            "trigger": "push",
            "trust": "trusted",
            "tag": "",
            "pull": None,
            "provider": "builtin",
            "expires_at": None,
            "removed_at": None,
            "live": False,
            "created_by": "usr_1",
            "created_at": NOW,
            "ready_at": LATER,
            "finished_at": LATER,
        } | more
        self.deployments[deployment["id"]] = deployment
        return deployment

    def finish(self, deployment: dict) -> None:
        deployment["state"] = self.states[-1]
        if self.states[-1] == "failed":
            deployment["error"] = {
                "code": "build_failed",
                "message": "npm run build exited with 1",
                "hint": "Read the log.",
                "fault": "you",
            }

    # -- WebSocket -------------------------------------------------------------------------

    def _gate(self, connection, request):
        if self.socket == "refuse" or f"token={self.access}" not in request.path:
            return connection.respond(403, "no")
        return None

    def _live(self, socket) -> None:
        wish = json.loads(socket.recv())
        deployment = self.deployments[wish["deployment"]]
        after = wish.get("after", 0)
        lines = [one for one in self.lines if one["n"] > after]
        if self.socket == "drop":
            self.socket = "ok"
            lines = lines[:2]
        elif self.socket == "lossy":
            lines = [one for one in lines if one["n"] != 3]
        for one in lines:
            message = {"type": "log", "deployment": deployment["id"], "lines": [one]}
            socket.send(json.dumps(message))
        if lines and lines[-1]["n"] < self.lines[-1]["n"]:
            socket.close()
            return
        self.finish(deployment)
        if self.socket == "silent":
            next(iter(socket), None)
        socket.send(json.dumps({"type": "deployment", "deployment": deployment}))
