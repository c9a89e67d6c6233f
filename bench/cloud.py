"""An embedded cloud of its own for a benchmark: started, signed in, stopped."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"


def free_base() -> int:
    """First of five free ports in a row."""
    for base in range(21_000, 29_000, 10):
        try:
            for port in range(base, base + 5):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise RuntimeError("no five free ports in a row")


class Cloud:
    """`with Cloud() as cloud:`; `cloud.call(...)` speaks to its API."""

    def __init__(self, **settings: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="clouddeck-bench-"))
        self.port = free_base()
        self.environment = {
            **os.environ,
            "CLOUDDECK_RATE_FACTOR": "1000",  # requests are counted, but not refused
            **settings,
            "XDG_CONFIG_HOME": str(self.home / "xdg"),
        }
        self.environment.pop("CLOUDDECK_HOME", None)
        self.token = ""

    def __enter__(self) -> Self:
        self.up()
        self.local("owner", "--email", "owner@localhost")
        self.sign_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.local("down")
        shutil.rmtree(self.home, ignore_errors=True)

    def up(self) -> None:
        """Start it and wait until it is ready."""
        self.local("up", "--detach", "--port", str(self.port))

    def local(self, *arguments: str) -> str:
        """`python -m adapters.local …` on this home."""
        done = subprocess.run(
            [str(PYTHON), "-m", "adapters.local", *arguments, "--home", str(self.home)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"adapters.local {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def sign_in(self) -> None:
        """Get an access token for the owner."""
        owner = json.loads((self.home / "keys" / "owner.json").read_text())
        body = {"email": owner["email"], "password": owner["password"]}
        self.token = self.call("POST", "/auth/login", body)["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One API call; ends the benchmark when it fails."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json", "Host": f"localhost:{self.port}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection.request(method, "/v1" + path, json.dumps(body or {}), headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {raw.decode()[:500]}")
        return json.loads(raw or b"{}")

    def page(self, host: str, path: str = "/") -> tuple[int, str]:
        """Status and deployment that the edge answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port + 1, timeout=30)
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.getheader("X-CloudDeck-Deployment") or ""

    def deck(self, folder: Path, *arguments: str) -> str:
        """The `deck` command in a folder; ends the benchmark when it fails."""
        environment = {
            **self.environment,
            "CLOUDDECK_API": f"http://localhost:{self.port}",
            "CLOUDDECK_TOKEN": self.token,
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [str(PYTHON), "-m", "cli", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"deck {' '.join(arguments)}: {done.stderr.strip()[-800:]}")
        return done.stdout

    def finished(self, deployment: str, seconds: float = 300) -> dict[str, Any]:
        """The deployment once it is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.call("GET", f"/deployments/{deployment}")
            if found["finished_at"]:
                return found
            time.sleep(0.02)
        sys.exit(f"{deployment} did not finish within {seconds} s")

    def git_url(self, slug: str) -> str:
        """The project's remote, with the token in it."""
        host = urlsplit(f"http://localhost:{self.port}").netloc
        return f"http://bench:{self.token}@{host}/git/{slug}.git"
