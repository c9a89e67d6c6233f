"""One embedded cloud of its own, and a person beside it who has `git`, `deck` and a browser."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from adapters.local.settings import HTTPS_OFFSET
from tests.e2e import behind

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
EMAIL = "owner@localhost"
PARTS = ("gateway", "edge", "dynoxide", "ministack", "slots")
ENDS = {"ready", "failed", "cancelled", "superseded"}
SLOTS = 2
"""Builds at a time, so that a test can take them all."""

LOOK_SECONDS = 1
"""How often the judge of a rollout looks; nobody here wants to wait half a minute for it."""

PATIENCE = 240.0
"""Seconds that a deployment may take here: builds download packages on a computer that is busy."""

Json = dict[str, Any]


def until(look: Callable[[], Any], seconds: float = 30.0, pause: float = 0.1) -> Any:
    """What `look` answers as soon as it is true; AssertionError when that takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{getattr(look, '__name__', look)} is not true after {seconds} s")
        time.sleep(pause)


@dataclass(frozen=True)
class Answer:
    """What a server answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


def ask(
    port: int,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """One HTTP request to a port of this computer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        got = connection.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
    finally:
        connection.close()


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


def person_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of somebody whose home folder is `home`.

    Registries and proxies of this network stay; nothing of the tests' own settings does.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CLOUDDECK_", "AWS_", "POWERTOOLS_", "GIT_", "XDG_", "PYTEST_"))
    }
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": EMAIL,
        "NO_PROXY": "localhost,127.0.0.1,.localhost",
        "no_proxy": "localhost,127.0.0.1,.localhost",
        **more,
    }


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


@dataclass
class Api:
    """The API as a program calls it."""

    cloud: Cloud
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """One call, whatever comes of it."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body).encode()
        return ask(self.cloud.port, method, f"/v1{path}", headers, content)

    def get(self, path: str) -> Json:
        return self._good(self.ask("GET", path), path)

    def post(self, path: str, body: Any = None) -> Json:
        return self._good(self.ask("POST", path, body or {}), path)

    def items(self, path: str) -> list[Json]:
        """Every item of a list, page by page."""
        found, cursor = [], ""
        while True:
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
            found += page["items"]
            if not page["next"]:
                return found
            cursor = f"&cursor={quote(page['next'])}"

    def lines(self, deployment: str, after: int = 0) -> list[Json]:
        """All log lines there are."""
        found: list[Json] = []
        while True:
            page = self.get(f"/deployments/{deployment}/logs?after={after}&limit=1000")
            if not page["lines"]:
                return found
            found += page["lines"]
            after = page["next"]

    def deployment(self, identifier: str) -> Json:
        return self.get(f"/deployments/{identifier}")

    def finished(self, identifier: str, seconds: float = PATIENCE) -> Json:
        """The deployment when it has ended, in whatever state."""

        def ended() -> Json | None:
            with contextlib.suppress(OSError, HTTPException):
                found = self.deployment(identifier)
                return found if found["state"] in ENDS else None
            return None

        return dict(until(ended, seconds, 0.2))

    def ready(self, identifier: str, seconds: float = PATIENCE) -> Json:
        """The deployment when it is ready; otherwise AssertionError with its log."""
        found = self.finished(identifier, seconds)
        if found["state"] != "ready":
            log = "\n".join(line["text"] for line in self.lines(identifier)[-40:])
            raise AssertionError(f"{found['state']}: {found['error']}\n{log}")
        return found

    def of_commit(self, project: str, commit: str, seconds: float = 60.0) -> Json:
        """The newest deployment of a commit, once the push has arrived."""

        def arrived() -> Json | None:
            listed = self.get(f"/projects/{project}/deployments?limit=20")["items"]
            return next((d for d in listed if d["commit"] == commit), None)

        return dict(until(arrived, seconds))

    @staticmethod
    def _good(answer: Answer, path: str) -> Json:
        assert answer.status < 300, f"{path}: {answer.status} {answer.text}"
        found: Json = answer.json
        return found


@dataclass
class Person:
    """Somebody with a home folder, `git` and `deck`."""

    cloud: Cloud
    home: Path
    signed_in: bool = False

    @cached_property
    def environment(self) -> dict[str, str]:
        self.home.mkdir(parents=True, exist_ok=True)
        home = {"CLOUDDECK_HOME": str(self.cloud.home), "CLOUDDECK_ROOT": str(ROOT)}
        return person_environment(self.home, **home)

    def run(
        self, folder: Path, *command: str, given: str = "", seconds: float = PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """A command in a folder, whatever comes of it."""
        return subprocess.run(
            command,
            cwd=folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def start(self, folder: Path, *arguments: str) -> subprocess.Popen[str]:
        """`deck` running beside the test, its standard output in a pipe."""
        return subprocess.Popen(
            [str(DECK), *arguments],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def deck(self, folder: Path, *arguments: str, given: str = "", code: int = 0) -> Any:
        """`deck … --json`: its document, or for streams the list of its documents.

        Whoever signed in longer ago than a proof of identity lasts does so again when asked.
        """
        command = (str(DECK), *arguments, "--json")
        done = self.run(folder, *command, given=given)
        if done.returncode != code and '"step_up_required"' in done.stderr and self.signed_in:
            self.sign_in()
            done = self.run(folder, *command, given=given)
        said = f"deck {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        if not done.stdout.strip():
            return json.loads(done.stderr.strip().splitlines()[-1])
        try:
            return json.loads(done.stdout)
        except ValueError:
            return [json.loads(line) for line in done.stdout.splitlines()]

    def git(self, folder: Path, *arguments: str) -> str:
        """A git command that must succeed."""
        done = self.run(folder, "git", *arguments)
        assert done.returncode == 0, f"git {arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def sign_in(self) -> Json:
        """`deck login` with the owner's password on standard input."""
        self.home.mkdir(parents=True, exist_ok=True)
        found: Json = self.deck(
            self.home,
            *("login", "--email", EMAIL, "--password-stdin", "--api", self.cloud.url),
            given=self.cloud.owner["password"] + "\n",
        )
        self.signed_in = True
        return found

    def site(self, name: str, files: dict[str, str] | Path) -> Site:
        """A git repository with these files, and a project for it made by `deck init`."""
        folder = self.home / "sites" / name
        if isinstance(files, Path):
            ignored = shutil.ignore_patterns("node_modules", "dist", "_site", "site", ".venv")
            shutil.copytree(files, folder, ignore=ignored)
        else:
            folder.mkdir(parents=True)
            write(folder, files)
        self.git(folder, "init", "--quiet", "--initial-branch=main")
        made = self.deck(folder, "init", "--name", name)
        return Site(self, folder, made["project"], made["detected"])


