"""What a CloudDeck API in memory answers: what docs/api.md says, for one user."""

from __future__ import annotations

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from tests.unit.cli.fake_server import FakeApi

EMAIL, PASSWORD = "ada@example.com", "correct horse"
NOW = "2026-01-02T03:04:05.678Z"
LATER = "2026-01-02T03:04:09.678Z"


def dpl(number: int) -> str:
    return "dpl_" + f"{number:026d}"


def line(n: int, text: str, level: str = "info") -> dict:
    return {"n": n, "t": 1767323045678 + n, "level": level, "stage": "build", "text": text}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeApi

    def log_message(self, *_: object) -> None:
        pass

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length)
        url = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.fake.calls.append((self.command, url.path))
        forced = self.fake.answers.get(url.path)
        if forced:
            status, body = forced.pop(0)
        else:
            status, body = self._route(url.path, data)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(0 if status == 204 else len(raw)))
        self.end_headers()
        if status != 204:
            self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

    def _route(self, path: str, data: bytes) -> tuple[int, object]:
        if path.startswith("/store/"):
            return self._store(path, data)
        self.body = json.loads(data) if data else {}
        if (
            self.command == "POST"
            and "/auth/" not in path
            and "Idempotency-Key" not in self.headers
        ):
            return problem(400, "no_idempotency_key", "Idempotency-Key is missing")
        for method, pattern, public, answer in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == self.command:
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                if not public and token not in (self.fake.access, self.fake.key):
                    return problem(401, "token_expired", "The token has run out")
                return answer(self, *match.groups())
        return problem(404, "no_such_route", f"{self.command} {path} is not here")

    def _store(self, path: str, data: bytes) -> tuple[int, object]:
        if self.headers.get("x-exact") != "1":
            return 403, b"the headers are not those that were signed"
        if self.fake.put_answers:
            status = self.fake.put_answers.pop(0)
            if status != 200:
                return status, b""
        name = path.removeprefix("/store/")
        if name.startswith("list/"):
            self.fake.uploads[name.removeprefix("list/")]["list"] = json.loads(data)
        elif hashlib.sha256(data).hexdigest() != name:
            return 400, b"<Code>BadDigest</Code>"
        else:
            self.fake.blobs[name] = data
        return 200, b""

    # -- one method per route --------------------------------------------------------------

    def meta(self):
        return 200, {
            "version": self.fake.meta_version,
            "api": self.fake.url,
            "live": self.fake.live,
            "git": f"{self.fake.url}/git/",
            "sites": "http://{label}.localhost:8081",
            "cloud": "local",
        }

    def login(self):
        if (self.body["email"], self.body["password"]) != (EMAIL, PASSWORD):
            return problem(401, "wrong_credentials", "Email or password is wrong")
        if self.fake.code:
            challenge = {"id": "half", "methods": ["totp", "recovery"], "options": None}
            nothing = dict.fromkeys(("access_token", "refresh_token", "expires_in"))
            return 200, {**nothing, "token_type": "Bearer", "challenge": challenge}
        return 200, self._tokens()

    def mfa(self):
        if self.body["challenge"] != "half" or not self._proven():
            return problem(401, "factor_failed", "The code is not the right one")
        return 200, self._tokens()

    def ways(self):
        return 200, {"methods": ["totp", "recovery"] if self.fake.code else ["password"]}

    def step_up(self):
        if self.fake.code is None and self.body["password"] != PASSWORD:
            return problem(401, "password_wrong", "The password is wrong")
        if self.fake.code is not None and not self._proven():
            return problem(401, "factor_failed", "The code is not the right one")
        self.fake.stale = False
        return 200, {"proved_until": LATER}

    def _proven(self) -> bool:
        wanted = {"totp": self.fake.code, "recovery": f"r-{self.fake.code}"}
        return self.body["code"] == wanted[self.body["method"]]

    def list_factors(self):
        return 200, {"items": self.fake.factors, "recovery_codes": 10}

    def propose(self):
        if self.fake.stale:
            return problem(401, "step_up_required", "This needs a fresh proof")
        return 200, {"id": "fac_1", "secret": "ABCDEFGH", "uri": "otpauth://totp/x"}

    def confirm(self):
        if self.body["code"] != "123456":
            return problem(422, "code_wrong", "The app would show another code now")
        factor = {"id": "fac_1", "kind": "totp", "name": self.body["name"]}
        self.fake.factors.append({**factor, "created_at": NOW, "used_at": None})
        return 200, {"recovery_codes": ["aaaa-bbbb", "cccc-dddd"]}

    def remove_factor(self, id_: str):
        self.fake.factors = [f for f in self.fake.factors if f["id"] != id_]
        return 204, b""

    def codes(self):
        return 200, {"recovery_codes": ["eeee-ffff"]}

    def sessions(self):
        one = {"created_at": NOW, "seen_at": NOW, "ip": "192.0.2.1", "agent": "deck", "via": "sso"}
        mine = {**one, "id": "ses_2", "current": True}
        return 200, {"items": [mine, {**one, "id": "ses_1", "current": False}], "next": None}

    def end_sessions(self, *_: str):
        return 204, b""

    def refresh(self):
        if self.body["refresh_token"] != self.fake.refresh:
            return problem(401, "session_ended", "The session has ended")
        fake = self.fake
        fake.generation += 1
        fake.access, fake.refresh = f"at-{fake.generation}", f"rt-{fake.generation}"
        return 200, self._tokens()

    def _tokens(self):
        return {
            "access_token": self.fake.access,
            "refresh_token": self.fake.refresh,
            "expires_in": 900,
            "token_type": "Bearer",
        }

    def logout(self):
        self.fake.access = self.fake.refresh = "ended"
        return 204, b""

    def me(self):
        return 200, {
            "user": {"id": "usr_1", "email": EMAIL, "name": "Ada"},
            "teams": [{"id": "team_1", "slug": "ada", "name": "Ada", "role": "owner"}],
            "via": "session",
        }

    def detect(self):
        self.fake.detect_bodies.append(self.body)
        detected = self.fake.detected
        return 200, detected(self.body) if callable(detected) else detected

    def new_project(self):
        self.fake.wishes.append(self.body)
        slug = self.body.get("slug") or self.body["name"].lower()
        if slug in self.fake.projects:
            return problem(409, "slug_taken", f"{slug} is taken")
        return 201, self.fake.add_project(slug, framework=self.body.get("framework"))

    def projects(self):
        return 200, {"items": list(self.fake.projects.values()), "next": None}

    def _project(self, name: str):
        found = [p for p in self.fake.projects.values() if name in (p["id"], p["slug"])]
        return found[0] if found else None

    def project(self, name: str):
        found = self._project(name)
        return (200, found) if found else problem(404, "not_found", "There is no such project")

    def get_env(self, _project: str):
        wanted = self.query.get("environment")
        items = [v for v in self.fake.env.values() if wanted in (None, v["environment"])]
        return 200, {"items": items}

    def set_env(self, _project: str, name: str):
        if name == "PATH":
            return problem(422, "reserved_env", "PATH is reserved", "Take another name.")
        secret = self.body["secret"]
        variable = {
            "name": name,
            "environment": self.body["environment"],
            "secret": secret,
            "value": None if secret else self.body["value"],
            "updated_at": NOW,
            "version": 1,
        }
        self.fake.env[name, variable["environment"]] = variable
        return 200, variable

    def rm_env(self, _project: str, name: str):
        gone = self.fake.env.pop((name, self.query["environment"]), None)
        return (204, b"") if gone else problem(404, "not_found", f"There is no {name}")

    def new_upload(self, _project: str):
        id_ = f"upl_{len(self.fake.uploads) + 1}"
        self.fake.uploads[id_] = dict(self.body)
        return 201, {
            "id": id_,
            "list_url": f"{self.fake.url}/store/list/{id_}",
            "list_headers": {"x-exact": "1"},
        }

    def missing(self, id_: str):
        files = self.fake.uploads[id_]["list"]["files"]
        lacking = sorted({f["sha256"] for f in files} - set(self.fake.blobs))
        snapshot = self.fake.uploads[id_].setdefault("lacking", lacking)
        if not self.body.get("cursor"):
            snapshot = self.fake.uploads[id_]["lacking"] = lacking
        start = int(self.body.get("cursor") or 0)
        end = start + self.fake.page
        return 200, {
            "total": len(files),
            "missing": len(snapshot),
            "uploads": [
                {
                    "sha256": sha,
                    "url": f"{self.fake.url}/store/{sha}",
                    "headers": {"x-exact": "1", "If-None-Match": "*"},
                }
                for sha in snapshot[start:end]
            ],
            "next": str(end) if end < len(snapshot) else None,
        }

    def new_deployment(self, _project: str):
        self.fake.wishes.append(self.body)
        target = "production" if self.body["production"] else "preview"
        deployment = self.fake.add_deployment("queued", target=target)
        deployment |= {k: v for k, v in self.body.items() if k in deployment}
        return 201, deployment

    def deployments(self, _project: str):
        items = sorted(self.fake.deployments.values(), key=lambda d: d["id"], reverse=True)
        wanted = self.query.get("state")
        items = [d for d in items if wanted in (None, d["state"])]
        return 200, {"items": items[: int(self.query.get("limit", 20))], "next": None}

    def deployment(self, id_: str):
        found = self.fake.deployments.get(id_)
        if found is None:
            return problem(404, "not_found", "There is no such deployment")
        if self.fake.socket == "refuse" and found["state"] in self.fake.states[:-1]:
            found["state"] = self.fake.states[self.fake.states.index(found["state"]) + 1]
            if found["state"] == self.fake.states[-1]:
                self.fake.finish(found)
        return 200, found

    def cancel(self, id_: str):
        found = self.fake.deployments[id_]
        if found["state"] in ("ready", "failed"):
            return problem(409, "already_finished", f"It is {found['state']}")
        found["state"] = "cancelled"
        return 200, found

    def logs(self, id_: str):
        after, limit = int(self.query.get("after", 0)), int(self.query.get("limit", 1000))
        lines = [one for one in self.fake.lines if one["n"] > after][:limit]
        final = self.fake.deployments[id_]["state"] in (
            "ready",
            "failed",
            "cancelled",
            "superseded",
        )
        last = lines[-1]["n"] if lines else after
        return 200, {"lines": lines, "next": last, "done": final}

    def promote(self, _project: str):
        found = self.fake.deployments.get(self.body["deployment"])
        if found is None or found["state"] != "ready":
            return problem(409, "not_ready", "The deployment is not ready")
        return 200, pointer(self.body["deployment"], self.body.get("reason"))

    def rollback(self, _project: str):
        return 200, pointer(self.body.get("to") or dpl(1), self.body.get("reason"), pinned=True)


