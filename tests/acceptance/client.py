"""The API as a program in any language would call it: HTTP and JSON, nothing of the product."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests

ENDS = {"ready", "failed", "cancelled", "superseded"}
PATIENCE = 180.0
"""Seconds that a deployment may take here."""

Json = dict[str, Any]


def session() -> requests.Session:
    """A browserless client; what is on this computer is not asked through a proxy."""
    made = requests.Session()
    made.headers["User-Agent"] = "acceptance"
    return made


@dataclass(frozen=True)
class Api:
    """Calls one host; `token` goes into the Authorization header."""

    base: str
    token: str = ""
    http: requests.Session = field(default_factory=session, repr=False, compare=False)

    def signed_in(self, token: str) -> Api:
        """The same host, as somebody."""
        return replace(self, token=token)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """One call to `/v1<path>`, whatever comes of it."""
        headers = {**options.pop("headers", {})}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            options["data"] = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        return self.http.request(
            method,
            f"{self.base}/v1{path}",
            headers=headers,
            timeout=60,
            allow_redirects=False,
            proxies=_proxies(self.base),
            **options,
        )

    def good(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The JSON of a call that has to work."""
        answer = self.call(method, path, body, **options)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        return self.good("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.good("POST", path, {} if body is None else body)

    def pages(self, path: str, limit: int) -> list[list[Json]]:
        """Every page of a list."""
        found, cursor = [], None
        while True:
            asked = {"limit": limit, **({"cursor": cursor} if cursor else {})}
            page = self.good("GET", path, params=asked)
            found.append(page["items"])
            cursor = page["next"]
            if not cursor:
                return found
            assert len(found) < 1000, "the list does not end"

    # -- uploading --------------------------------------------------------------------------

    def upload(self, project: str, files: dict[str, bytes]) -> tuple[str, list[str]]:
        """Send a finished site; its upload id and the digests that the store did not have."""
        size = sum(map(len, files.values()))
        begun = self.post(
            f"/projects/{project}/uploads", {"kind": "output", "files": len(files), "bytes": size}
        )
        self.put(begun["list_url"], begun["list_headers"], file_list(files))
        contents = {hashlib.sha256(data).hexdigest(): data for data in files.values()}
        sent, cursor = [], None
        while True:
            asked = {"cursor": cursor} if cursor else {}
            page = self.post(f"/uploads/{begun['id']}/missing", asked)
            for wanted in page["uploads"]:
                self.put(wanted["url"], wanted["headers"], contents[wanted["sha256"]])
                sent.append(wanted["sha256"])
            cursor = page["next"]
            if not cursor:
                return begun["id"], sent

    def put(self, url: str, headers: dict[str, str], data: bytes) -> None:
        """A signed PUT, exactly as it was signed: no credentials of ours."""
        answer = self.http.put(url, data, headers=headers, timeout=60, proxies=_proxies(url))
        assert answer.status_code < 300, f"PUT: {answer.status_code} {answer.text[:500]}"

    def deploy(self, project: str, files: dict[str, bytes], **fields: Any) -> Json:
        """Upload a finished site and deploy it; the deployment when it is ready."""
        identifier, _ = self.upload(project, files)
        made = self.post(
            f"/projects/{project}/deployments", {"upload": identifier, "production": True, **fields}
        )
        return self.finished(made["id"])

    def finished(self, deployment: str) -> Json:
        """The deployment when it has become ready; AssertionError when it ends otherwise."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found: Json = self.get(f"/deployments/{deployment}")
            if found["state"] in ENDS:
                assert found["state"] == "ready", f"{found['state']}: {found['error']}"
                return found
            assert time.monotonic() < deadline, f"still {found['state']} after {PATIENCE} s"
            time.sleep(0.3)


def file_list(files: dict[str, bytes]) -> bytes:
    """The document that says which content stands at which path."""
    lines = [
        {
            "path": path,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "mode": 0o644,
        }
        for path, data in sorted(files.items())
    ]
    return json.dumps({"version": 1, "files": lines}).encode()


def visit(edge: str, url: str, path: str = "/") -> requests.Response:
    """What a browser gets from a site; `edge` is asked in place of the site's own address."""
    where = urlsplit(url)
    base = f"{where.scheme}://{where.netloc}" if edge == "-" else edge
    headers = {"Host": where.netloc, "Accept": "text/html,*/*;q=0.8"}
    return requests.get(base + path, headers=headers, timeout=30, proxies=_proxies(base))


def _proxies(url: str) -> dict[str, str]:
    """None for this computer; what the environment says for the rest of the world."""
    host = urlsplit(url).hostname or ""
    near = host in {"localhost", "127.0.0.1"} or host.endswith(".localhost")
    return {"http": "", "https": ""} if near else {}
