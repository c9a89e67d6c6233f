"""One embedded cloud of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from adapters.local.settings import HTTPS_OFFSET
from tests.e2e import behind
from tests.e2e.asking import Answer, Api, Json, ask
from tests.e2e.surroundings import EMAIL, ROOT, person_environment

PARTS = ("gateway", "edge", "dynoxide", "ministack", "slots")
SLOTS = 2
"""Builds at a time, so that a test can take them all."""

LOOK_SECONDS = 1
"""How often the judge of a rollout looks; nobody here wants to wait half a minute for it."""


def free_ports(count: int = len(PARTS)) -> int:
    """The first of `count` ports in a row that nobody uses, nor the one of HTTPS above them.

    Each process looks from a place of its own: two that look at once would find the same ones.
    """
    start = 21_000 + os.getpid() % 17 * 640
    for base in range(start, start + 16_000, 16):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in (*range(base, base + count), base + HTTPS_OFFSET):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return base
    raise RuntimeError("no ports are free")


@dataclass
class Cloud:
    """An installation in a folder that is thrown away afterwards; `more` are settings of it."""

    home: Path
    port: int = field(default_factory=free_ports)
    more: dict[str, str] = field(default_factory=dict)

    # -- start and stop ---------------------------------------------------------------------

    def up(self) -> float:
        """Start it; returns the seconds until it was ready."""
        began = time.monotonic()
        self._run("up", "--detach", "--port", str(self.port))
        return time.monotonic() - began

    def down(self) -> None:
        """Stop it, and look whether anything stayed behind."""
        self._run("down")

    def status(self) -> Json:
        """`status --json`."""
        found: Json = json.loads(self._run("status", "--json", allowed=(0, 1)))
        return found

    def pid(self, part: str) -> int:
        """Process id of a part."""
        return int(self.status()["processes"][part]["pid"])

    def kill(self, *parts: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to whole process groups, because some parts run in a namespace."""
        for pid in [self.pid(part) for part in parts]:
            self.signal(pid, number)

    @staticmethod
    def signal(pid: int, number: int) -> None:
        """A signal to the process group of a part."""
        os.killpg(pid, number)

    def all_ready(self) -> bool:
        """Whether every part works."""
        found = self.status()
        return bool(found["ready"]) and all(
            row["state"] == "ready" for row in found["processes"].values()
        )

    def leftovers(self) -> list[str]:
        """Processes, ports and mounts that should be gone after `down`."""
        found = [f"process {pid}: {text}" for pid, text in self._processes()]
        ports = dict(zip(PARTS, range(self.port, self.port + len(PARTS)), strict=True))
        for part, port in {**ports, "https": self.https_port}.items():
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    found.append(f"{part} listens on {port}")
        mounts = Path("/proc/mounts")
        if mounts.exists():
            found += [line for line in mounts.read_text().splitlines() if str(self.home) in line]
        return found

    def _processes(self) -> Iterator[tuple[int, str]]:
        """Processes that carry our home folder in their environment or arguments."""
        mark = str(self.home).encode()
        for folder in Path("/proc").glob("[0-9]*"):
            if int(folder.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                environment = (folder / "environ").read_bytes()
                arguments = (folder / "cmdline").read_bytes()
                if b"CLOUDDECK_HOME=" + mark in environment or mark in arguments:
                    yield int(folder.name), arguments.replace(b"\0", b" ").decode()[:200]

    def _run(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> str:
        chosen = {
            "CLOUDDECK_SLOTS": str(SLOTS),
            "CLOUDDECK_ROLLOUT_LOOK_SECONDS": str(LOOK_SECONDS),
            **self.more,
        }
        done = subprocess.run(
            [sys.executable, "-m", "adapters.local", *arguments, "--home", str(self.home)],
            cwd=ROOT,
            env=person_environment(Path(os.environ.get("HOME", "/")), **chosen),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in allowed, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    # -- what it serves ---------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def https_port(self) -> int:
        """Where the edge speaks TLS."""
        return self.port + HTTPS_OFFSET

    @property
    def root(self) -> Path:
        """The certificate of the installation's own authority."""
        return self.home / "edge" / "ca" / "root.pem"

    @cached_property
    def owner(self) -> dict[str, str]:
        """Email and password of the owner account."""
        self._run("owner", "--email", EMAIL)
        kept: dict[str, str] = json.loads((self.home / "keys" / "owner.json").read_text())
        return kept

    @cached_property
    def api(self) -> Api:
        """The API, called with a key of the owner."""
        login = {"email": self.owner["email"], "password": self.owner["password"]}
        api = Api(self, "")
        api.token = api.post("/auth/login", login)["access_token"]
        return Api(self, api.post("/keys", {"name": "tests"})["secret"])

    def page(self, url: str, path: str = "/", **headers: str) -> Answer:
        """What a browser gets at a path of a site; names below localhost need no resolver."""
        sent = {"Host": urlsplit(url).netloc, "Accept": "text/html,*/*;q=0.8"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(self.port + 1, "GET", path, sent)

    def edge_has(self, team: str, digests: Iterable[str]) -> bool:
        """Whether the edge has copied these blobs to its own disk."""
        folder = self.home / "edge" / "cache" / "blobs" / team
        return all((folder / digest[:2] / digest).exists() for digest in digests)

    def store(self) -> Any:
        """An S3 client of the store, past the product."""
        return behind.store(self.home, self.port)

    def database(self) -> Any:
        """A DynamoDB client of the tables, past the product."""
        return behind.database(self.home, self.port)

    def objects(self, prefix: str) -> set[str]:
        """Keys of the store below a prefix."""
        pages = self.store().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket="clouddeck-sites", Prefix=prefix)
        return {item["Key"] for page in found for item in page.get("Contents", [])}