DECK = Path(sys.executable).with_name("deck")


def write(folder: Path, files: dict[str, str]) -> None:
    """Write text files below a folder."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


@dataclass
class Site:
    """A repository on somebody's computer and its project."""

    person: Person
    folder: Path
    project: Json
    detected: Json

    @property
    def cloud(self) -> Cloud:
        return self.person.cloud

    @property
    def api(self) -> Api:
        return self.cloud.api

    @property
    def id(self) -> str:
        return str(self.project["id"])

    @property
    def url(self) -> str:
        return str(self.project["url"])

    def deck(self, *arguments: str, given: str = "", code: int = 0) -> Any:
        return self.person.deck(self.folder, *arguments, given=given, code=code)

    def git(self, *arguments: str) -> str:
        return self.person.git(self.folder, *arguments)

    def commit(self, files: dict[str, str] | None = None, message: str = "Change") -> str:
        """Commit everything; returns the commit."""
        write(self.folder, files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def push(self, branch: str = "main") -> Json:
        """`git push clouddeck`; returns the deployment it leads to."""
        self.git("push", "--quiet", "clouddeck", f"HEAD:refs/heads/{branch}")
        return self.api.of_commit(self.id, self.git("rev-parse", "HEAD"))

    def publish(self, files: dict[str, str] | None = None, branch: str = "main") -> Json:
        """Commit, push, and wait until it is ready."""
        self.commit(files)
        return self.api.ready(self.push(branch)["id"])

    def page(self, path: str = "/", url: str = "", **headers: str) -> Answer:
        return self.cloud.page(url or self.url, path, **headers)

    def shows(self, text: str, path: str = "/") -> bool:
        """Whether the live site has a page with this text."""
        answer = self.page(path)
        return answer.status == 200 and text in answer.text
