"""`python -m adapters.local.demo`: from nothing to a live site, the way a person would do it.

Starts the embedded cloud unless it runs, makes an account, a key and a project through the API,
pushes `examples/vite-react` with plain git, follows the build and asks for the page. `--stay`
then waits for Ctrl-C; without it the exit code says whether the page was there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from adapters.local.control import down
from adapters.local.lock import holder
from adapters.local.owner import credentials_file, owner
from adapters.local.settings import ROOT, Installation, Refusal, installation, write_private
from adapters.local.up import up

EXAMPLE = "vite-react"
EMAIL = "owner@localhost"
BUILD_SECONDS = 600
ENDS = {"ready", "failed", "cancelled", "superseded"}


class Api:
    """The few calls the demonstration makes."""

    def __init__(self, url: str, token: str = "") -> None:
        self._host = urlsplit(url).netloc
        self.token = token

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call; raises Refusal with what the API said when it is not a success."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = HTTPConnection(self._host, timeout=30)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, "/v1" + path, content, headers)
            answer = connection.getresponse()
            document: dict[str, Any] = json.loads(answer.read() or b"{}")
        finally:
            connection.close()
        if answer.status >= 400:
            raise Refusal(f"{method} {path} -> {answer.status}: {document.get('detail', '')}")
        return document


@dataclass(frozen=True)
class Site:
    """The demonstration's project and who may push to it."""

    api: Api
    project: dict[str, Any]


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration; 0 when the page is live."""
    parser = argparse.ArgumentParser(prog="python -m adapters.local.demo", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="stay up until Ctrl-C")
    parser.add_argument("--home", help="data folder")
    parser.add_argument("--port", type=int, help="first of five ports")
    given = parser.parse_args(argv)
    here = installation(given.home, given.port)
    began = time.monotonic()
    try:
        started = _ensure_running(here)
        try:
            live = _demonstrate(here, began)
            if given.stay and started:
                _stay(here)
        finally:
            if started:
                down(here)
    except Refusal as refusal:
        print(f"clouddeck: {refusal}", file=sys.stderr)
        return 1
    return 0 if live else 1


def _ensure_running(here: Installation) -> bool:
    """Whether it had to be started."""
    if holder(here.home) is not None:
        print(f"CloudDeck is running: {here.api_url}")
        return False
    up(here, detach=True)
    return True


def _demonstrate(here: Installation, began: float) -> bool:
    site = _site(here)
    _step(began, f"project {site.project['slug']}: {site.project['git_url']}")
    commit = _push(site, ROOT / "examples" / EXAMPLE)
    _step(began, f"pushed {commit[:7]}")
    deployment = _follow(site, _deployment_of(site, commit))
    if deployment["state"] != "ready":
        error = deployment.get("error") or {}
        print(f"\n{deployment['state']}: {error.get('message', '')} {error.get('hint', '')}")
        return False
    live = _page_is_live(here, site.project["url"])
    _step(began, f"live: {site.project['url']}" if live else "the page does not answer")
    return live


def _site(here: Installation) -> Site:
    """The project, made on the first run, and an API that may change it."""
    api = Api(here.url("gateway"), _key(here))
    found = api.call("GET", "/projects?limit=100")["items"]
    for project in found:
        if project["slug"] == EXAMPLE:
            return Site(api, project)
    return Site(api, api.call("POST", "/projects", {"name": EXAMPLE, "slug": EXAMPLE}))


def _key(here: Installation) -> str:
    """An API key of the owner, kept beside the password."""
    kept = owner(here, EMAIL)
    key = str(kept.get("api_key", ""))
    api = Api(here.url("gateway"), key)
    if key:
        with contextlib.suppress(Refusal):
            api.call("GET", "/me")
            return key
    login = {"email": kept["email"], "password": kept["password"]}
    api.token = str(api.call("POST", "/auth/login", login)["access_token"])
    kept["api_key"] = str(api.call("POST", "/keys", {"name": "demo"})["secret"])
    write_private(credentials_file(here), json.dumps(kept, indent=1) + "\n")
    return str(kept["api_key"])


def _push(site: Site, example: Path) -> str:
    """Commit a copy of the example and push it with plain git; returns the commit."""
    with tempfile.TemporaryDirectory(prefix="clouddeck-demo-") as temporary:
        folder = Path(temporary) / example.name
        ignored = shutil.ignore_patterns("node_modules", "dist")
        shutil.copytree(example, folder, ignore=ignored)
        remote = site.project["git_url"].replace("://", f"://owner:{quote(site.api.token)}@", 1)
        _git(folder, "init", "--quiet", "--initial-branch=main")
        _git(folder, "add", "--all")
        moment = time.strftime("%H:%M:%S")
        _git(folder, "commit", "--quiet", "--message", f"Demonstration at {moment}")
        _git(folder, "push", "--quiet", "--force", remote, "HEAD:refs/heads/main")
        return _git(folder, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    who = {"GIT_AUTHOR_NAME": "Demo", "GIT_AUTHOR_EMAIL": EMAIL}
    who |= {"GIT_COMMITTER_NAME": "Demo", "GIT_COMMITTER_EMAIL": EMAIL}
    environment = {**os.environ, **who, "GIT_TERMINAL_PROMPT": "0", "no_proxy": "localhost"}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refusal(f"git {arguments[0]} failed: {done.stdout.strip()[-300:]}")
    if arguments[0] == "push":
        print(done.stdout, end="")
    return done.stdout.strip()


def _deployment_of(site: Site, commit: str) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        listed = site.api.call("GET", f"/projects/{site.project['id']}/deployments?limit=10")
        for deployment in listed["items"]:
            if deployment["commit"] == commit:
                return str(deployment["id"])
        time.sleep(0.1)
    raise Refusal("The push did not lead to a deployment within 90 s.")


def _follow(site: Site, deployment_id: str) -> dict[str, Any]:
    """Print states and log lines until the deployment has ended; returns it."""
    after, state = 0, ""
    deadline = time.monotonic() + BUILD_SECONDS
    while time.monotonic() < deadline:
        deployment = site.api.call("GET", f"/deployments/{deployment_id}")
        if deployment["state"] != state:
            state = deployment["state"]
            print(f"-- {state}", flush=True)
        for line in _lines(site.api, deployment_id, after):
            print(f"   {line['text']}", flush=True)
            after = int(line["n"])
        if state in ENDS:
            return deployment
        time.sleep(0.15)
    raise Refusal(f"The build did not end within {BUILD_SECONDS} s.")


def _lines(api: Api, deployment: str, after: int) -> Iterator[dict[str, Any]]:
    while True:
        page = api.call("GET", f"/deployments/{deployment}/logs?after={after}&limit=1000")
        yield from page["lines"]
        if not page["lines"]:
            return
        after = int(page["next"])


def _page_is_live(here: Installation, url: str) -> bool:
    """Ask the edge for the page; by address, because not every system knows *.localhost."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", here.ports["edge"], timeout=10)
        try:
            connection.request("GET", "/", headers={"Host": urlsplit(url).netloc})
            answer = connection.getresponse()
            if answer.status == 200 and b"<" in answer.read():
                return True
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    return False


def _step(began: float, text: str) -> None:
    print(f"[{time.monotonic() - began:5.1f} s] {text}", flush=True)


def _stay(here: Installation) -> None:
    """Wait for Ctrl-C, or until somebody else stops it."""
    print(f"\n  Account and API key: {credentials_file(here)}")
    print("  Try: .venv/bin/deck login, then .venv/bin/deck init in a folder of yours")
    print("  It stays up until Ctrl-C.", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        while holder(here.home) is not None:
            time.sleep(0.5)
    print()


if __name__ == "__main__":
    sys.exit(main())