def pointer(deployment: str, reason: str | None, *, pinned: bool = False) -> dict:
    return {
        "project": "prj_1",
        "deployment": deployment,
        "generation": 2,
        "pinned": pinned,
        "url": "http://site.localhost:8081",
        "moved_at": NOW,
        "moved_by": "usr_1",
        "reason": reason,
        "history": [],
    }


def problem(status: int, code: str, detail: str, hint: str = "") -> tuple[int, dict]:
    return status, {
        "type": f"https://clouddeck.dev/errors/{code}",
        "title": "No",
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
        "request_id": "req-1",
    }


P, D = "/v1/projects/([^/]+)", "/v1/deployments/([^/]+)"
ROUTES = [
    ("GET", "/v1/meta", True, Handler.meta),
    ("POST", "/v1/auth/login", True, Handler.login),
    ("POST", "/v1/auth/refresh", True, Handler.refresh),
    ("POST", "/v1/auth/logout", False, Handler.logout),
    ("POST", "/v1/auth/mfa", True, Handler.mfa),
    ("POST", "/v1/auth/step-up/options", False, Handler.ways),
    ("POST", "/v1/auth/step-up", False, Handler.step_up),
    ("GET", "/v1/me/factors", False, Handler.list_factors),
    ("POST", "/v1/me/factors/totp", False, Handler.propose),
    ("POST", "/v1/me/factors/totp/confirm", False, Handler.confirm),
    ("POST", "/v1/me/factors/recovery-codes", False, Handler.codes),
    ("DELETE", "/v1/me/factors/([^/]+)", False, Handler.remove_factor),
    ("GET", "/v1/me/sessions", False, Handler.sessions),
    ("DELETE", "/v1/me/sessions", False, Handler.end_sessions),
    ("DELETE", "/v1/me/sessions/([^/]+)", False, Handler.end_sessions),
    ("GET", "/v1/me", False, Handler.me),
    ("POST", "/v1/frameworks/detect", False, Handler.detect),
    ("POST", "/v1/projects", False, Handler.new_project),
    ("GET", "/v1/projects", False, Handler.projects),
    ("GET", P, False, Handler.project),
    ("GET", f"{P}/env", False, Handler.get_env),
    ("PUT", f"{P}/env/([^/]+)", False, Handler.set_env),
    ("DELETE", f"{P}/env/([^/]+)", False, Handler.rm_env),
    ("POST", f"{P}/uploads", False, Handler.new_upload),
    ("POST", "/v1/uploads/([^/]+)/missing", False, Handler.missing),
    ("POST", f"{P}/deployments", False, Handler.new_deployment),
    ("GET", f"{P}/deployments", False, Handler.deployments),
    ("GET", D, False, Handler.deployment),
    ("POST", f"{D}/cancel", False, Handler.cancel),
    ("GET", f"{D}/logs", False, Handler.logs),
    ("POST", f"{P}/promote", False, Handler.promote),
    ("POST", f"{P}/rollback", False, Handler.rollback),
]
